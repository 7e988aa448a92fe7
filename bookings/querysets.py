from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import DateTimeField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Membership
from accounts.states import MembershipState, OrganisationKind, Role
from bookings.states import (
    CHANGES_HANDS,
    HOLDS_TIME,
    IS_COMING,
    LONGEST_HELD,
    WAITS,
    ChangeKind,
    ChangeState,
    FeedKind,
    Purpose,
    RequestState,
    State,
)
from common.interval import Interval
from instruments.models import Facility
from instruments.states import FacilityDuty

if TYPE_CHECKING:
    from accounts.models import User
    from bookings.models import (  # noqa: F401 (the names in quotes below)
        Booking,
        Change,
        Claim,
        Fault,
        Feed,
        OpeningHours,
        Training,
        TrainingRequest,
        UsageRecord,
    )
    from instruments.models import Instrument

GRACE = timedelta(hours=1)
MAY_WAIT_FOR_THE_LAB = {State.REQUESTED, State.CONFIRMED, State.IN_USE}


class OpeningHoursQuerySet(QuerySet["OpeningHours"]):
    def of(self, instrument: Instrument) -> OpeningHoursQuerySet:
        """The instrument's own hours and its facility's; the own ones win where there are any."""
        return self.filter(Q(instrument=instrument) | Q(facility=instrument.facility_id))


class OwnedQuerySet(QuerySet[Any]):
    """Rows of a facility or of one of its instruments."""

    def bearing_on(self, instrument: Instrument) -> OwnedQuerySet:
        return self.filter(Q(instrument=instrument) | Q(facility=instrument.facility_id))

    def during(self, interval: Interval) -> OwnedQuerySet:
        """Those that share time with the interval."""
        return self.filter(starts_at__lt=interval.end, ends_at__gt=interval.start)


class TrainingQuerySet(QuerySet["Training"]):
    def live(self, at: datetime) -> TrainingQuerySet:
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=at))

    def at(self, place: Any) -> TrainingQuerySet:
        """What counts at a facility and its instruments, at an institution, or (None) in the city; newest first."""
        if place is None:
            found = self.filter(instrument=None, facility=None, organisation=None)
        elif isinstance(place, Facility):
            found = self.filter(Q(facility=place) | Q(instrument__facility=place))
        else:
            found = self.filter(organisation=place)
        return found.order_by("-granted_at")

    def lapsing(self, at: datetime, *, lead: timedelta) -> TrainingQuerySet:
        """Those that lapse within `lead` and whose people were not told yet."""
        return self.filter(reminded_at=None, expires_at__gt=at, expires_at__lte=at + lead)


class TrainingRequestQuerySet(QuerySet["TrainingRequest"]):
    def waiting_at(self, facility: Facility) -> TrainingRequestQuerySet:
        return self.filter(state=RequestState.WAITING, instrument__facility=facility).order_by("created_at")


class ChangeQuerySet(QuerySet["Change"]):
    def waiting(self) -> ChangeQuerySet:
        return self.filter(state=ChangeState.WAITING)

    def lapsed(self, at: datetime) -> ChangeQuerySet:
        return self.waiting().filter(expires_at__lte=at)


class FeedQuerySet(QuerySet["Feed"]):
    def live(self) -> FeedQuerySet:
        return self.filter(revoked_at=None)

    def walls_of(self, facility: Facility) -> FeedQuerySet:
        """The boards of a facility that hang somewhere, whoever made them."""
        return self.live().filter(kind=FeedKind.WALL, facility=facility).order_by("created_at")

    def revocable_by(self, user: User) -> FeedQuerySet:
        """One's own, and the wall boards of the facilities that one runs."""
        run_by = user.facility_roles.standing(timezone.localdate())
        return self.filter(Q(owner=user) | Q(kind=FeedKind.WALL, facility__in=run_by.values("facility")))


