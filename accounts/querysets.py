from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from accounts.states import MembershipState, OrganisationKind, Role, VerificationState

if TYPE_CHECKING:
    from accounts.models import (  # noqa: F401 (the names in quotes below)
        ApiToken,
        Membership,
        Organisation,
        OrganisationDay,
        Tier,
        User,
        Verification,
    )


class OrganisationQuerySet(QuerySet["Organisation"]):
    def administered_by(self, user: User) -> OrganisationQuerySet:
        """Organisations whose admin `user` is (confirmed)."""
        held = user.memberships.confirmed().filter(role=Role.ADMIN)
        return self.filter(pk__in=held.values("organisation"))

    def spoken_for_by(self, user: User) -> OrganisationQuerySet:
        """Firms whose admin `user` is, or says to be."""
        held = user.memberships.standing().filter(role=Role.ADMIN)
        return self.filter(kind=OrganisationKind.COMPANY, pk__in=held.values("organisation"))


class OrganisationDayQuerySet(QuerySet["OrganisationDay"]):
    def coming(self, today: date) -> OrganisationDayQuerySet:
        return self.filter(day__gte=today).order_by("day")


class MembershipQuerySet(QuerySet["Membership"]):
    def confirmed(self) -> MembershipQuerySet:
        return self.filter(state=MembershipState.CONFIRMED)

    def keeping_records(self) -> MembershipQuerySet:
        """Admins of an institution with facilities, and the city's officers."""
        admin = Q(role=Role.ADMIN, organisation__facilities__isnull=False)
        return self.confirmed().filter(admin | Q(role=Role.OFFICER))

    def claimed(self) -> MembershipQuerySet:
        return self.filter(state=MembershipState.CLAIMED)

    def standing(self) -> MembershipQuerySet:
        """Claimed or confirmed."""
        return self.exclude(state=MembershipState.ENDED)


class ApiTokenQuerySet(QuerySet["ApiToken"]):
    def live(self, at: datetime) -> ApiTokenQuerySet:
        """Neither revoked nor expired, of a user who may still sign in."""
        return self.filter(Q(revoked_at=None), expires_at__gt=at, user__is_active=True)

    def governed_by(self, user: User) -> ApiTokenQuerySet:
        """Tokens that `user` may see and revoke: their own, and those of their organisations' service accounts."""
        administered = user.memberships.confirmed().filter(role=Role.ADMIN).values("organisation")
        return self.filter(Q(user=user) | Q(user__service_of__in=administered))


class VerificationQuerySet(QuerySet["Verification"]):
    def standing(self, on: date) -> VerificationQuerySet:
        """Verified, and not over by then, whether or not it was already said to be over."""
        return self.filter(state=VerificationState.VERIFIED, until__gte=on)

    def pending(self) -> VerificationQuerySet:
        """What officers answer, what is overdue first."""
        return self.filter(state=VerificationState.PENDING).order_by("due_on", "asked_at")

    def over(self, on: date) -> VerificationQuerySet:
        """Still called verified, though its last day is past."""
        return self.filter(state=VerificationState.VERIFIED, until__lt=on)

    def visible_to(self, user: User) -> VerificationQuerySet:
        """Who asked, the firm's admins, and officers who do not belong there."""
        offices = user.memberships.confirmed().filter(role=Role.OFFICER, organisation__kind=OrganisationKind.GOVERNMENT)
        own = user.memberships.standing().values("organisation")
        theirs = Q(asked_by=user) | Q(
            organisation__in=user.memberships.confirmed().filter(role=Role.ADMIN).values("organisation")
        )
        return self.filter(theirs | ~Q(organisation__in=own)) if offices.exists() else self.filter(theirs)


class TierQuerySet(QuerySet["Tier"]):
    def held(self, on: date) -> TierQuerySet:
        return self.filter(Q(ends=None) | Q(ends__gte=on), begins__lte=on)
