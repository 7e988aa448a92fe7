"""Finding instruments in either language, by page and by program: the same set, said when it cannot be meant."""

from __future__ import annotations

import base64
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from accounts.states import Audience
from instruments.services import enter_instrument, forget_aliases, load_aliases
from instruments.states import BookedWhere, FacilityDuty, Status
from tests.factories import category_of, instrument, laboratory, university

API = "/api/v1/instruments/"


@pytest.fixture
def spectroscopy():
    return category_of(scheme="jishi", code="03", name_zh="光谱仪器", name_en="Spectroscopy")


@pytest.fixture
def city(db, spectroscopy):
    """Two universities, four instruments, and the starter list of words that mean the same."""
    load_aliases()  # a test that empties the tables takes the migration's with it
    forget_aliases()
    east = laboratory(university(), "east")
    west = laboratory(university(name_zh="西海大学", name_en="West Sea University"), "west")
    enter_instrument(
        east, slug="fe-sem", name_zh="场发射扫描电子显微镜", name_en="Field-emission SEM", model="SU8220",
        keywords=["断口"], techniques=["SEM", "EDS"], sharing=[Audience.INTERNAL, Audience.FIRMS],
    )  # fmt: skip
    enter_instrument(
        west, slug="w-sem", name_zh="钨灯丝扫描电镜", name_en="Tungsten SEM", techniques=["SEM"], fit_for_youth=True,
        sharing=[Audience.INDIVIDUALS],
    )  # fmt: skip
    enter_instrument(
        east, slug="raman", name_zh="拉曼光谱仪（785 nm）", name_en="Raman 100%_spectrometer", category=spectroscopy,
        booked_where=BookedWhere.ENQUIRY, sharing=[Audience.FIRMS],
    )  # fmt: skip
    enter_instrument(
        west, slug="basin", name_zh="波浪水池", name_en="", booked_where=BookedWhere.OWNER,
        booked_url="https://owner.example/",
    )  # fmt: skip
    return {"east": east, "west": west}


def by_page(browse, before="", **words):
    return {each.slug for each in browse().get(f"{before}/instruments/", words).context["page"]}


def by_api(call, **words):
    return {each["slug"] for each in call().get(API, words).json()["results"]}


@pytest.mark.parametrize(
    ("words", "slugs"),
    [
        ("扫描", {"fe-sem", "w-sem"}),
        ("电镜", {"fe-sem", "w-sem"}),
        ("emission field", {"fe-sem"}),
        ("FIELD Emission", {"fe-sem"}),
        ("ＳＥＭ", {"fe-sem", "w-sem"}),
        ("ｓｕ８２２０", {"fe-sem"}),
        ("断口", {"fe-sem", "w-sem"}),
        ("扫描 tungsten", {"w-sem"}),
        ("西海　电镜", {"w-sem"}),
        ("west sea", {"w-sem", "basin"}),
        ("波浪水池", {"basin"}),
        ("光谱仪器", {"raman"}),
        ("(785", {"raman"}),
        ("100%_", {"raman"}),
        ("%", {"raman"}),
        ("\\", set()),
        ("' OR 1=1 --", set()),
        ("  ", {"fe-sem", "w-sem", "raman", "basin"}),
    ],
)
def test_words_are_found_in_any_order_width_and_case_on_both_pages_and_by_api(browse, call, city, words, slugs):
    assert by_page(browse, q=words) == by_page(browse, "/en", q=words) == by_api(call, q=words) == slugs


@pytest.mark.parametrize(
    ("chosen", "slugs"),
    [
        ({"category": "03"}, {"raman"}),
        ({"technique": "EDS"}, {"fe-sem"}),
        ({"technique": "SEM"}, {"fe-sem", "w-sem"}),
        ({"sharing": "firms"}, {"fe-sem", "raman"}),
        ({"youth": "true"}, {"w-sem"}),
        ({"youth": "false"}, {"fe-sem", "raman", "basin"}),
        ({"booked_where": "owner"}, {"basin"}),
        ({"sharing": "firms", "booked_where": "here"}, {"fe-sem"}),
        ({"q": "sem", "sharing": "individuals"}, {"w-sem"}),
    ],
)
def test_filters_of_page_and_api_leave_the_same(browse, call, city, chosen, slugs):
    assert by_page(browse, **chosen) == by_api(call, **chosen) == slugs


