"""The demo city: who lives there, and what one finds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import User
from bookings.models import Claim
from bookings.services import objections_to
from common.interval import Interval
from instruments.models import Instrument
from pages.demo import ACCOUNTS, PASSWORD, demo_tokens
from pages.demo.life import DALIAN
from records.models import Mark
from tests.bookings.test_races import overlaps

pytestmark = pytest.mark.django_db


def test_the_demo_city_is_what_its_contract_says(call):
    call_command("demo", "--if-empty")
    day = timezone.now().astimezone(DALIAN).replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=6)
    hour, xrd = Interval(day, day + timedelta(hours=1)), Instrument.objects.get(slug="dut-xrd")
    people = {account.name: User.objects.get(email=account.email) for account in ACCOUNTS}
    objections = {
        name: [each.code for each in objections_to(xrd, by=user, interval=hour)] for name, user in people.items()
    }

    assert len(ACCOUNTS) == 16
    assert all(authenticate(email=account.email, password=PASSWORD) for account in ACCOUNTS)
    assert {name for name, found in objections.items() if found} == {"newfirm"}
    assert set(
        Instrument.objects.filter(
            slug__in=["dut-fe-sem", "dut-xrd", "dut-icp-ms", "dicp-solid-nmr", "dut-afm", "dmu-wave-basin"]
        ).values_list("slug", "booked_where", "needs_operator", "fit_for_youth")
    ) == {
        ("dut-fe-sem", "here", False, False),
        ("dut-xrd", "here", False, False),
        ("dut-icp-ms", "enquiry", False, False),
        ("dicp-solid-nmr", "here", True, False),
        ("dut-afm", "here", False, True),
        ("dmu-wave-basin", "owner", False, False),
    }
    assert Claim.objects.exists()
    assert overlaps() == 0
    caller = call()
    for email, token in demo_tokens():
        caller.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        assert caller.get("/api/v1/me/").json()["email"] == email


def test_the_demo_is_loaded_into_an_empty_database_only(researcher):
    call_command("demo", "--if-empty")
    with pytest.raises(CommandError, match="not empty"):
        call_command("demo")
    with pytest.raises(CommandError, match="not marked"):
        call_command("demo", "--reset")
    with pytest.raises(CommandError, match="no demo city"):
        call_command("demo", "--tokens")

    assert User.objects.get() == researcher


def test_a_reset_loads_the_demo_anew():
    call_command("demo")
    User.objects.filter(email="guardian@demo.example").update(name="changed")

    call_command("demo", "--reset")

    assert User.objects.get(email="guardian@demo.example").name == "家长甲"
    assert Mark.objects.count() == 1
