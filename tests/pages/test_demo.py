"""The demo city: who lives there, and what one finds."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import Organisation, User
from bookings.models import Booking, Claim, Training
from bookings.services import foresee, terms_for, with_terms
from bookings.states import HOLDS_TIME, Purpose
from common.interval import Interval
from instruments.models import Facility, Instrument, RoundAnswer, TestItem
from pages.demo import ACCOUNTS, PASSWORD, demo_tokens
from pages.demo.life import DALIAN
from records.models import Mark
from tests.bookings.test_races import overlaps

pytestmark = pytest.mark.django_db


# needs approval, needs training, where it is booked, takes samples, only with an operator, fit for youth
PROPERTIES = {
    "dut-fe-sem": (True, True, "here", True, False, False),
    "dut-xrd": (False, False, "here", True, False, False),
    "dut-icp-ms": (True, False, "enquiry", True, False, False),
    "dicp-solid-nmr": (True, False, "here", True, True, False),
    "dut-afm": (True, False, "here", True, False, True),
    "dmu-wave-basin": (True, False, "owner", False, False, False),
}


def properties_of(slug):
    found = Instrument.objects.get(slug=slug)
    terms = terms_for(found)
    asked = (terms.needs_approval, bool(terms.training_level))
    return (*asked, found.booked_where, found.takes_samples, found.needs_operator, found.fit_for_youth)


def test_the_demo_city_keeps_its_own_rules_on_a_friday_and_on_a_sunday_when_it_is_loaded_anew(time_machine):
    """Together, because loading takes ten seconds."""
    time_machine.move_to("2026-11-27T09:30:00+08:00", tick=False)
    call_command("demo")
    it_keeps_its_own_rules()
    User.objects.filter(email="guardian@demo.example").update(name="changed")

    time_machine.move_to("2026-11-29T09:30:00+08:00", tick=False)
    call_command("demo", "--reset")

    assert User.objects.get(email="guardian@demo.example").name == "家长甲"
    assert Mark.objects.count() == 1
    it_keeps_its_own_rules()


def test_the_demo_city_is_what_its_contract_says(call):
    call_command("demo", "--if-empty")
    day = timezone.now().astimezone(DALIAN).replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=6)
    hour, xrd = Interval(day, day + timedelta(hours=1)), with_terms(Instrument.objects.all()).get(slug="dut-xrd")
    people = {account.name: User.objects.get(email=account.email) for account in ACCOUNTS}
    objections = {
        name: [each.code for each in foresee(xrd, by=user, interval=hour).refusals] for name, user in people.items()
    }

    assert len(ACCOUNTS) == 16
    assert all(authenticate(email=account.email, password=PASSWORD) for account in ACCOUNTS)
    assert {name for name, found in objections.items() if found} == {"newfirm"}
    assert {slug: properties_of(slug) for slug in PROPERTIES} == PROPERTIES
    assert Instrument.objects.get(slug="dut-fe-sem").questions
    assert Instrument.objects.get(slug="dmu-wave-basin").booked_url == "https://booking.example/wave-basin"
    assert Claim.objects.exists()
    assert overlaps() == 0
    assert Organisation.objects.filter(facilities__isnull=False).distinct().count() == 15
    assert Instrument.objects.count() >= 200
    assert TestItem.objects.filter(instruments__isnull=False).distinct().count() >= 60
    assert not Instrument.objects.exclude(specifications__isnull=False).exists()
    assert not Facility.objects.exclude(notices__isnull=False, guides__isnull=False).exists()
    assert RoundAnswer.objects.exclude(answered_at=None).count() == 1
    caller = call()
    for email, token in demo_tokens():
        caller.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        assert caller.get("/api/v1/me/").json()["email"] == email


def it_keeps_its_own_rules():
    bookings = list(Booking.objects.select_related("instrument", "user").order_by("user", "starts_at"))
    terms = {slug: terms_for(Instrument.objects.get(slug=slug)) for slug in {each.instrument.slug for each in bookings}}
    trained = set(Training.objects.values_list("user", "instrument"))
    of_people = [each for each in bookings if each.purpose != Purpose.MAINTENANCE]  # who runs it needs no training
    asked = [each for each in of_people if terms[each.instrument.slug].training_level]
    claims = list(Claim.objects.filter(change=None).select_related("booking__instrument"))
    holding = [each for each in bookings if each.state in HOLDS_TIME]
    fifth_day = timezone.now().astimezone(DALIAN).replace(hour=0, minute=0) + timedelta(days=5)
    left_free = ["dut-fe-sem", "dut-xrd", "dut-afm"]

    assert {each.state for each in bookings} == {
        "completed",
        "confirmed",
        "requested",
        "needs_info",
        "declined",
        "cancelled",
    }
    assert all((each.user_id, each.instrument_id) in trained for each in asked)
    assert all(each.interval.length <= terms[each.instrument.slug].longest for each in bookings)
    assert all(each.interval == terms[each.booking.instrument.slug].held_for(each.booking.interval) for each in claims)
    assert not [
        (one, next_one)
        for one, next_one in pairwise(holding)
        if one.user == next_one.user
        and one.interval.overlaps(next_one.interval)
        and not (one.held_for and next_one.held_for)  # a course has its room and its instrument at once
    ]
    assert not Claim.objects.filter(
        instrument__slug__in=left_free, ends_at__gt=fifth_day, booking__held_for=""
    ).exists()


def test_the_demo_is_loaded_into_an_empty_database_only(researcher):
    call_command("demo", "--if-empty")
    with pytest.raises(CommandError, match="not empty"):
        call_command("demo")
    with pytest.raises(CommandError, match="not marked"):
        call_command("demo", "--reset")
    with pytest.raises(CommandError, match="no demo city"):
        call_command("demo", "--tokens")

    assert User.objects.get() == researcher
