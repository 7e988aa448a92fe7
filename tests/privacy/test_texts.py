"""Terms and privacy text: asked once for each version, on the next page."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.template.loader import get_template

from accounts.models import User
from privacy import adapters
from privacy.models import Acceptance
from privacy.services import texts
from privacy.states import CURRENT, VERSIONS
from tests.conftest import Caller
from tests.factories import person, token_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def newcomer(db):
    return person("newcomer", texts_accepted="")


def test_who_signs_in_first_agrees_before_anything_else_and_goes_on_where_they_were(browse, newcomer):
    browser = browse(newcomer)

    asked = browser.get("/account/?tab=1")
    assert (asked.status_code, asked["Location"]) == (302, "/agree/?next=%2Faccount%2F%3Ftab%3D1")
    assert "示例" in browser.get(asked["Location"]).content.decode()
    agreed = browser.post("/agree/", {"version": CURRENT, "next": "/account/?tab=1"})

    assert agreed["Location"] == "/account/?tab=1"
    given = Acceptance.objects.get(user=newcomer)
    assert (given.version, given.language) == (CURRENT, "zh-hans")
    assert browser.get("/account/").status_code == 200


def test_a_new_version_is_asked_for_on_the_next_page_and_the_old_answer_stays(browse, researcher, monkeypatch):
    browser = browse(researcher)
    browser.post("/agree/", {"version": CURRENT})
    assert browser.get("/account/").status_code == 200
    for module in (adapters, texts):
        monkeypatch.setattr(module, "CURRENT", "2099-01-01")

    assert browser.get("/account/").status_code == 302
    assert browser.post("/agree/", {"version": CURRENT}).status_code == 200  # the page that was open is too old
    browser.post("/agree/", {"version": "2099-01-01"})

    assert browser.get("/account/").status_code == 200
    assert list(Acceptance.objects.order_by("at").values_list("version", flat=True)) == [CURRENT, "2099-01-01"]


def test_who_does_not_agree_may_read_take_their_data_and_leave(browse, newcomer):
    browser = browse(newcomer)

    for open_page in ("/terms/", f"/terms/{CURRENT}/", "/privacy/", "/account/data/", "/agree/"):
        assert browser.get(open_page).status_code == 200, open_page
    assert browser.post("/accounts/logout/").status_code == 302


def test_programs_and_forms_on_their_way_are_not_stopped(browse, newcomer):
    token = token_for(newcomer)
    assert Caller().get("/api/v1/me/", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    assert browse(newcomer).post("/account/profile/", {"name": "New", "language": "zh-hans"}).status_code == 302
    assert User.objects.get(pk=newcomer.pk).name == "New"


def test_the_way_on_leads_nowhere_else(browse, newcomer):
    agreed = browse(newcomer).post("/agree/", {"version": CURRENT, "next": "https://example.org/"})

    assert agreed["Location"] == "/landing/"


def test_each_version_is_there_in_both_languages():
    for version in VERSIONS:
        for kind in ("terms", "privacy"):
            for language in ("zh", "en"):
                assert get_template(f"privacy/texts/{version}/{kind}.{language}.html")
    assert settings.MIDDLEWARE.count("privacy.adapters.AskToAgree") == 1
