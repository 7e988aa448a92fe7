from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.contrib.postgres.search import SearchQueryField, SearchRank, TrigramSimilarity
from django.db.models import BooleanField, CharField, F, FloatField, Func, IntegerField, Model, Q, QuerySet, Value
from django.db.models.functions import MD5, Cast, Greatest, Left
from django.utils import timezone

from accounts.states import Role
from common.text import folded
from instruments.ranking import AROUND, AROUND_INSTRUMENT, Reading
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


# The search document begins with the name in pinyin; so many letters of it sort, and are indexed.
NAME_SORTS_BY = 60
WEIGHTS_D_TO_A = [0.05, 0.2, 0.6, 1.0]
BY_LENGTH = 1  # of `ts_rank`: divide by 1 + the logarithm of the document's length
Record = TypeVar("Record", bound=Model)


class Matches(Func):
    """Whether a tsvector matches a tsquery."""

    template = "(%(expressions)s)"
    arg_joiner = " @@ "
    output_field = BooleanField()


class LooksLike(Matches):
    """Whether two texts have enough trigrams in common."""

    arg_joiner = " %% "


def tsquery(written: str) -> Cast:
    return Cast(Value(written), SearchQueryField())


class SearchedQuerySet(QuerySet[Record]):
    """Records that carry a search document and a tsvector."""

    around = AROUND

    def indexed_under_other_names(self) -> Self:
        """Whose facility, institution or class is called otherwise than when the record was indexed."""
        names = Func(Value("\n"), *map(F, self.around), function="concat_ws", output_field=CharField())
        return self.exclude(indexed_under=MD5(names))

    def matching(self, reading: Reading | None) -> Self:
        """The records that a reading of a query asks for; all of them where nothing is asked."""
        if reading is None:
            return self
        fits = Q(Matches(F("search_vector"), tsquery(reading.tsquery))) if reading.tsquery else Q()
        if reading.how == "similar":
            wanted = Value(reading.similar_to)
            alike = Q(LooksLike(F("name_zh"), wanted)) | Q(LooksLike(F("name_en"), wanted))
            return self.filter(fits | alike if reading.tsquery else alike)
        if not reading.tsquery:
            # Nothing but signs was asked for: they are looked for as they stand.
            return self.filter(search_document__contains=folded(reading.similar_to))
        return self.filter(fits)

    def best_first(self, reading: Reading) -> Self:
        """The words as they were written count first, then how much of the query is met, then where it stands."""
        worth: Any = Value(0.0)
        for piece in reading.pieces:
            met = Cast(Cast(Matches(F("search_vector"), tsquery(piece.tsquery)), IntegerField()), FloatField())
            worth += met * Value(piece.worth)
        if reading.tsquery:
            rank = SearchRank(
                F("search_vector"),
                tsquery(reading.tsquery),
                weights=Value(WEIGHTS_D_TO_A),
                normalization=Value(BY_LENGTH),
            )
            worth += Cast(rank, FloatField())
        if reading.how == "similar":
            wanted = reading.similar_to
            worth += Greatest(TrigramSimilarity("name_zh", wanted), TrigramSimilarity("name_en", wanted))
        return self.annotate(worth=worth).order_by("-worth", "id")

    def by_name(self) -> Self:
        """In the order of the Chinese names' pinyin."""
        return self.order_by(Left("search_document", NAME_SORTS_BY), "id")


class InstrumentQuerySet(SearchedQuerySet["Instrument"]):
    around = AROUND_INSTRUMENT

    def visible_to(self, user: User | AnonymousUser) -> InstrumentQuerySet:
        """The catalogue is public; what is retired is seen only by those who run it."""
        seen = ~Q(status=Status.RETIRED)
        if user.is_authenticated:
            seen |= Q(facility__in=user.facility_roles.standing(timezone.localdate()).values("facility"))
        return self.filter(seen)

    def favourites_of(self, user: User) -> InstrumentQuerySet:
        return self.filter(favourites__user=user)

    def for_rows(self) -> InstrumentQuerySet:
        """With what a row of a list shows: the place, the category, the photos."""
        return self.select_related("facility__organisation", "category").prefetch_related("photos__file__small")

    def confirmed_before(self, moment: datetime) -> InstrumentQuerySet:
        """Not confirmed since then, or never."""
        return self.filter(Q(confirmed_at=None) | Q(confirmed_at__lt=moment))

    def lock(self, slug: str) -> Instrument:
        """The instrument, held against other bookings until this transaction ends; DoesNotExist is raised as usual."""
        return self.select_for_update(no_key=True, of=("self",)).get(slug=slug)


class FacilityRoleQuerySet(QuerySet["FacilityRole"]):
    def standing(self, on: date) -> FacilityRoleQuerySet:
        return self.filter(Q(until=None) | Q(until__gte=on), user__is_active=True)

    def over(self, on: date) -> FacilityRoleQuerySet:
        """Those that have ended before that day, the latest first."""
        return self.filter(until__lt=on).order_by("-until")

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


class TestItemQuerySet(SearchedQuerySet["TestItem"]):
    __test__ = False

    def visible_to(self, user: User | AnonymousUser) -> TestItemQuerySet:
        """What is offered is public; what is not any more is seen only by those who run the facility."""
        seen = Q(is_offered=True)
        if user.is_authenticated:
            seen |= Q(facility__in=user.facility_roles.standing(timezone.localdate()).values("facility"))
        return self.filter(seen)


def board_of(owner: Facility | Organisation | None) -> dict[str, Any]:
    """Whose a notice or a guide is, as its two columns say it."""
    if owner is None:
        return {"facility": None, "organisation": None}
    return {owner._meta.model_name or "": owner}


class BoardNoticeQuerySet(QuerySet["BoardNotice"]):
    def shown(self, now: datetime) -> BoardNoticeQuerySet:
        return self.filter(Q(shown_until=None) | Q(shown_until__gt=now), shown_from__lte=now)

    def at(self, facility: Facility) -> BoardNoticeQuerySet:
        """What whoever comes to the facility should read: its own, its institution's, and what the city has pinned."""
        citys = Q(facility=None, organisation=None, is_pinned=True)
        return self.filter(Q(facility=facility) | Q(organisation=facility.organisation_id) | citys)

    def of(self, owner: Facility | Organisation | None) -> BoardNoticeQuerySet:
        """What hangs on one board; of the city where there is no owner."""
        return self.filter(**board_of(owner))


class GuideQuerySet(QuerySet["Guide"]):
    def at(self, facility: Facility) -> GuideQuerySet:
        """The facility's own pages, its institution's and the city's."""
        return self.filter(
            Q(facility=facility) | Q(organisation=facility.organisation_id) | Q(facility=None, organisation=None)
        )

    def of(self, owner: Facility | Organisation | None) -> GuideQuerySet:
        """The pages of one board; of the city where there is no owner."""
        return self.filter(**board_of(owner))


class ImportQuerySet(QuerySet["InstrumentImport"]):
    def visible_to(self, user: User) -> ImportQuerySet:
        """One's own, and those of the organisations that one administers."""
        administered = user.memberships.confirmed().filter(role=Role.ADMIN).values("organisation")
        return self.filter(Q(by=user) | Q(organisation__in=administered))


class RoundQuerySet(QuerySet["CollectionRound"]):
    def open(self) -> RoundQuerySet:
        return self.filter(closed_at=None)
