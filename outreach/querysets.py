from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet

from accounts.states import Role
from bookings.states import State
from outreach.states import HOLDS_PLACE, IS_COMING, STANDS, WAITS, EnrolmentState, SessionState

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User
    from outreach.models import (  # noqa: F401 (the names in quotes below)
        Child,
        Enrolment,
        MentorAssignment,
        Programme,
        Session,
        SessionNeed,
    )

SHOWN = [SessionState.PUBLISHED, SessionState.COMPLETED]
HOLDS = [State.CONFIRMED, State.IN_USE, State.COMPLETED]


def coordinated_by(user: User | AnonymousUser) -> Any:
    """The organisations for whose programmes somebody speaks: as coordinator, or as admin of one with laboratories."""
    speaks = Q(role=Role.COORDINATOR) | Q(role=Role.ADMIN, organisation__facilities__isnull=False)
    return user.memberships.confirmed().filter(speaks).values("organisation")  # type: ignore[union-attr,misc]


class ProgrammeQuerySet(QuerySet["Programme"]):
    def visible_to(self, user: User | AnonymousUser) -> ProgrammeQuerySet:
        """Everybody sees what has or had a published session; coordinators see all of their organisation's."""
        sessions = self.model._meta.get_field("sessions").related_model._default_manager
        seen = Q(Exists(sessions.filter(programme=OuterRef("pk"), state__in=SHOWN)))
        if user.is_authenticated:
            seen |= Q(organisation__in=coordinated_by(user))
        return self.filter(seen)

    def with_next_start(self, now: datetime) -> Any:
        coming = Q(sessions__state=SessionState.PUBLISHED, sessions__starts_at__gt=now)
        return self.annotate(next_start=Min("sessions__starts_at", filter=coming))

    def coming(self, now: datetime, *, first: date | None = None, last: date | None = None) -> ProgrammeQuerySet:
        """With a published session ahead, in the days named; the soonest first."""
        sessions = self.model._meta.get_field("sessions").related_model._default_manager
        ahead = sessions.filter(programme=OuterRef("pk"), state=SessionState.PUBLISHED, starts_at__gt=now)
        if first:
            ahead = ahead.filter(ends_at__date__gte=first)
        if last:
            ahead = ahead.filter(starts_at__date__lte=last)
        found: ProgrammeQuerySet = self.filter(Exists(ahead)).with_next_start(now).order_by("next_start", "pk")
        return found

    def for_age(self, age: int) -> ProgrammeQuerySet:
        return self.filter(age_from__lte=age, age_to__gte=age)

    def coordinated_by(self, user: User) -> ProgrammeQuerySet:
        return self.filter(organisation__in=coordinated_by(user))


class SessionQuerySet(QuerySet["Session"]):
    def visible_to(self, user: User | AnonymousUser) -> SessionQuerySet:
        seen = Q(state__in=SHOWN)
        if user.is_authenticated:
            seen |= Q(programme__organisation__in=coordinated_by(user))
        return self.filter(seen)

    def coordinated_by(self, user: User) -> SessionQuerySet:
        return self.filter(programme__organisation__in=coordinated_by(user))

    def open_ahead(self, now: datetime) -> SessionQuerySet:
        return self.filter(state=SessionState.PUBLISHED, starts_at__gt=now).order_by("starts_at")

    def to_be_completed(self, now: datetime) -> SessionQuerySet:
        return self.filter(state=SessionState.PUBLISHED, ends_at__lte=now)

    def to_be_watched(self, now: datetime) -> SessionQuerySet:
        return self.filter(state=SessionState.PUBLISHED, ends_at__gt=now)

    def to_be_erased(self, today: date) -> SessionQuerySet:
        """Over (or cancelled) for longer than their data may be kept, and not erased yet."""
        over = [SessionState.COMPLETED, SessionState.CANCELLED]
        return self.filter(state__in=over, erase_on__lte=today, erased_at=None)

    def lock(self, pk: Any) -> Session:
        """The session, held against other enrolments until this transaction ends."""
        return self.select_for_update(no_key=True, of=("self",)).select_related("programme__organisation").get(pk=pk)

    def with_everything(self) -> SessionQuerySet:
        return self.select_related("programme__organisation").prefetch_related(
            "needs__instrument__facility__organisation", "needs__booking", "assignments__mentor__user", "safety_duties"
        )


class NeedQuerySet(QuerySet["SessionNeed"]):
    def without_time(self) -> NeedQuerySet:
        """Those whose booking no longer holds their time, or holds another."""
        held = Q(
            booking__state__in=HOLDS,
            booking__starts_at__lte=F("starts_at"),
            booking__ends_at__gte=F("ends_at"),
            booking__instrument=F("instrument"),
        )
        return self.exclude(held)


class AssignmentQuerySet(QuerySet["MentorAssignment"]):
    def of(self, user: User) -> AssignmentQuerySet:
        return self.filter(mentor__user=user)


class ChildQuerySet(QuerySet["Child"]):
    def of(self, user: User) -> ChildQuerySet:
        """Whose guardian somebody is; what was erased is gone."""
        return self.filter(guardians__user=user, erased_at=None).order_by("created_at")

    def to_be_erased(self, now: datetime, *, idle: timedelta) -> ChildQuerySet:
        """Children in no session whose data is still kept, entered longer than `idle` ago."""
        enrolments = self.model._meta.get_field("enrolments").related_model._default_manager
        kept = enrolments.filter(child=OuterRef("pk")).filter(
            Q(state__in=IS_COMING) | Q(session__erased_at=None, state__in=STANDS)
        )
        return self.filter(~Exists(kept), erased_at=None, touched_at__lte=now - idle)


class EnrolmentQuerySet(QuerySet["Enrolment"]):
    def visible_to(self, user: User) -> EnrolmentQuerySet:
        """A guardian's own children's; those of the organisation's sessions for its coordinators and finance."""
        places = user.memberships.confirmed().filter(role__in=[Role.COORDINATOR, Role.ADMIN, Role.FINANCE])
        theirs = Q(child__guardians__user=user)
        return self.filter(theirs | Q(session__programme__organisation__in=places.values("organisation"))).distinct()

    def of(self, user: User) -> EnrolmentQuerySet:
        return self.filter(child__guardians__user=user)

    def with_everything(self) -> EnrolmentQuerySet:
        return self.select_related("session__programme__organisation", "child", "guardian", "consent__text", "charge")

    def in_line(self) -> EnrolmentQuerySet:
        """Who waits, in the order in which they came."""
        return self.filter(state=EnrolmentState.WAITLISTED).order_by("place_in_line")

    def holding(self) -> EnrolmentQuerySet:
        return self.filter(state__in=sorted(HOLDS_PLACE))

    def lapsed(self, now: datetime) -> EnrolmentQuerySet:
        """Whose time to answer, to consent or to pay is over."""
        return self.filter(state__in=sorted(WAITS), expires_at__lte=now)

    def standing(self) -> EnrolmentQuerySet:
        return self.filter(state__in=sorted(STANDS))

    def for_roll_call(self) -> EnrolmentQuerySet:
        return self.filter(state__in=[EnrolmentState.PAID, EnrolmentState.ATTENDED, EnrolmentState.NO_SHOW])
