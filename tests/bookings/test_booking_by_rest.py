"""Booking an hour through the API, and every way of being refused."""

from __future__ import annotations

from datetime import timedelta

from bookings.models import Booking, Claim
from notifications.models import Mail, Notice
from tests.factories import booked

HOUR = timedelta(hours=1)
BOOKINGS = "/api/v1/bookings/"


def wish(instrument, start, hours=1, **more):
    return {
        "instrument": instrument.slug,
        "start": start.isoformat(),
        "end": (start + hours * HOUR).isoformat(),
        **more,
    }


def codes(response):
    return [each["code"] for each in response.json()["objections"]]


def test_a_request_is_held_and_its_lab_admin_told(call, researcher, manager, sem, nine):
    response = call(researcher).post(BOOKINGS, wish(sem, nine))

    assert response.status_code == 201, response.content
    body = response.json()
    assert (body["state"], body["start"], body["instrument"]) == ("requested", nine.isoformat(), sem.slug)
    assert Claim.objects.filter(booking=body["id"], instrument=sem).count() == 1
    assert Mail.objects.get().address == manager.email
    assert Notice.objects.get().reader == manager


def test_a_slot_that_overlaps_another_is_refused_and_nobody_is_told(call, researcher, labmate, sem, nine):
    booked(sem, at=nine, by=labmate)

    response = call(researcher).post(BOOKINGS, wish(sem, nine, hours=2))

    assert (response.status_code, codes(response)) == (409, ["slot_taken"])
    assert response["Content-Type"] == "application/problem+json"
    assert len(response.json()["alternatives"]) == 3
    assert not Mail.objects.exists()
    assert Booking.objects.count() == 1
