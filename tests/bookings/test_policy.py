"""Rules by facility, instrument and customer category; quotas; days that differ; what staff may set aside."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import HolidayYear, OrganisationDay
from accounts.states import CustomerCategory
from bookings.availability import WeeklyHours
from bookings.models import Booking
from bookings.rules.presets import PRESETS
from bookings.services import (
    apply_preset,
    close,
    copy_policy,
    day_of_many,
    first_free,
    for_a_day,
    set_exception,
    set_hours,
    set_policy,
    set_quotas,
    terms_for,
)
from bookings.states import State
from common.interval import Interval
from instruments.models import Instrument
from notifications.models import Mail
from tests.factories import EVERY_DAY, booked, category_of, firm, instrument, member

HOUR = timedelta(hours=1)
DALIAN = ZoneInfo("Asia/Shanghai")


def wish(on, start, hours=1, **more):
    return {"instrument": on.slug, "start": start.isoformat(), "end": (start + hours * HOUR).isoformat(), **more}


def ask(client, on, start, hours=1, **more):
    return client.post("/api/v1/bookings/", wish(on, start, hours, **more))


def codes(response):
    return [each["code"] for each in response.json()["objections"]]


def test_an_instrument_inherits_each_field_by_itself(centre, sem):
    set_policy(centre, lead_minutes=120, longest_minutes=600)
    set_policy(sem, longest_minutes=240)

    terms = terms_for(sem)
    assert (terms.lead, terms.longest, terms.horizon) == (2 * HOUR, 4 * HOUR, timedelta(days=30))


def test_a_category_has_rules_of_its_own(call, researcher, sem, nine):
    guest = member("guest", firm(is_sme=True))
    set_policy(sem, category=CustomerCategory.SME, longest_minutes=60)

    assert ask(call(researcher), sem, nine, 2).status_code == 201
    assert codes(ask(call(guest), sem, nine + 4 * HOUR, 2)) == ["too_long"]


@pytest.mark.parametrize(
    "values",
    [
        {"step_minutes": 7},
        {"horizon_days": 0},
        {"horizon_days": 731},
        {"longest_minutes": 30 * 1440 + 1},
        {"buffer_after_minutes": 721},
        {"grace_minutes": 4},
        {"training_level": 4},
        {"max_coming": 501},
        {"approval_before_minute": 1441},
        {"shortest_minutes": 600, "longest_minutes": 300},
        {"step_minutes": 60, "shortest_minutes": 30},
    ],
)
def test_every_number_out_of_range_is_refused_where_it_is_entered(sem, values):
    with pytest.raises(ValidationError):
        set_policy(sem, **values)


def test_lengths_that_contradict_what_is_inherited_are_refused(centre, sem):
    set_policy(centre, shortest_minutes=240)

    with pytest.raises(ValidationError, match="240"):
        set_policy(sem, longest_minutes=120)


@pytest.mark.parametrize("name", PRESETS)
def test_each_preset_can_be_applied_and_copied(name, centre, sem, xrd):
    apply_preset(sem, name)
    copy_policy(xrd, source=sem)

    assert terms_for(xrd).longest == terms_for(sem).longest
    assert xrd.quota_rows.count() == len(PRESETS[name].quotas)


def test_long_or_late_bookings_need_approval_where_the_policy_says_so(call, researcher, xrd, nine):
    set_policy(xrd, approval_over_minutes=120, approval_after_minute=18 * 60, longest_minutes=480)
    client = call(researcher)

    assert ask(client, xrd, nine, 2).json()["state"] == "confirmed"
    assert ask(client, xrd, nine + 3 * HOUR, 3).json()["state"] == "requested"
    assert ask(client, xrd, nine + 9 * HOUR, 1).json()["state"] == "requested"


def test_a_quota_counts_hours_of_the_week_and_says_what_is_used(call, researcher, labmate, sem, nine):
    set_quotas(sem, [{"subject": "person", "measure": "hours", "period": "day", "amount": 3}])
    client = call(researcher)

    assert ask(client, sem, nine, 2).status_code == 201
    refused = ask(client, sem, nine + 3 * HOUR, 2)
    assert codes(refused) == ["over_quota"]
    assert refused.json()["objections"][0] | {"detail": ""} == {
        "code": "over_quota",
        "detail": "",
        "amount": 3,
        "used": 2.0,
        "measure": "hours",
        "period": "day",
        "subject": "person",
    }
    assert ask(client, sem, nine + 3 * HOUR, 1).status_code == 201
    assert ask(call(labmate), sem, nine + 5 * HOUR, 3).status_code == 201


def test_a_facilitys_quota_counts_all_its_instruments(call, researcher, centre, sem, xrd, nine):
    set_quotas(centre, [{"subject": "person", "measure": "bookings", "period": "month", "amount": 1}])
    ask(call(researcher), sem, nine)

    assert codes(ask(call(researcher), xrd, nine + HOUR)) == ["over_quota"]


def test_coming_bookings_at_once(call, researcher, sem, nine):
    set_policy(sem, max_coming=1)
    ask(call(researcher), sem, nine)

    assert codes(ask(call(researcher), sem, nine + 2 * HOUR)) == ["too_many_coming"]


def test_staff_set_soft_rules_aside_with_a_reason_that_is_kept_but_never_an_overlap(
    call, manager, researcher, sem, nine
):
    set_policy(sem, longest_minutes=60)
    client = call(manager)

    assert codes(ask(client, sem, nine, 3)) == ["too_long"]
    allowed = ask(client, sem, nine, 3, overrule_because="标准试验要连续三小时").json()
    assert allowed["overruled_because"] == "标准试验要连续三小时"
    assert [each["code"] for each in allowed["overruled"]] == ["too_long"]
    assert codes(ask(client, sem, nine, 3, overrule_because="x")) == ["slot_taken"]
    assert codes(ask(call(researcher), sem, nine + 5 * HOUR, 3, overrule_because="x")) == ["too_long"]


def test_staff_book_for_somebody_and_others_may_not(call, manager, researcher, labmate, sem, nine):
    made = ask(call(manager), sem, nine, on_behalf_of=researcher.email)

    assert (made.status_code, made.json()["user"]) == (201, "researcher")
    assert Booking.objects.get().booked_by == manager
    assert ask(call(labmate), sem, nine + 2 * HOUR, on_behalf_of=researcher.email).status_code == 403


def test_only_the_laboratory_books_where_it_says_so(call, researcher, manager, sem, nine):
    set_policy(sem, staff_only=True)

    assert codes(ask(call(researcher), sem, nine)) == ["staff_only"]
    assert ask(call(manager), sem, nine).status_code == 201


@pytest.fixture
def labour_day(centre, sem):
    """Weekdays only; of the first days of May 2030 Wednesday is a holiday, Thursday ours, Saturday a make-up day."""
    set_hours(sem, [each for each in EVERY_DAY if each.weekday < 5])
    HolidayYear.objects.update_or_create(
        year=2030,
        defaults={
            "days": [
                {"day": "2030-05-01", "kind": "holiday", "name_zh": "劳动节", "name_en": "Labour Day"},
                {"day": "2030-05-04", "kind": "make_up", "name_zh": "调休", "name_en": "make-up"},
            ]
        },
    )
    OrganisationDay.objects.create(organisation=centre.organisation, day=date(2030, 5, 2), kind="closed")


def test_public_holidays_close_make_up_days_open_and_an_institution_says_otherwise(labour_day, sem):
    with time_machine.travel("2030-04-20T08:00:00+08:00"):
        timetable = terms_for(sem).timetable
    assert timetable.on(date(2030, 4, 30)) == [(480, 1200)]
    assert timetable.on(date(2030, 5, 1)) == []
    assert timetable.on(date(2030, 5, 2)) == []
    assert timetable.on(date(2030, 5, 4)) == [(480, 1200)]
    assert timetable.on(date(2030, 5, 5)) == []


def test_a_look_over_the_city_knows_the_days_that_are_worked(call, labour_day, sem):
    def found(day):
        query = {"from": f"2030-{day}T00:00:00+08:00", "to": f"2030-{day}T23:00:00+08:00", "minutes": 60}
        return [each["start"][:16] for each in call().get("/api/v1/openings/", query).json()["results"]]

    with time_machine.travel("2030-04-30T21:00:00+08:00"):
        opened = {day: found(day) for day in ("05-01", "05-02", "05-03", "05-04", "05-05")}
        (first,) = first_free(Instrument.objects.all(), now=timezone.now())
        days = [date(2030, 5, n) for n in (1, 4)]
        (holiday,), (make_up,) = (_lanes(day) for day in days)

    assert {day: times for day, times in opened.items() if times} == {
        "05-03": ["2030-05-03T08:00"],
        "05-04": ["2030-05-04T08:00"],
    }
    assert first.interval.start == datetime.fromisoformat("2030-05-03T08:00+08:00")
    assert (holiday.day.opened, len(make_up.day.opened)) == ([], 1)


def _lanes(day):
    now = timezone.now()
    return day_of_many(for_a_day(Instrument.objects.all(), day=day, now=now), day=day, seen_by=None, now=now)


def test_a_day_that_differs_wins_over_the_week(call, researcher, sem, nine):
    set_exception(sem, nine.date(), [])
    assert codes(ask(call(researcher), sem, nine)) == ["closed"]

    set_exception(sem, nine.date(), [(7 * 60, 9 * 60 + 30)])
    assert ask(call(researcher), sem, nine - HOUR).status_code == 201


def test_a_closure_refuses_new_bookings_and_tells_those_it_hits(call, researcher, labmate, manager, sem, nine):
    hit = booked(sem, at=nine, by=labmate)

    close(sem, by=manager, interval=Interval(nine - HOUR, nine + 4 * HOUR), reason_zh="停电检修")

    assert codes(ask(call(researcher), sem, nine + 2 * HOUR)) == ["closed"]
    mail = Mail.objects.get()
    assert (mail.address, mail.event) == (labmate.email, "closure_hits")
    assert "停电检修" in mail.body
    hit.refresh_from_db()
    assert hit.state == State.CONFIRMED


def test_hours_of_a_category_replace_the_others(call, researcher, sem, nine):
    set_hours(sem, [WeeklyHours(day, 13 * 60, 18 * 60) for day in range(7)], category="own_institution")

    assert codes(ask(call(researcher), sem, nine)) == ["closed"]
    assert ask(call(researcher), sem, nine + 5 * HOUR).status_code == 201


def test_the_policy_is_explained_in_words_and_figures(call, browse, researcher, sem):
    set_policy(sem, lead_minutes=120, max_coming=3)
    set_quotas(sem, [{"subject": "person", "measure": "hours", "period": "week", "amount": 8}])

    answer = call(researcher).get(f"/api/v1/instruments/{sem.slug}/policy/").json()
    page = browse().get(f"/instruments/{sem.slug}/rules/").content.decode()

    assert (answer["lead_minutes"], answer["max_coming"], answer["category"]) == (120, 3, "own_institution")
    assert len(answer["in_words"]) >= 5
    assert answer["quotas"][0]["amount"] == 8
    assert "8" in page


def test_rules_cost_the_same_however_many_there_are(call, researcher, centre, sem, nine, statements):
    set_policy(sem, max_coming=50)
    with statements() as few:
        assert ask(call(researcher), sem, nine).status_code == 201
    for category in CustomerCategory.values:
        set_policy(centre, category=category, lead_minutes=0)
        set_policy(sem, category=category, longest_minutes=480)
    set_quotas(
        sem,
        [
            {"subject": "person", "measure": measure, "period": period, "amount": 100, "category": category}
            for measure in ("hours", "bookings")
            for period in ("day", "week", "month")
            for category in ("", *CustomerCategory.values)
        ],
    )
    client = call(researcher)
    with statements() as many:
        assert ask(client, sem, nine + 2 * HOUR).status_code == 201

    assert len(many) <= len(few)


def test_a_year_that_is_not_announced_is_named(call, researcher, sem):
    set_policy(sem, horizon_days=730)
    answer = call(researcher).get(f"/api/v1/instruments/{sem.slug}/policy/").json()

    assert timezone.now().year + 2 in answer["unannounced_years"]


def test_a_twin_elsewhere_is_offered_where_ones_own_is_taken(call, researcher, labmate, centre, sem, nine):
    category = category_of(scheme="s", code="0301", name_zh="电镜", name_en="EM")
    twin = instrument(centre, "twin")
    for each in (sem, twin):
        each.category = category
        each.save()
    set_policy(sem, longest_minutes=720)
    booked(sem, at=nine - HOUR, by=labmate, hours=12)

    offered = ask(call(researcher), sem, nine).json()["alternatives"]

    assert {"instrument": "twin", "start": nine.isoformat(), "end": (nine + HOUR).isoformat()} in offered


def test_names_show_in_the_week_only_where_the_policy_says_so_and_never_to_visitors(
    browse, researcher, labmate, sem, nine
):
    booked(sem, at=nine, by=researcher)
    week = f"/instruments/{sem.slug}/?week={nine:%Y-%m-%d}"
    assert "researcher" not in browse(labmate).get(week).content.decode()

    set_policy(sem, shows_names=True)
    assert "researcher" in browse(labmate).get(week).content.decode()
    assert "researcher" not in browse().get(week).content.decode()
