"""Operators: when they work, what they can run, and who takes which booking."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from bookings.availability import WeeklyHours
from bookings.models import Booking, Operator, OperatorClaim, OperatorHours, OperatorLeave
from bookings.permissions import may_decide
from bookings.rules import freest
from bookings.services.book import OPERATOR_TAKEN, RACES, claim_operator
from bookings.services.circumstances import operators_for
from bookings.services.news import report
from bookings.services.turn import locked_with_instrument, refuse_state, write
from bookings.states import IS_COMING
from common.db import violations_mean
from common.errors import NotAllowed, Refused, WrongInput
from common.interval import Interval
from instruments.models import Facility, Instrument
from instruments.permissions import may_decide_at


@transaction.atomic
def set_operator(
    facility: Facility, user: User, *, by: User, instruments: Iterable[Instrument], hours: Iterable[WeeklyHours]
) -> Operator:
    """Say what somebody can run at a facility and when they work; what was said before is replaced."""
    _refuse_unless_admin(by, facility)
    known = list(instruments)
    if any(each.facility_id != facility.pk for each in known):
        raise WrongInput("instruments", "invalid", _("An operator runs instruments of the same facility only."))
    operator, _made = Operator.objects.get_or_create(facility=facility, user=user)
    operator.instruments.set(known)
    operator.hours.all().delete()
    OperatorHours.objects.bulk_create(
        OperatorHours(operator=operator, weekday=each.weekday, opens_minute=each.opens, closes_minute=each.closes)
        for each in hours
    )
    return operator


def operators_of(instrument: Instrument) -> list[User]:
    """Who can run it, by name."""
    return list(User.objects.filter(operates_at__instruments=instrument, is_active=True).order_by("name"))


@transaction.atomic
def take_leave(operator: Operator, *, by: User, interval: Interval) -> tuple[OperatorLeave, list[Booking]]:
    """An operator is away; returns the leave and the bookings that now need somebody else."""
    if by.pk != operator.user_id:
        _refuse_unless_admin(by, operator.facility)
    leave = OperatorLeave.objects.create(operator=operator, starts_at=interval.start, ends_at=interval.end)
    claims = OperatorClaim.objects.filter(
        operator=operator.user, starts_at__lt=interval.end, ends_at__gt=interval.start
    )
    hit = Booking.objects.filter(pk__in=claims.values("booking"), state__in=IS_COMING).with_everything()
    return leave, list(hit.order_by("starts_at"))


@transaction.atomic
def reassign(booking: Booking, *, by: User, to: UUID | None = None) -> Booking:
    """Give an assisted booking to another operator: the one named, or the freest."""
    booking, instrument = locked_with_instrument(booking)
    if not may_decide(by, booking):
        raise NotAllowed(_("Only a lab admin of this instrument decides its bookings."))
    if booking.state not in IS_COMING or not booking.assisted or booking.ends_at <= timezone.now():
        refuse_state(booking)
    operators = operators_for(instrument, booking.interval, moved=booking)
    chosen = freest(operators, booking.interval, wanted=to)
    if chosen is None:
        raise Refused([OPERATOR_TAKEN])
    before = booking.operator
    booking.operator_claims.filter(change=None).delete()
    booking.operator_id = chosen
    with violations_mean(RACES):
        claim_operator(booking)
    write(booking, operator_id=chosen)
    people = {each.pk: each for each in [before, booking.user, User.objects.get(pk=chosen)] if each}
    told = [each for each in people.values() if each.pk != by.pk]
    report(booking, "booking_reassigned", to=told, kind="booking.changed")
    return booking


def _refuse_unless_admin(by: User, facility: Facility) -> None:
    if not may_decide_at(by, facility):
        raise NotAllowed(_("Only a lab admin of this facility may do this."))
