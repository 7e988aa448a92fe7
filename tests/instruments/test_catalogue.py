"""Finding instruments: the page and the API ask the same filters."""

from __future__ import annotations

import pytest

from accounts.states import Audience
from common.errors import WrongInput
from instruments.services import enter_instrument
from instruments.states import Status
from tests.factories import instrument


@pytest.fixture
def nmr(centre):
    return enter_instrument(centre, slug="nmr", name_zh="固体核磁", name_en="Solid-state NMR", sharing=[Audience.FIRMS])


def found_by_page(browse, **words):
    page = browse().get("/instruments/", words)
    return {each.slug for each in page.context["page"]}


def found_by_api(call, **words):
    return {each["slug"] for each in call().get("/api/v1/instruments/", words).json()["results"]}


@pytest.mark.parametrize(
    ("words", "slugs"),
    [
        ({"q": "扫描电镜"}, {"sem"}),
        ({"q": "sem FIELD"}, {"sem"}),
        ({"q": "ｎｍｒ"}, {"nmr"}),
        ({"q": "分析测试中心 核磁"}, {"nmr"}),
        ({"q": "东海大学"}, {"sem", "nmr"}),
        ({"q": "x-ray"}, set()),
        ({"technique": "SEM"}, {"sem"}),
        ({"sharing": "firms"}, {"sem", "nmr"}),
        ({"sharing": "individuals"}, {"sem"}),
        ({"youth": "true"}, set()),
        ({}, {"sem", "nmr"}),
    ],
)
def test_page_and_api_find_the_same(browse, call, sem, nmr, words, slugs):
    assert found_by_page(browse, **words) == found_by_api(call, **words) == slugs


@pytest.mark.parametrize(
    "wrong", [{"sharing": "martians"}, {"category": "9999"}, {"q": "a\u0000b"}, {"youth": "maybe"}]
)
def test_a_value_that_no_filter_knows_is_said_and_not_ignored(browse, call, sem, wrong):
    assert call().get("/api/v1/instruments/", wrong).status_code == 400
    assert 'class="errors"' in browse().get("/instruments/", wrong).content.decode()


def test_what_is_retired_is_seen_by_those_who_run_it_alone(browse, call, sem, manager, researcher):
    enter_instrument(sem.facility, slug=sem.slug, status=Status.RETIRED)

    assert [browse(who).get("/instruments/sem/").status_code for who in (None, researcher, manager)] == [404, 404, 200]
    assert found_by_api(call) == set()


def test_names_are_shown_and_not_run(browse, centre):
    enter_instrument(centre, slug="bad", name_zh="<script>alert(1)</script>", sharing=["internal"])

    for path in ("/instruments/", "/instruments/bad/"):
        assert "<script>" not in browse().get(path).content.decode()


@pytest.mark.parametrize("count", [10, 30])
def test_the_catalogue_costs_the_same_however_long_it_is(browse, call, centre, count, statements):
    for n in range(count):
        instrument(centre, f"sem-{n}")

    with statements() as of_page:
        browse().get("/instruments/")
    with statements() as of_api:
        call().get("/api/v1/instruments/", {"limit": 100})

    assert len(of_page) <= 8, "\n".join(of_page)
    assert len(of_api) == 1, "\n".join(of_api)


@pytest.mark.parametrize(
    "questions",
    [
        [{"key": "a"}],
        [{"key": "a", "kind": "riddle", "label_zh": "a", "label_en": "a"}],
        [{"key": "a", "kind": "choice", "label_zh": "a", "label_en": "a"}],
        [{"key": "a", "kind": "text", "label_zh": "a", "label_en": "a"}] * 2,
    ],
)
def test_questions_of_a_wrong_shape_are_refused_where_they_are_entered(sem, questions):
    with pytest.raises(WrongInput):
        enter_instrument(sem.facility, slug="sem", questions=questions)
