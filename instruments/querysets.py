from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.states import Role
from common.text import search_words
from instruments.states import FacilityDuty, Status

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import Organisation, User
    from instruments.models import (  # noqa: F401 (the names in quotes below)
        BoardNotice,
        CollectionRound,
        Facility,
        FacilityRole,
        Guide,
        Instrument,
        InstrumentImport,
        TestItem,
    )


class InstrumentQuerySet(QuerySet["Instrument"]):
    def visible_to(self, user: User | AnonymousUser) -> InstrumentQuerySet:
        """The catalogue is public; what is retired is seen only by those who run it."""
        seen = ~Q(status=Status.RETIRED)
        if user.is_authenticated:
            seen |= Q(facility__in=user.facility_roles.standing(timezone.localdate()).values("facility"))
        return self.filter(seen)

    def search(self, query: str) -> InstrumentQuerySet:
        """Instruments whose search document holds every word of the query."""
        found = self
        for word in search_words(query):
            found = found.filter(search_document__contains=word)
        return found

    def confirmed_before(self, moment: datetime) -> InstrumentQuerySet:
        """Not confirmed since then, or never."""
        return self.filter(Q(confirmed_at=None) | Q(confirmed_at__lt=moment))

    def lock(self, slug: str) -> Instrument:
        """The instrument, held against other bookings until this transaction ends; DoesNotExist is raised as usual."""
        return self.select_for_update(no_key=True, of=("self",)).get(slug=slug)


class FacilityRoleQuerySet(QuerySet["FacilityRole"]):
    def standing(self, on: date) -> FacilityRoleQuerySet:
        return self.filter(Q(until=None) | Q(until__gte=on), user__is_active=True)

    def admins(self) -> FacilityRoleQuerySet:
        return self.filter(duty=FacilityDuty.ADMIN)

    def people(self) -> FacilityRoleQuerySet:
        """Without service accounts: a program reads no mail."""
        return self.filter(user__service_of=None)

    def deciders(self, facility: Facility, on: date) -> list[User]:
        """The people who decide a facility's bookings on that day."""
        return [role.user for role in self.at(facility).admins().standing(on).select_related("user")]

    def at(self, facility: Facility) -> FacilityRoleQuerySet:
        return self.filter(facility=facility)


class TestItemQuerySet(QuerySet["TestItem"]):
    __test__ = False

    def visible_to(self, user: User | AnonymousUser) -> TestItemQuerySet:
        """What is offered is public; what is not any more is seen only by those who run the facility."""
        seen = Q(is_offered=True)
        if user.is_authenticated:
            seen |= Q(facility__in=user.facility_roles.standing(timezone.localdate()).values("facility"))
        return self.filter(seen)


class BoardNoticeQuerySet(QuerySet["BoardNotice"]):
    def shown(self, now: datetime) -> BoardNoticeQuerySet:
        return self.filter(Q(shown_until=None) | Q(shown_until__gt=now), shown_from__lte=now)

    def at(self, facility: Facility) -> BoardNoticeQuerySet:
        """What whoever comes to the facility should read: its own, its institution's and the city's."""
        return self.filter(
            Q(facility=facility) | Q(organisation=facility.organisation_id) | Q(facility=None, organisation=None)
        )

    def of_city(self) -> BoardNoticeQuerySet:
        return self.filter(facility=None, organisation=None)

    def of_organisation(self, organisation: Organisation) -> BoardNoticeQuerySet:
        return self.filter(organisation=organisation)


class GuideQuerySet(QuerySet["Guide"]):
    def at(self, facility: Facility) -> GuideQuerySet:
        """The facility's own pages, its institution's and the city's."""
        return self.filter(
            Q(facility=facility) | Q(organisation=facility.organisation_id) | Q(facility=None, organisation=None)
        )


class ImportQuerySet(QuerySet["InstrumentImport"]):
    def visible_to(self, user: User) -> ImportQuerySet:
        """One's own, and those of the organisations that one administers."""
        administered = user.memberships.confirmed().filter(role=Role.ADMIN).values("organisation")
        return self.filter(Q(by=user) | Q(organisation__in=administered))


class RoundQuerySet(QuerySet["CollectionRound"]):
    def open(self) -> RoundQuerySet:
        return self.filter(closed_at=None)