class UsageQuerySet(QuerySet["UsageRecord"]):
    def running(self) -> UsageQuerySet:
        return self.filter(ends_at=None)

    def within(self, window: Interval) -> UsageQuerySet:
        """Begun within it."""
        return self.filter(starts_at__gte=window.start, starts_at__lt=window.end)

    def unbooked_in(self, window: Interval) -> QuerySet[UsageRecord, Any]:
        """(instrument, from, to) of use without a booking that shares time with the window; what runs ends with it."""
        until = Coalesce("ends_at", Value(window.end), output_field=DateTimeField())
        near = self.filter(booking=None, starts_at__gt=window.start - LONGEST_HELD, starts_at__lt=window.end)
        rows = near.annotate(until=until).filter(until__gt=window.start)
        return rows.order_by().values_list("instrument_id", "starts_at", "until")

    def with_problems(self) -> UsageQuerySet:
        """What a user complained of and nobody has settled."""
        return self.exclude(problem="").filter(settled_at=None)

    def visible_to(self, user: User) -> UsageQuerySet:
        """One's own, and all on the instruments that one runs."""
        run_by = user.facility_roles.standing(timezone.localdate())
        return self.filter(Q(user=user) | Q(instrument__facility__in=run_by.values("facility")))


class FaultQuerySet(QuerySet["Fault"]):
    def open(self) -> FaultQuerySet:
        return self.filter(mended_at=None)

    def visible_to(self, user: User) -> FaultQuerySet:
        """One's own reports, and all on the instruments that one runs."""
        run_by = user.facility_roles.standing(timezone.localdate())
        return self.filter(Q(reported_by=user) | Q(instrument__facility__in=run_by.values("facility")))


def bounds_of(interval: Interval) -> dict[str, datetime]:
    """What `ClaimQuerySet.between` needs to find what overlaps it."""
    return {"earliest": interval.start - LONGEST_HELD, "start": interval.start, "end": interval.end}


class ClaimQuerySet(QuerySet["Claim"]):
    def overlapping(self, interval: Interval) -> ClaimQuerySet:
        return self.between(**bounds_of(interval))

    def between(self, earliest: datetime, start: datetime, end: datetime) -> ClaimQuerySet:
        """What overlaps `start` to `end` and cannot have begun before `earliest`, LONGEST_HELD before the start."""
        # No claim is longer (the database sees to that), and so the btree on the start serves both ends.
        return self.filter(starts_at__lt=end, starts_at__gt=earliest, ends_at__gt=start)

    def standing_in(self, window: Interval) -> QuerySet[Claim, Any]:
        """(instrument, purpose, from, to) of what bookings that stand hold or held within the window.

        What waits for an answer, a move among it, is not theirs yet.
        """
        standing = self.overlapping(window).filter(change=None, booking__state__in=HOLDS_TIME - WAITS)
        return standing.order_by().values_list("instrument_id", "booking__purpose", "starts_at", "ends_at")

    def intervals(self) -> list[Interval]:
        """The held time, in order."""
        return [Interval(*pair) for pair in self.order_by("starts_at").values_list("starts_at", "ends_at")]


