"""A laboratory keeps its own records: what is typed is judged at its field, stays, and leaves a line of history."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import ResearchGroup
from accounts.states import Role
from instruments.models import FacilityEvent, Instrument
from instruments.services import enter_instrument, history_of
from tests.factories import laboratory, member, university

RECORD = {
    "name_zh": "场发射扫描电镜", "name_en": "Field-emission SEM", "kind": "instrument", "status": "open",
    "booked_where": "here", "sharing": ["internal"], "techniques": "SEM, EDS",
}  # fmt: skip


def rows(prefix: str, *values: dict[str, Any], initial: int = 0) -> dict[str, Any]:
    """What a browser sends for some rows."""
    sent = {f"{prefix}-TOTAL_FORMS": len(values), f"{prefix}-INITIAL_FORMS": initial}
    for number, row in enumerate(values):
        sent |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return sent


def filled(version: int, /, **more: Any) -> dict[str, Any]:
    return {**RECORD, "version": version, **rows("spec"), **rows("q"), **more}


def errors_of(response: Any) -> set[str]:
    return set(response.context["sheet"].form.errors)


@pytest.fixture
def admin(university):
    return member("institution", university, Role.ADMIN)


def test_a_saved_record_is_found_and_its_history_says_who_changed_what(browse, manager, sem):
    page = browse(manager)

    saved = page.post(
        "/instruments/sem/edit/", filled(sem.version, model="Q-77", country="日本", keywords="断口；形貌")
    )

    sem.refresh_from_db()
    assert saved.status_code == 302, saved.context["sheet"].form.errors
    assert (sem.model, sem.country, sem.keywords, sem.techniques) == ("Q-77", "JP", ["断口", "形貌"], ["SEM", "EDS"])
    assert [each.slug for each in browse().get("/instruments/", {"q": "Q-77"}).context["page"]] == ["sem"]
    newest = history_of(sem)[0]
    assert newest.by == "manager"
    assert ("规格型号", "", "Q-77") in newest.values
    assert "Q-77" in page.get("/instruments/sem/record-history/").content.decode()


def test_a_data_sheet_is_entered_in_rows_reordered_and_taken_away(browse, manager, sem):
    page = browse(manager)
    first, second = (
        {"name_zh": "分辨率", "value": "0.8", "unit": "nm"},
        {"name_zh": "电压", "value": "30", "unit": "kV"},
    )

    page.post("/instruments/sem/edit/", filled(1, **rows("spec", {**first, "ORDER": 1}, {**second, "ORDER": 2}, {})))
    entered = [str(each) for each in sem.specifications.all()]
    page.post(
        "/instruments/sem/edit/", filled(2, **rows("spec", {**first, "ORDER": 2}, {**second, "ORDER": 1}, initial=2))
    )
    turned = [str(each) for each in sem.specifications.all()]
    gone = rows("spec", {**second, "ORDER": 1}, {**first, "ORDER": 2, "DELETE": "on"}, initial=2)
    page.post("/instruments/sem/edit/", filled(3, **gone))

    assert entered == ["分辨率 0.8 nm", "电压 30 kV"]
    assert turned == ["电压 30 kV", "分辨率 0.8 nm"]
    assert [str(each) for each in sem.specifications.all()] == ["电压 30 kV"]
    assert any(name == "Value" or "30" in after for each in history_of(sem) for name, _before, after in each.values)


def test_typed_questions_are_entered_and_asked(browse, manager, researcher, sem):
    asked = [
        {"key_": "form", "kind": "choice", "label_zh": "形态", "choices": "p | 粉末 | powder\n块体", "required": "on"},
        {"key_": "safe", "kind": "declaration", "label_zh": "安全声明", "help_zh": "无毒"},
        {"kind": "text"},
    ]

    saved = browse(manager).post("/instruments/sem/edit/", filled(1, **rows("q", *asked)))
    shown = browse(researcher).get("/instruments/sem/book/").content.decode()

    sem.refresh_from_db()
    assert saved.status_code == 302
    assert [each["key"] for each in sem.questions] == ["form", "safe"]
    assert sem.questions[0]["choices"][1] == {"value": "块体", "label_zh": "块体", "label_en": "块体"}
    assert 'name="answer_form"' in shown
    assert "无毒" in shown


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"kind": "text", "label_zh": "无键"}, "key_"),
        ({"key_": "A B", "kind": "text", "label_zh": "x"}, "key_"),
        ({"key_": "a", "kind": "choice", "label_zh": "x"}, "choices"),
        ({"key_": "a", "kind": "choice", "label_zh": "x", "choices": "a|b|c|d"}, "choices"),
        ({"key_": "a", "kind": "declaration", "label_zh": "x"}, "help_zh"),
        ({"key_": "a", "kind": "riddle", "label_zh": "x"}, "kind"),
        ({"key_": "a", "kind": "text", "label_zh": "长" * 10_000}, "label_zh"),
        ({"key_": "a", "kind": "text", "label_zh": "a\x00b"}, "label_zh"),
    ],
)
def test_a_question_that_cannot_be_asked_is_said_at_its_row(browse, manager, sem, row, field):
    refused = browse(manager).post("/instruments/sem/edit/", filled(1, model="Q-77", **rows("q", row)))

    sem.refresh_from_db()
    assert refused.status_code == 400
    assert field in refused.context["sheet"].rows["questions"][0].errors
    assert (sem.version, sem.questions) == (1, [])
    assert "Q-77" in refused.content.decode()


def test_two_questions_of_one_key_are_refused(browse, manager, sem):
    same = {"key_": "a", "kind": "text", "label_zh": "x"}

    refused = browse(manager).post("/instruments/sem/edit/", filled(1, **rows("q", same, same)))

    assert refused.status_code == 400
    assert refused.context["sheet"].rows["questions"].non_form_errors()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"commissioned_on": "0001-01-01"}, "commissioned_on"),
        ({"commissioned_on": "9999-12-31"}, "commissioned_on"),
        ({"commissioned_on": "2024-05-01", "decommissioned_on": "2020-05-01"}, "decommissioned_on"),
        ({"original_value": "-1"}, "original_value"),
        ({"original_value": "1e400"}, "original_value"),
        ({"fit_for_youth": "on", "youth_age_from": "99"}, "youth_age_from"),
        ({"youth_use": "operate"}, "youth_use"),
        ({"booked_where": "owner"}, "booked_url"),
        ({"booked_where": "owner", "booked_url": "javascript:alert(1)"}, "booked_url"),
        ({"booked_url": "ftp://example.org/"}, "booked_url"),
        ({"name_zh": "a\x00b"}, "name_zh"),
        ({"name_zh": "长" * 10_000}, "name_zh"),
        ({"name_zh": " "}, "name_zh"),
        ({"country": "Atlantis"}, "country"),
        ({"keywords": "长" * 61}, "keywords"),
        ({"keywords": ",".join(str(n) for n in range(99))}, "keywords"),
        ({"summary_zh": "长" * 20_001}, "summary_zh"),
        ({"status": "retired"}, "status"),
        ({"sharing": ["martians"]}, "sharing"),
        ({"category": "77"}, "category"),
        ({"version": "-1"}, "version"),
        ({"version": "x"}, "version"),
        ({"version": "9" * 40}, "version"),
    ],
)
def test_what_a_field_does_not_allow_is_said_beside_it_and_what_was_typed_stays(browse, manager, sem, given, field):
    refused = browse(manager).post("/instruments/sem/edit/", filled(1, **{"room": "B-417", **given}))

    sem.refresh_from_db()
    assert refused.status_code == 400
    assert field in errors_of(refused)
    assert 'value="B-417"' in refused.content.decode()
    assert sem.version == 1


def test_an_edit_from_an_older_version_is_refused_with_what_changed_and_nothing_is_lost(browse, manager, admin, sem):
    early, late = browse(manager), browse(admin)
    late.post("/instruments/sem/edit/", filled(1, model="NEW-1"))

    refused = early.post("/instruments/sem/edit/", filled(1, room="B-417"))
    shown = refused.content.decode()
    again = early.post("/instruments/sem/edit/", filled(2, room="B-417", model="NEW-1"))

    sem.refresh_from_db()
    assert refused.status_code == 400
    assert "NEW-1" in shown  # what the other one changed
    assert "institution" in shown
    assert 'value="B-417"' in shown
    assert 'name="version" value="2"' in shown
    assert again.status_code == 302
    assert (sem.model, sem.room) == ("NEW-1", "B-417")


def test_a_number_that_another_record_has_is_said_at_the_field(browse, manager, sem, centre):
    enter_instrument(centre, slug="xrd", name_zh="衍射仪", inner_number="A-1")

    refused = browse(manager).post("/instruments/sem/edit/", filled(1, inner_number="A-1"))

    assert errors_of(refused) == {"inner_number"}


def test_a_new_instrument_gets_an_address_of_its_own(browse, manager, sem, centre):
    page = browse(manager)

    for _time in range(2):
        made = page.post("/lab/centre/instruments/new/", filled(0))
        assert made.status_code == 302, made.context["sheet"].form.errors
    nameless = page.post("/lab/centre/instruments/new/", filled(0, name_en=""))

    assert nameless.status_code == 302
    slugs = set(Instrument.objects.values_list("slug", flat=True))
    assert slugs == {"sem", "field-emission-sem", "field-emission-sem-2", "centre"}


def test_a_record_moves_inside_its_institution_and_never_out_of_it(browse, admin, manager, university, sem):
    laboratory(university, "second")
    west = laboratory(globals()["university"](name_zh="西海大学"), "west")

    moved = browse(admin).post("/instruments/sem/edit/", filled(1, facility="second"))
    out = browse(admin).post("/instruments/sem/edit/", filled(2, facility="west"))
    by_manager = browse(manager).post("/instruments/sem/edit/", filled(2, facility="centre"))

    sem.refresh_from_db()
    assert moved.status_code == 302
    assert "facility" in errors_of(out)
    assert by_manager.status_code == 403  # it is the second laboratory's now
    assert sem.facility.slug == "second"
    assert not west.instruments.exists()


def test_a_group_of_another_institution_cannot_be_chosen(browse, manager, researcher, sem):
    west = university(name_zh="西海大学")
    group = ResearchGroup.objects.create(organisation=west, pi=researcher, name_zh="课题组")

    refused = browse(manager).post("/instruments/sem/edit/", filled(1, research_group=str(group.pk)))

    assert errors_of(refused) == {"research_group"}


def test_how_a_laboratory_is_reached_is_entered_shown_and_kept_in_its_history(browse, manager, centre, sem):
    page = browse(manager)
    wrong = page.post("/lab/centre/contact/", {"website": "javascript:alert(1)", "contact_email": "x"})
    right = page.post("/lab/centre/contact/", {"contact_name": "值班室", "website": "https://example.org/"})

    assert set(wrong.context["form"].errors) == {"website", "contact_email"}
    assert right.status_code == 302
    assert FacilityEvent.objects.filter(contact_name="值班室").exists()
    assert "值班室" in page.get("/lab/centre/contact/").content.decode()


def test_the_list_of_records_says_how_each_stands_and_one_press_confirms(browse, manager, sem, centre):
    page = browse(manager)

    before = page.get("/lab/centre/records/").content.decode()
    page.post("/instruments/sem/confirm-record/")
    after = page.get("/lab/centre/records/").content.decode()

    sem.refresh_from_db()
    assert "从未核对" in before or "未核对" in before
    assert sem.confirmed_by == manager
    assert before != after


@pytest.mark.parametrize("count", [2, 30])
def test_the_list_of_records_costs_the_same_however_long_it_is(browse, manager, centre, statements, count):
    for n in range(count):
        enter_instrument(centre, slug=f"i{n}", name_zh="x")
    page = browse(manager)

    with statements() as counted:
        page.get("/lab/centre/records/")

    assert len(counted) <= 18, "\n".join(counted)


def test_odd_values_in_any_field_are_no_fault_of_ours(browse, manager, sem):
    page = browse(manager)
    names = [
        *page.get("/instruments/sem/edit/").context["sheet"].form.fields,
        "spec-TOTAL_FORMS",
        "q-0-ORDER",
        "q-0-key_",
    ]

    odd_values = ("\x00", "-1", "9" * 400, "💥", "x" * 30_000, "9999-12-31", "0001-01-01")
    for n, name in enumerate(names):  # three of seven for each; every kind of field meets them all
        for odd in (odd_values * 2)[n % 7 : n % 7 + 3]:
            answered = page.post(
                "/instruments/sem/edit/", filled(sem.version, **{**rows("q", {"kind": "text"}), name: odd})
            )
            assert answered.status_code in {200, 302, 400}, (name, odd)
            sem.refresh_from_db()