def test_instruments_of_one_organisation(browse, call, city):
    chosen = {"organisation": str(city["west"].organisation_id)}

    assert by_page(browse, **chosen) == by_api(call, **chosen) == {"w-sem", "basin"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sharing", "martians"), ("category", "99"), ("youth", "maybe"), ("booked_where", "there"),
        ("organisation", "east"), ("organisation", "01900000-0000-7000-8000-000000000000"), ("q", "a\u0000b"),
        ("technique", "a\u0000"), ("category", "a\u0000"), ("q", "x" * 201),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_meant_is_said_beside_its_field(browse, call, city, name, value):
    by_program, on_page = call().get(API, {name: value}), browse().get("/instruments/", {name: value})

    assert by_program.status_code == 400
    assert [each["pointer"] for each in by_program.json()["errors"]] == [f"/{name}"]
    assert on_page.context["filter"].form.errors.keys() == {name}
    assert list(on_page.context["page"]) == []


def test_two_schemes_may_give_one_code_to_two_categories(browse, call, city, spectroscopy):
    category_of(scheme="gbt32847", code="03", name_zh="质谱仪器", name_en="Mass spectrometry")

    assert call().get(API, {"category": "03"}).status_code < 500
    assert browse().get("/instruments/", {"category": "03"}).status_code < 500


def test_a_renamed_instrument_is_found_by_its_new_name_alone(browse, city):
    enter_instrument(city["east"], slug="fe-sem", name_zh="透射电镜", name_en="TEM", techniques=[], keywords=[])

    assert by_page(browse, q="透射") == {"fe-sem"}
    assert by_page(browse, q="扫描") == {"w-sem"}


def test_what_is_retired_is_nowhere_for_others_and_everywhere_for_its_lab_admin(browse, call, sem, manager, stranger):
    enter_instrument(sem.facility, slug=sem.slug, status=Status.RETIRED)
    window = {"from": "2027-01-01T00:00:00Z", "to": "2027-01-02T00:00:00Z"}

    for who, expected in ((None, 404), (stranger, 404), (manager, 200)):
        caller = call(who)
        answers = [
            caller.get(f"{API}sem/"),
            caller.get(f"{API}sem/policy/"),
            caller.get(f"{API}sem/availability/", window),
        ]
        assert {each.status_code for each in answers} == {expected}
        found = {each["slug"] for each in caller.get(API).json()["results"]}
        shown = {each.slug for each in browse(who).get("/instruments/").context["page"]}
        assert found == shown == ({"sem"} if expected == 200 else set())


@pytest.mark.parametrize("duty", FacilityDuty.values)
def test_who_ran_a_laboratory_once_sees_its_retired_instruments_no_longer(browse, sem, stranger, duty):
    enter_instrument(sem.facility, slug=sem.slug, status=Status.RETIRED)
    role = stranger.facility_roles.create(facility=sem.facility, duty=duty)
    assert browse(stranger).get("/instruments/sem/").status_code == 200

    role.until = timezone.localdate() - timedelta(days=1)
    role.save()

    assert browse(stranger).get("/instruments/sem/").status_code == 404


def test_an_instrument_without_an_english_name_shows_its_chinese_one(browse, city):
    assert "波浪水池" in browse().get("/en/instruments/basin/").content.decode()
    assert "Field-emission SEM" in browse().get("/en/instruments/fe-sem/").content.decode()


def test_whatever_people_write_is_shown_and_not_run(browse, call, centre, researcher):
    bad = "<script>alert(1)</script>"
    texts = ["name_zh", "name_en", "summary_zh", "indicators_zh", "requirement_zh", "manufacturer", "model", "room"]
    question = {"key": "k", "kind": "text", "label_zh": bad, "label_en": bad}
    enter_instrument(
        centre, slug="bad", **dict.fromkeys(texts, bad), techniques=[bad], keywords=[bad], questions=[question],
        sharing=[Audience.INTERNAL],
    )  # fmt: skip

    for path in ("/", "/instruments/", "/instruments/bad/", f"/instruments/?q={bad}", "/instruments/bad/book/"):
        assert "<script>alert" not in browse(researcher).get(path).content.decode(), path
    by_program = call().get(f"{API}bad/")
    assert by_program.json()["name_zh"] == bad
    assert (by_program["Content-Type"], by_program["X-Content-Type-Options"]) == ("application/json", "nosniff")


def test_pages_of_the_api_hold_each_instrument_once(call, centre):
    for n in range(7):
        instrument(centre, f"sem-{n}")
    seen, query = [], {"limit": "3", "q": "sem"}

    while query:
        body = call().get(API, query).json()
        seen += [each["slug"] for each in body["results"]]
        query = {name: value[0] for name, value in parse_qs(urlsplit(body["next"] or "").query).items()}

    assert seen == [f"sem-{n}" for n in range(7)]


@pytest.mark.parametrize("listing", ["instruments", "facilities", "categories", "organisations", "bookings"])
def test_a_place_in_a_list_that_nobody_was_given_is_no_fault_of_ours(call, sem, manager, listing):
    caller = call(manager)

    for position in ("x", "p=x", "p=a\u0000", "p=2026-99-99", "r=1&p=\ud7ff", "o=-1", "o=99999999999999999999"):
        for cursor in (position, base64.b64encode(position.encode()).decode()):
            answer = caller.get(f"/api/v1/{listing}/", {"cursor": cursor})
            assert answer.status_code in {200, 400, 404}, position


def test_the_page_keeps_its_filters_when_it_is_turned(browse, centre):
    for n in range(25):
        instrument(centre, f"sem-{n}")

    first = browse().get("/instruments/", {"q": "sem", "sharing": "firms"})

    assert len(first.context["page"]) == 20
    assert "q=sem&amp;sharing=firms&amp;page=2" in first.content.decode()


def test_page_and_api_cost_the_same_at_10_and_at_30_instruments(browse, call, centre, statements):
    cost = {}
    browse().get("/instruments/", {"q": "sem"})  # the aliases are read once a minute
    for count in (10, 30):
        for n in range(count):
            instrument(centre, f"sem-{n}")
        with statements() as of_page:
            browse().get("/instruments/", {"q": "sem"})
        with statements() as of_api:
            assert len(call().get(API, {"limit": 100}).json()["results"]) == count
        cost[count] = (len(of_page), len(of_api))

    assert cost[10] == cost[30]