class BookingQuerySet(QuerySet["Booking"]):
    def visible_to(self, user: User) -> BookingQuerySet:
        """One's own and one's group's, all on the instruments that one runs, and all for an auditor."""
        mine = Q(user=user) | Q(booked_by=user) | Q(group__in=user.led_groups.values("pk"))
        run_by = user.facility_roles.standing(timezone.localdate())
        audits = user.memberships.confirmed().filter(role=Role.AUDITOR, organisation__kind=OrganisationKind.GOVERNMENT)
        return self.filter(mine | Q(instrument__facility__in=run_by.values("facility")) | Exists(audits))

    def needing_decision_of(self, user: User) -> BookingQuerySet:
        """The inbox: requests and changes that wait for this lab admin, the oldest start first.

        What waits for the requester (a counter-offer, a question) does not need the lab admin.
        """
        roles = user.facility_roles.standing(timezone.localdate()).filter(duty=FacilityDuty.ADMIN)
        offered = Q(changes__state=ChangeState.WAITING, changes__kind=ChangeKind.COUNTER)
        asked = Q(changes__state=ChangeState.WAITING, changes__kind=ChangeKind.MOVE)
        here = self.filter(instrument__facility__in=roles.values("facility"), state__in=[*MAY_WAIT_FOR_THE_LAB])
        here = here.exclude(pk__in=here.filter(offered).order_by().values("pk"))
        waiting = here.filter(Q(state=State.REQUESTED) | Q(pk__in=here.filter(asked).order_by().values("pk")))
        return waiting.order_by("starts_at", "created_at")

    def undoable_by(self, user: User, *, since: datetime) -> BookingQuerySet:
        """What this lab admin has just decided, while nobody has been told."""
        decided = [State.CONFIRMED, State.DECLINED, State.NEEDS_INFO]
        return self.filter(decided_by=user, decided_at__gt=since, state__in=decided).order_by("-decided_at")

    def needing_answer_of(self, user: User) -> BookingQuerySet:
        """What waits for the requester: drafts, questions, counter-offers."""
        offered = Q(changes__state=ChangeState.WAITING, changes__kind=ChangeKind.COUNTER)
        return self.filter(Q(user=user), Q(state__in=[State.DRAFT, State.NEEDS_INFO]) | offered).distinct()

    def of(self, user: User) -> BookingQuerySet:
        return self.filter(user=user)

    def drafts_of(self, user: User) -> BookingQuerySet:
        return self.filter(user=user, state=State.DRAFT)

    def of_people(self) -> BookingQuerySet:
        """Without the laboratory's own maintenance."""
        return self.exclude(purpose=Purpose.MAINTENANCE)

    def held_in(self, interval: Interval) -> BookingQuerySet:
        """Bookings of people that stand and would be hit if the time went away."""
        return self.filter(state__in=IS_COMING, starts_at__lt=interval.end, ends_at__gt=interval.start)

    def coming(self, at: datetime) -> BookingQuerySet:
        return self.filter(state__in=IS_COMING, ends_at__gt=at).order_by("starts_at")

    def past(self, at: datetime) -> BookingQuerySet:
        """What is over, one way or another; drafts that were never sent are nobody's past."""
        return self.exclude(state__in=IS_COMING, ends_at__gt=at).exclude(never_sent=True).order_by("-starts_at")

    def with_everything(self) -> BookingQuerySet:
        """What a page or an answer about bookings shows, in one statement."""
        return self.select_related("user", "instrument__facility__organisation", "decided_by", "operator")

    def to_be_completed(self, at: datetime) -> BookingQuerySet:
        """Confirmed bookings whose time is over, where nobody asks for check-in."""
        return self.filter(state=State.CONFIRMED, ends_at__lte=at, no_show_at=None)

    def lapsed(self, at: datetime) -> BookingQuerySet:
        """Drafts, requests and questions whose time to be answered is over."""
        return self.filter(state__in=WAITS, expires_at__lte=at)

    def never_come_for(self, at: datetime) -> BookingQuerySet:
        """Confirmed bookings whose people should have checked in and did not."""
        missed = self.filter(state=State.CONFIRMED, no_show_at__lte=at)
        # Who finds the instrument occupied cannot check in, and is not to blame.
        return missed.exclude(instrument__usage__ends_at=None, instrument__usage__isnull=False)

    def left_behind(self, at: datetime) -> BookingQuerySet:
        """Coming bookings for a group, of people who have left its organisation since, and whose PI is still there.

        An hour is given to whoever only changes their role. What went to the PI once is not taken from its next owner.
        """
        there = Membership.objects.filter(organisation=OuterRef("group__organisation"))
        theirs, of_the_pi = there.filter(person=OuterRef("user")), there.filter(person=OuterRef("group__pi"))
        ended = theirs.filter(
            state=MembershipState.ENDED, ended_at__gt=OuterRef("created_at"), ended_at__lte=at - GRACE
        )
        was_the_pis = self.model.objects.filter(pk=OuterRef("pk"), events__user=OuterRef("group__pi"))
        coming = self.filter(state__in=CHANGES_HANDS, starts_at__gt=at, held_for="", group__pi__is_active=True)
        return coming.exclude(user=F("group__pi")).filter(
            Exists(ended), ~Exists(theirs.standing()), Exists(of_the_pi.confirmed()), ~Exists(was_the_pis)
        )

    def overrunning(self, at: datetime) -> BookingQuerySet:
        """In use beyond their end."""
        return self.filter(state=State.IN_USE, ends_at__lte=at)

    def to_be_reminded(self, at: datetime, *, lead: timedelta, mark: str) -> BookingQuerySet:
        """Confirmed bookings that begin within `lead` and were confirmed before that; `mark` says who was told."""
        standing = self.filter(state=State.CONFIRMED, starts_at__gt=at, starts_at__lte=at + lead)
        return standing.filter(decided_at__lte=F("starts_at") - lead, **{mark: None})
