"""The pages, as a person walks through them, in both languages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.states import Role
from bookings.models import Booking
from bookings.services import set_hours, set_policy
from bookings.states import State
from instruments.services import enter_instrument, entrust
from instruments.states import FacilityDuty
from notifications.models import Mail
from records.models import DEMO, Mark
from tests.factories import AROUND_THE_CLOCK, booked, fresh_key, laboratory, member

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
PUBLIC = ["/", "/en/", "/instruments/", "/en/instruments/", "/instruments/sem/", "/en/instruments/sem/"]


def filled(nine, hours=1, **more):
    end = nine + hours * HOUR
    times = {"day": f"{nine:%Y-%m-%d}", "start": f"{nine:%H:%M}", "end": f"{end:%H:%M}"}
    return {**times, "purpose": "research", "key": fresh_key(), **more}


@pytest.mark.parametrize("path", [*PUBLIC, "/accounts/login/", "/en/accounts/signup/"])
def test_a_visitor_sees_the_public_pages_guarded_and_in_the_language_of_the_address(browse, sem, path):
    response = browse().get(path)

    assert response.status_code == 200
    assert ('<html lang="en">' in response.content.decode()) == path.startswith("/en/")
    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    ("language", "before", "too_long", "waiting", "told"),
    [
        ("zh-hans", "", "最长预约 2 小时，您申请了 3 小时。", "待审核", "您的场发射扫描电镜预约已通过"),
        (
            "en",
            "/en",
            "Longest booking 2 h; you asked for 3 h.",
            "waiting for approval",
            "Your booking of Field-emission SEM is",
        ),
    ],
)
def test_the_path_from_the_form_to_the_confirmation(
    browse, university, manager, sem, nine, language, before, too_long, waiting, told
):
    set_policy(sem, longest_minutes=120)
    reader = member("reader", university, language=language)
    page, form = browse(reader), f"{before}/instruments/sem/book/"

    shown = page.get(form, {"start": f"{nine:%Y-%m-%dT%H:%M}"})
    refused = page.post(form, filled(nine, hours=3))
    sent = page.post(form, filled(nine, hours=2))
    waits = page.get(sent["Location"])
    wish = Booking.objects.get()
    inbox = browse(manager).get("/inbox/").content.decode()
    browse(manager).post(f"/bookings/{wish.pk}/confirm/")

    assert 'value="09:00"' in shown.content.decode()
    assert (refused.status_code, too_long in refused.content.decode()) == (400, True)
    assert 'value="12:00"' in refused.content.decode()  # what was typed is still there
    assert waiting in waits.content.decode()
    assert "reader" in inbox
    assert told in Mail.objects.get(reader=reader).subject
    wish.refresh_from_db()
    assert wish.state == State.CONFIRMED


def test_a_taken_slot_offers_the_nearest_free_times_and_one_press_books_one(browse, researcher, labmate, sem, nine):
    booked(sem, at=nine, by=labmate)
    page, form = browse(researcher), filled(nine, title="断口")

    answer = page.post("/instruments/sem/book/", form).content.decode()
    slot = f"{nine + HOUR:%Y-%m-%dT%H:%M}/{nine + 2 * HOUR:%Y-%m-%dT%H:%M}"
    page.post("/instruments/sem/book/", form | {"slot": slot})

    assert "该时段已被占用" in answer
    assert f'value="{slot}"' in answer
    assert "labmate" not in answer
    taken = Booking.objects.get(user=researcher)
    assert (taken.starts_at, taken.title) == (nine + HOUR, "断口")


def test_a_form_sent_twice_books_once(browse, researcher, sem, nine):
    page, form = browse(researcher), filled(nine)

    first, second = (page.post("/instruments/sem/book/", form) for _ in range(2))

    assert first["Location"] == second["Location"]
    assert Booking.objects.count() == 1


def test_a_booking_may_end_at_midnight(browse, researcher, sem, nine):
    set_hours(sem, AROUND_THE_CLOCK)
    evening = nine.replace(hour=23)

    browse(researcher).post("/instruments/sem/book/", filled(evening, end="00:00"))

    assert Booking.objects.get().ends_at == evening + HOUR


def test_a_decline_without_a_reason_changes_nothing_and_says_so(browse, researcher, manager, sem, nine):
    wish = booked(sem, at=nine, by=researcher, state=State.REQUESTED)
    page = browse(manager)

    page.post(f"/bookings/{wish.pk}/decline/", {"reason": "  "})

    assert "请填写理由" in page.get("/inbox/").content.decode()
    wish.refresh_from_db()
    assert wish.state == State.REQUESTED


def test_a_week_shows_what_is_held_and_names_nobody_to_strangers(browse, stranger, researcher, manager, sem, nine):
    booked(sem, at=nine, by=researcher)
    week = {"week": f"{nine:%Y-%m-%d}"}

    seen = {who: browse(who).get("/instruments/sem/", week).content.decode() for who in (stranger, researcher, manager)}

    assert "09:00–10:00" in seen[stranger]
    assert "researcher" not in seen[stranger]
    assert 'class="cell mine"' in seen[researcher]
    assert "researcher" in seen[manager]


@pytest.mark.parametrize("week", ["nonsense", "2026-13-40", "0001-01-01", "9999-12-31", "2026-11-23\u0000"])
def test_a_week_that_is_none_or_far_away_is_no_fault_of_ours(browse, sem, week):
    assert browse().get("/instruments/sem/", {"week": week}).status_code in {200, 404}


@pytest.mark.parametrize(("bookings", "cost"), [(0, 21), (1, 22), (30, 22)])
def test_an_instruments_page_costs_the_same_however_much_is_booked(
    browse, researcher, manager, sem, nine, bookings, cost, statements
):
    for n in range(bookings):
        booked(sem, at=nine + n * HOUR / 4, by=researcher, hours=0.25)
    page = browse(manager)

    with statements() as counted:
        assert page.get("/instruments/sem/", {"week": f"{nine:%Y-%m-%d}"}).status_code == 200

    assert len(counted) == cost, "\n".join(counted)  # one more looks which bookings may be opened


def test_demo_mail_is_shown_in_a_demo_only_and_not_where_mail_really_leaves(browse, db, settings):
    settings.EMAIL_URL = ""
    assert browse().get("/demo/mail/").status_code == 404
    Mark.objects.create(name=DEMO)
    assert browse().get("/demo/mail/").status_code == 200
    settings.EMAIL_URL = "smtp://mail.example"
    assert browse().get("/demo/mail/").status_code == 404


def test_the_landing_leads_to_what_waits(browse, researcher, manager, stranger, sem, nine):
    booked(sem, at=nine, by=researcher, state=State.REQUESTED)

    there = [browse(who).get("/landing/")["Location"] for who in (manager, researcher, stranger)]

    assert there == ["/inbox/", "/bookings/", "/"]


def test_who_runs_a_laboratory_lands_on_its_day_and_who_keeps_records_on_these(browse, university, centre, manager):
    keeper = member("keeper", university, Role.ADMIN)
    assert browse(keeper).get("/landing/")["Location"] == "/registry/"
    assert browse(manager).get("/landing/")["Location"] == f"/lab/{centre.slug}/today/"

    entrust(laboratory(university, "west"), to=manager, duty=FacilityDuty.OPERATOR)
    assert browse(manager).get("/landing/")["Location"] == "/lab/"


def test_the_api_is_documented_without_foreign_hosts(browse, db):
    page = browse().get("/api/v1/docs/").content.decode()

    assert "https://" not in page
    assert "<style" not in page  # which the content security policy would refuse
    assert browse().get("/api/v1/schema/").status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [{"day": "0001-01-01"}, {"day": "9999-12-31"}, {"end_day": "9999-12-31"}, {"day": "31.12."}, {"start": "25:00"}],
)
def test_a_day_that_cannot_be_meant_is_said_beside_its_field(browse, researcher, sem, nine, wrong):
    answer = browse(researcher).post("/instruments/sem/book/", filled(nine) | wrong)

    assert (answer.status_code, next(iter(wrong)) in answer.context["form"].errors) == (400, True)
    assert not Booking.objects.exists()


def test_what_the_form_and_what_the_rules_object_to_is_said_at_once(browse, researcher, sem, nine):
    past = nine.replace(year=2020)

    answer = browse(researcher).post("/instruments/sem/book/", filled(past, title="x" * 121))

    assert {"title", "start"} <= set(answer.context["form"].errors)


def test_zero_is_an_answer(browse, researcher, sem, nine):
    count = {"key": "count", "kind": "number", "label_zh": "数量", "label_en": "Count", "required": True}
    enter_instrument(sem.facility, slug="sem", questions=[count])

    browse(researcher).post("/instruments/sem/book/", filled(nine, answer_count="0"))

    assert Booking.objects.get().answers[0]["answer_zh"] == "0"


def test_a_form_sent_again_with_other_entries_does_not_pretend_to_have_booked(browse, researcher, sem, nine):
    page, form = browse(researcher), filled(nine)
    page.post("/instruments/sem/book/", form)

    page.post("/instruments/sem/book/", form | {"title": "other"})

    assert "内容与本次不同" in page.get("/bookings/").content.decode()
    assert Booking.objects.count() == 1


@pytest.mark.parametrize("there", ["foo", "account", "", "\u0000", "mailto:x@example.org"])
def test_an_address_that_is_none_leads_home(browse, db, there):
    assert browse().post("/language/", {"language": "en", "next": there})["Location"] == "/en/"


def test_letters_that_grow_when_composed_are_no_fault_of_ours(browse, researcher, sem, nine):
    browse(researcher).post("/instruments/sem/book/", filled(nine, title="\u0958" * 120))

    assert len(Booking.objects.get().title) == 120


def test_pages_answer_head(browse, sem):
    assert {browse().head(path).status_code for path in ("/", "/instruments/sem/", "/health/live")} == {200}
