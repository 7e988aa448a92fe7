"""The settings of a laboratory: what the rules would say, hours of a category, trainings, what waits."""

from __future__ import annotations

import csv
from datetime import timedelta

import pytest
from django.utils import timezone

from bookings.availability import WeeklyHours
from bookings.models import OpeningHours, Policy, Quota, Training
from bookings.rules.presets import PRESETS
from bookings.services import (
    ask_for_training,
    grant_training,
    hours_at,
    report_fault,
    set_hours,
    set_policy,
    set_quotas,
)
from bookings.states import State
from instruments.models import Instrument
from notifications.models import Mail
from tests.factories import booked, instrument

PREVIEW = "/lab/centre/rules-preview/sem/"
A_QUOTA = {"subject": "person", "measure": "hours", "period": "week", "amount": 8}


def said(answer):
    """The sentences of a preview by what became of them."""
    found = {"": [], "new": [], "gone": []}
    for sentence, mark in answer.context["said"]:
        found[mark].append(sentence)
    return found


def standing():
    return list(Policy.objects.values()), list(Quota.objects.values())


def test_the_words_of_changed_rules_are_shown_and_nothing_is_written(browse, manager, sem):
    set_policy(sem, longest_minutes=240)
    before = standing()

    words = said(browse(manager).post(PREVIEW, {"longest_minutes": "120", "needs_approval": "true"}))

    assert words["gone"] == ["每次 30 分钟 至 4 小时，以 30 分钟 为步长。"]
    assert words["new"] == ["每次 30 分钟 至 2 小时，以 30 分钟 为步长。"]
    assert standing() == before


def test_a_field_that_is_empty_says_what_the_laboratory_says(browse, manager, centre, sem):
    set_policy(centre, longest_minutes=360)
    set_policy(sem, longest_minutes=240)

    words = said(browse(manager).post(PREVIEW, {"longest_minutes": ""}))
    page = browse(manager).get("/lab/centre/rules/sem/").content.decode()

    assert words["new"] == ["每次 30 分钟 至 6 小时，以 30 分钟 为步长。"]
    assert "沿用机组：6 小时" in page


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_says_before_it_is_in_place_what_it_says_afterwards(browse, manager, sem, preset):
    client = browse(manager)
    set_quotas(sem, [A_QUOTA])
    before = standing()

    words = [each for each, mark in client.post(PREVIEW, {"preset": preset}).context["said"] if mark != "gone"]
    untouched = standing() == before
    client.post("/lab/centre/rules/sem/", {"do": "preset", "preset": preset, "sure": "1"})
    page = client.get("/lab/centre/rules/sem/")

    assert untouched
    assert words == [each for each, _mark in page.context["said"]]
    assert page.context["in_place"] == preset


def test_rules_that_contradict_each_other_are_said_and_what_stands_stays(browse, manager, sem):
    answer = browse(manager).post(PREVIEW, {"shortest_minutes": "120", "longest_minutes": "60"})

    assert answer.context["form"].errors
    assert not said(answer)["new"]


def test_a_category_has_its_own_words_and_inherits_from_everybody(browse, manager, sem):
    set_policy(sem, longest_minutes=240)
    set_policy(sem, category="company", longest_minutes=60)
    client = browse(manager)

    page = client.get("/lab/centre/rules/sem/?category=company")
    words = said(client.post(f"{PREVIEW}?category=company", {}))

    assert "通用规则：4 小时" in page.content.decode()
    assert words["new"] == ["每次 30 分钟 至 4 小时，以 30 分钟 为步长。"]


def test_the_rules_of_a_laboratory_without_instruments_can_be_tried_too(browse, manager, centre):
    assert browse(manager).post("/lab/centre/rules-preview/", {"longest_minutes": "60"}).status_code == 200


def test_hours_of_a_category_are_its_own_until_they_are_inherited_again(browse, manager, sem):
    page, client = "/lab/centre/hours/sem/?category=company", browse(manager)

    client.post(page, {"do": "hours", "day_0": "09:00-12:00"})
    own = hours_at(sem, "company")
    everybody = hours_at(sem, "")
    client.post(page, {"do": "inherit hours"})

    assert own == [WeeklyHours(0, 540, 720)]
    assert len(everybody) == 7
    assert hours_at(sem, "company") == everybody


