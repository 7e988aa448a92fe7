from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Exists, F, Q, QuerySet
from django.utils import timezone

from accounts.states import OrganisationKind, Role
from bookings.states import IS_COMING, State
from common.interval import Interval
from instruments.states import FacilityDuty

if TYPE_CHECKING:
    from accounts.models import User
    from bookings.models import Booking, Claim, OpeningHours  # noqa: F401 (the names in quotes below)
    from instruments.models import Instrument


class OpeningHoursQuerySet(QuerySet["OpeningHours"]):
    def of(self, instrument: Instrument) -> OpeningHoursQuerySet:
        """The instrument's own hours and its facility's; the own ones win where there are any."""
        return self.filter(Q(instrument=instrument) | Q(facility=instrument.facility_id))


class ClaimQuerySet(QuerySet["Claim"]):
    def overlapping(self, interval: Interval) -> ClaimQuerySet:
        return self.filter(starts_at__lt=interval.end, ends_at__gt=interval.start)

    def intervals(self) -> list[Interval]:
        """The held time, in order."""
        return [Interval(*pair) for pair in self.order_by("starts_at").values_list("starts_at", "ends_at")]


class BookingQuerySet(QuerySet["Booking"]):
    def visible_to(self, user: User) -> BookingQuerySet:
        """One's own, all on the instruments that one runs, and all for an auditor."""
        mine = Q(user=user) | Q(booked_by=user)
        run_by = user.facility_roles.standing(timezone.localdate())
        audits = user.memberships.confirmed().filter(role=Role.AUDITOR, organisation__kind=OrganisationKind.GOVERNMENT)
        return self.filter(mine | Q(instrument__facility__in=run_by.values("facility")) | Exists(audits))

    def needing_decision_of(self, user: User) -> BookingQuerySet:
        """The inbox: what waits for this lab admin, the oldest start first."""
        roles = user.facility_roles.standing(timezone.localdate()).filter(duty=FacilityDuty.ADMIN)
        waiting = self.filter(state=State.REQUESTED, instrument__facility__in=roles.values("facility"))
        return waiting.order_by("starts_at", "created_at")

    def of(self, user: User) -> BookingQuerySet:
        return self.filter(user=user)

    def coming(self, at: datetime) -> BookingQuerySet:
        return self.filter(state__in=IS_COMING, ends_at__gt=at).order_by("starts_at")

    def past(self, at: datetime) -> BookingQuerySet:
        return self.exclude(state__in=IS_COMING, ends_at__gt=at).order_by("-starts_at")

    def with_everything(self) -> BookingQuerySet:
        """What a page or an answer about bookings shows, in one statement."""
        return self.select_related("user", "instrument__facility__organisation", "decided_by")

    def to_be_completed(self, at: datetime) -> BookingQuerySet:
        """Confirmed bookings whose time is over."""
        return self.filter(state=State.CONFIRMED, ends_at__lte=at)

    def unanswered(self, at: datetime) -> BookingQuerySet:
        """Requests that nobody decided before they would have begun."""
        return self.filter(state=State.REQUESTED, starts_at__lte=at)

    def to_be_reminded(self, at: datetime, *, lead: timedelta, mark: str) -> BookingQuerySet:
        """Confirmed bookings that begin within `lead` and were confirmed before that; `mark` says who was told."""
        standing = self.filter(state=State.CONFIRMED, starts_at__gt=at, starts_at__lte=at + lead)
        return standing.filter(decided_at__lte=F("starts_at") - lead, **{mark: None})
