from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.states import OrganisationKind
from orders.states import (
    IS_OVER,
    NEEDS_CUSTOMER,
    NEEDS_LAB,
    OPEN_REQUEST,
    SHOWS_RESULTS,
    AnswerState,
    OfferState,
    OrderState,
    RequestState,
)

if TYPE_CHECKING:
    from accounts.models import User
    from orders.models import Enquiry, Offer, Order, Request, Result, Sample  # noqa: F401 (the names in quotes below)


def customer(user: User, prefix: str = "", who: str = "asked_by") -> Q:
    """Whose it is: who asked, the confirmed members of their firm, the principal investigator of their group."""
    firms = user.memberships.confirmed().filter(organisation__kind=OrganisationKind.COMPANY).values("organisation")
    theirs = {f"{prefix}{who}": user}, {f"{prefix}organisation__in": firms}, {f"{prefix}group__pi": user}
    return Q(**theirs[0]) | Q(**theirs[1]) | Q(**theirs[2])


def run_by(user: User, field: str) -> Q:
    """At a laboratory where `user` has a duty today."""
    return Q(**{f"{field}__in": user.facility_roles.standing(timezone.localdate()).values("facility")})


class RequestQuerySet(QuerySet["Request"]):
    def with_everything(self) -> RequestQuerySet:
        return self.select_related(
            "asked_by", "organisation", "group", "photo__small", "test_item__facility", "instrument__facility"
        )

    def of(self, user: User) -> RequestQuerySet:
        """On whose side they stand."""
        return self.filter(customer(user))

    def visible_to(self, user: User) -> RequestQuerySet:
        """Its own side; and the laboratories that are asked, once it was sent and while it was not withdrawn."""
        asked = run_by(user, "enquiries__facility") & ~Q(state=RequestState.DRAFT)
        return self.filter(customer(user) | asked).distinct()

    def open(self) -> RequestQuerySet:
        return self.filter(state__in=OPEN_REQUEST)

    def waiting_for_customer(self) -> RequestQuerySet:
        asked = Q(enquiries__state=AnswerState.ASKED, state__in=OPEN_REQUEST)
        return self.filter(Q(state__in=[RequestState.DRAFT, RequestState.OFFERED]) | asked).distinct()


class EnquiryQuerySet(QuerySet["Enquiry"]):
    def run_by(self, user: User) -> EnquiryQuerySet:
        return self.filter(run_by(user, "facility"))

    def needing_answer(self) -> EnquiryQuerySet:
        """Where the laboratory's word is missing, what is due first on top."""
        waiting = self.filter(state=AnswerState.WAITING, request__state__in=OPEN_REQUEST)
        return waiting.order_by("due_on", "asked_at")


class OfferQuerySet(QuerySet["Offer"]):
    def with_everything(self) -> OfferQuerySet:
        return self.select_related(
            "enquiry__facility__organisation", "request__asked_by", "request__organisation", "request__group",
            "offered_by", "accepted_by",
        )  # fmt: skip

    def visible_to(self, user: User) -> OfferQuerySet:
        """The customer's side, and the laboratory that made it: never another laboratory."""
        return self.filter(customer(user, "request__") | run_by(user, "enquiry__facility"))

    def open(self) -> OfferQuerySet:
        return self.filter(state=OfferState.OPEN)

    def due(self, at: datetime) -> OfferQuerySet:
        """Open ones that are too old by then."""
        return self.open().filter(expires_at__lte=at).order_by("expires_at")


class OrderQuerySet(QuerySet["Order"]):
    def with_everything(self) -> OrderQuerySet:
        return self.select_related(
            "facility__organisation", "ordered_by", "organisation", "group", "test_item", "instrument", "offer", "hold",
            "request__photo__small",
        )  # fmt: skip

    def of(self, user: User) -> OrderQuerySet:
        return self.filter(customer(user, who="ordered_by"))

    def run_by(self, user: User) -> OrderQuerySet:
        return self.filter(run_by(user, "facility"))

    def visible_to(self, user: User) -> OrderQuerySet:
        """Whose it is, and the laboratory that does the work."""
        return self.filter(customer(user, who="ordered_by") | run_by(user, "facility"))

    def needing_lab(self) -> OrderQuerySet:
        return self.filter(state__in=NEEDS_LAB).order_by("results_by", "created_at")

    def needing_customer(self) -> OrderQuerySet:
        return self.filter(state__in=NEEDS_CUSTOMER)

    def under_way(self) -> OrderQuerySet:
        return self.exclude(state__in=IS_OVER)

    def over(self) -> OrderQuerySet:
        return self.filter(state__in=IS_OVER)

    def to_confirm(self, on: date) -> OrderQuerySet:
        """Released, and nobody objected until the day that is past."""
        return self.filter(state=OrderState.RESULTS_RELEASED, confirm_by__lt=on).order_by("confirm_by")


class SampleQuerySet(QuerySet["Sample"]):
    def visible_to(self, user: User) -> SampleQuerySet:
        return self.filter(customer(user, "order__", "ordered_by") | run_by(user, "order__facility"))


class ResultQuerySet(QuerySet["Result"]):
    def visible_to(self, user: User) -> ResultQuerySet:
        """The laboratory sees all of them; the customer those that are released."""
        released = Q(released_at__isnull=False, order__state__in=SHOWS_RESULTS)
        return self.filter(customer(user, "order__", "ordered_by") & released | run_by(user, "order__facility"))