def test_the_page_of_hours_shows_what_counts_where_an_instrument_has_none(browse, manager, centre, sem):
    OpeningHours.objects.filter(instrument=sem).delete()
    set_hours(centre, [WeeklyHours(2, 600, 660)])

    page = browse(manager).get("/lab/centre/hours/sem/")

    assert page.context["forms"]["hours"]["day_2"].value() == "10:00-11:00"
    assert not page.context["has_own"]


def test_who_is_trained_by_name_by_when_it_lapses_and_as_a_table(browse, manager, researcher, labmate, sem):
    grant_training(researcher, on=sem, by=manager, until=timezone.now() + timedelta(days=9))
    grant_training(labmate, on=sem, by=manager)
    client = browse(manager)

    soon = client.get("/lab/centre/training/?show=soon").context["trainings"]
    named = client.get("/lab/centre/training/?q=labm").context["trainings"]
    table = client.get("/lab/centre/training/?as=csv").content.decode("utf-8-sig").splitlines()

    assert [each.user for each in soon] == [researcher]
    assert [each.user for each in named] == [labmate]
    assert {row["电子邮箱"] for row in csv.DictReader(table)} == {researcher.email, labmate.email}


def test_a_training_that_was_asked_for_is_granted_from_its_row(browse, manager, researcher, sem):
    ask_for_training(sem, by=researcher)
    send = {"do": "grant", "email": researcher.email, "instrument": f"{sem.pk}", "level": "2"}
    client = browse(manager)

    page = client.post("/lab/centre/training/", send, follow=True)

    assert Training.objects.get(user=researcher).instrument == sem
    assert not page.context["waiting"]


def test_the_overview_counts_what_waits(browse, manager, researcher, labmate, sem, nine):
    booked(sem, at=nine, by=researcher, state=State.REQUESTED)
    report_fault(sem, by=labmate, severity="minor", text="x")
    ask_for_training(sem, by=labmate)

    ((_facility, waits, (shown,)),) = browse(manager).get("/lab/").context["rows"]

    assert (waits.requests, waits.faults, waits.trainings, waits.problems) == (1, 1, 1, 0)
    assert (shown, shown.open_faults) == (Instrument.objects.get(), 1)


@pytest.mark.parametrize("count", [1, 20])
def test_the_overview_costs_the_same_however_many_instruments_there_are(browse, manager, centre, statements, count):
    for n in range(count):
        instrument(centre, f"i{n}")
    client = browse(manager)

    with statements() as counted:
        client.get("/lab/")

    assert len(counted) <= 18, "\n".join(counted)


def test_a_shorter_week_is_saved_only_when_one_is_sure_of_whom_it_hits(browse, manager, researcher, sem, nine):
    booked(sem, at=nine, by=researcher, hours=2)
    client, page = browse(manager), "/lab/centre/hours/sem/"
    mornings = {f"day_{day}": "08:00-10:00" for day in range(7)}

    asked = client.post(page, {"do": "hours", **mornings})
    kept = len({(each.opens, each.closes) for each in hours_at(sem, "")} - {(480, 600)})
    sure = client.post(page, {"do": "hours", "sure": "1", **mornings})

    assert "影响 1 个预约" in asked.content.decode()
    assert kept, "nothing was saved before"
    assert sure.status_code == 302
    assert [each.event for each in Mail.objects.all()] == ["day_differs"]


def test_a_booking_outside_the_hours_already_is_not_hit_by_another_week(browse, manager, researcher, sem, nine):
    booked(sem, at=nine, by=researcher, hours=2)
    set_hours(sem, [WeeklyHours(day, 480, 600) for day in range(7)])

    client = browse(manager)
    answer = client.post("/lab/centre/hours/sem/", {"do": "hours", **{f"day_{n}": "08:00-09:30" for n in range(7)}})

    assert answer.status_code == 302
    assert not Mail.objects.exists()
