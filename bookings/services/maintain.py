"""What takes an instrument out of use: planned maintenance, and faults."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from bookings.models import NO_OVERLAP, Booking, Claim, Fault
from bookings.services.book import SLOT_TAKEN
from bookings.services.decide import reason_given
from bookings.services.gather import terms_of, with_terms
from bookings.services.look import alternatives_to
from bookings.services.news import broadcast
from bookings.states import IS_COMING, LONGEST_HELD, Purpose, Severity, State
from common.db import violation_means
from common.errors import NotAllowed, Refusal, Refused
from common.interval import Interval
from common.text import tidy
from common.words import span
from instruments.models import FacilityRole, Instrument
from instruments.permissions import runs
from instruments.services import set_status
from instruments.states import TAKES_BOOKINGS, Status
from notifications.services import tell

MENDED = Refusal("mended", _("This fault is mended already."))


@transaction.atomic
def plan_maintenance(instrument: Instrument, *, by: User, interval: Interval, title: str = "") -> Booking:
    """Hold time for the laboratory's own work, at any hour; never over somebody's booking.

    Raises Refused with the bookings that are in the way (`hits`): they must be moved or cancelled first.
    """
    _refuse_unless_staff(by, instrument)
    instrument = with_terms(Instrument.objects.all()).lock(instrument.slug)
    now = timezone.now()
    if interval.end <= now:
        raise Refused([Refusal("past", _("This time is past."), "start")])
    if interval.length > LONGEST_HELD:
        raise Refused([Refusal("over_a_month", _("Nothing is held for longer than 31 days at once."), "end")])
    zone = instrument.facility.time_zone
    hits = Booking.objects.filter(claims__in=Claim.objects.filter(instrument=instrument).overlapping(interval))
    if standing := list(hits.distinct().with_everything().order_by("starts_at")[:20]):
        times = "; ".join(f"{span(each.starts_at, each.ends_at, zone)} {each.user.name}" for each in standing)
        refusal = Refusal("slot_taken", _("In the way: %(bookings)s.") % {"bookings": times}, "start")
        raise Refused([refusal], hits=[str(each.pk) for each in standing])
    with violation_means(NO_OVERLAP, Refused([SLOT_TAKEN])):
        booking = Booking.objects.create(
            instrument=instrument,
            user=by,
            booked_by=by,
            starts_at=interval.start,
            ends_at=interval.end,
            state=State.CONFIRMED,
            decided_at=now,
            purpose=Purpose.MAINTENANCE,
            title=tidy(title)[:120],
        )
        Claim.objects.create(booking=booking, instrument=instrument, starts_at=interval.start, ends_at=interval.end)
    broadcast(booking, "booking.confirmed")
    return booking


@transaction.atomic
def report_fault(instrument: Instrument, *, by: User, severity: str, text: str) -> Fault:
    """Say that something is wrong. A severe fault reported by the laboratory closes the instrument at once.

    Everybody booked is told then, with other times and places. A severe one reported by a user is shown to the
    laboratory, which closes the instrument by `close_for`.
    """
    text = reason_given(text, _("Say what is wrong."), field="text", longest=1000)
    fault = Fault.objects.create(instrument=instrument, severity=Severity(severity), text=text, reported_by=by)
    if severity == Severity.SEVERE and runs(by, instrument.facility):
        return close_for(fault, by=by)
    roles = FacilityRole.objects.at(instrument.facility).standing(timezone.localdate()).people().select_related("user")
    tell("fault_reported", to=[role.user for role in roles if role.user_id != by.pk], about=fault)
    return fault


@transaction.atomic
def close_for(fault: Fault, *, by: User) -> Fault:
    """Close the instrument for a severe fault and tell everybody who has a coming booking, with alternatives."""
    instrument = with_terms(Instrument.objects.all()).lock(fault.instrument.slug)
    _refuse_unless_staff(by, instrument)
    fault = Fault.objects.select_for_update().get(pk=fault.pk)
    if fault.mended_at:
        raise Refused([MENDED])
    if fault.closes_instrument:
        return fault
    closed_by = Fault.objects.open().filter(instrument=instrument, closes_instrument=True).first()
    before = closed_by.status_before if closed_by else instrument.status
    fault.severity, fault.closes_instrument, fault.status_before = Severity.SEVERE, True, before
    fault.save(update_fields=["severity", "closes_instrument", "status_before"])
    if instrument.status in TAKES_BOOKINGS:
        set_status(instrument, Status.MAINTENANCE)
    _warn_everybody(fault, instrument)
    return fault


def _warn_everybody(fault: Fault, instrument: Instrument) -> None:
    """Each booking's person is told on its own, with the free times nearest to it elsewhere."""
    now, terms = timezone.now(), terms_of(instrument)
    coming = Booking.objects.of_people().filter(instrument=instrument, state__in=IS_COMING, ends_at__gt=now)
    for booking in coming.with_everything().order_by("starts_at"):
        others = alternatives_to(booking.interval, instrument=instrument, terms=terms, now=now, elsewhere_only=True)
        occasion = f"fault {fault.pk}"
        tell("fault_closes", to=[booking.user], about=booking, occasion=occasion, fault=fault, others=others)


@transaction.atomic
def mend(fault: Fault, *, by: User, remedy: str) -> Fault:
    """The fault is gone; the instrument opens again when no other severe one keeps it closed."""
    instrument = with_terms(Instrument.objects.all()).lock(fault.instrument.slug)
    _refuse_unless_staff(by, instrument)
    fault = Fault.objects.select_for_update().get(pk=fault.pk)
    if fault.mended_at:
        raise Refused([MENDED])
    fault.remedy = reason_given(remedy, _("Say what was done."), field="remedy", longest=1000)
    fault.mended_at, fault.mended_by = timezone.now(), by
    fault.save(update_fields=["remedy", "mended_at", "mended_by"])
    others = Fault.objects.open().filter(instrument=instrument, closes_instrument=True)
    # What the laboratory itself has opened, retired or kept closed meanwhile stays so.
    closed_by_faults = fault.closes_instrument and instrument.status == Status.MAINTENANCE
    if closed_by_faults and fault.status_before in TAKES_BOOKINGS and not others.exists():
        set_status(instrument, Status(fault.status_before))
        _tell_of_mending(fault, instrument)
    return fault


def _tell_of_mending(fault: Fault, instrument: Instrument) -> None:
    coming = Booking.objects.of_people().filter(instrument=instrument, state__in=IS_COMING, ends_at__gt=timezone.now())
    for booking in coming.with_everything():
        tell("fault_mended", to=[booking.user], about=booking, occasion=f"fault {fault.pk}")


def _refuse_unless_staff(by: User, instrument: Instrument) -> None:
    if not runs(by, instrument.facility):
        raise NotAllowed(_("Only the laboratory's own people may do this."))
