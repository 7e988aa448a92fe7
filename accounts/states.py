"""The life of a membership, and the kinds and roles that people and organisations have.

claimed ──confirmed by an institution admin, or by mail domain──▶ confirmed
   └──────────────────────▶ ended ◀──────────────────────────────────┘

Whether a firm is verified, by an officer and for a while; transitions through `NEXT` alone:

unverified ──asks──▶ pending ──officer──▶ verified(until) ──over──▶ expired
     ▲                  └──officer──▶ rejected(reason)                 │
     └── each of them asks again as a new row ◀────────────────────────┘
"""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class OrganisationKind(TextChoices):
    UNIVERSITY = "university", _("university")
    INSTITUTE = "institute", _("research institute")
    LABORATORY = "laboratory", _("laboratory")
    COMPANY = "company", _("company")
    INCUBATOR = "incubator", _("incubator")
    SCIENCE_PARK = "science_park", _("science park")
    SERVICE_PROVIDER = "service_provider", _("service provider")
    GOVERNMENT = "government", _("government")
    DISTRICT = "district", _("district")
    SCHOOL = "school", _("school")
    ALLIANCE = "alliance", _("alliance")


ACADEMIC = {OrganisationKind.UNIVERSITY, OrganisationKind.INSTITUTE, OrganisationKind.LABORATORY}
HOME = "CN"  # whoever is elsewhere is overseas


class MembershipState(TextChoices):
    CLAIMED = "claimed", _("claimed")
    CONFIRMED = "confirmed", _("confirmed")
    ENDED = "ended", _("ended")


class Vouched(TextChoices):
    """Who keeps saying that somebody belongs, and ends it by saying so no longer; '' is nobody but people."""

    CAMPUS = "campus", _("campus sign-on")
    ROSTER = "roster", _("roster")


class Proof(TextChoices):
    """How somebody who lost their second step proved to the organisation who they are."""

    IN_PERSON = "in_person", _("in person, with an official document")
    CALLED_BACK = "called_back", _("by a call to the number that the organisation has of them")


class Role(TextChoices):
    MEMBER = "member", _("member")
    ADMIN = "admin", _("organisation admin")
    FINANCE = "finance", _("finance officer")
    COORDINATOR = "coordinator", _("youth coordinator")
    MENTOR = "mentor", _("mentor")
    OFFICER = "officer", _("city officer")
    AUDITOR = "auditor", _("auditor")
    BROKER = "broker", _("broker")


# Which roles an organisation has, by its kind; all have the first.
ROLES_OF_ALL = {Role.MEMBER, Role.ADMIN, Role.FINANCE, Role.COORDINATOR, Role.MENTOR}
ROLES_OF = {
    OrganisationKind.GOVERNMENT: ROLES_OF_ALL | {Role.OFFICER, Role.AUDITOR},
    OrganisationKind.SERVICE_PROVIDER: ROLES_OF_ALL | {Role.BROKER},
}


class Scope(TextChoices):
    """What a token may do, at most; its user's own rights bound it too."""

    READ = "read", _("read")
    BOOK = "book", _("book")
    MANAGE = "manage", _("manage")
    BILLING = "billing", _("keep books")
    ORDERS = "orders", _("orders")
    OUTREACH = "outreach", _("outreach")


class Audience(TextChoices):
    """To whom an instrument is open, and as whom a person asks for it."""

    INTERNAL = "internal", _("own institution")
    ACADEMIC = "academic", _("universities and institutes")
    FIRMS = "firms", _("firms")
    INDIVIDUALS = "individuals", _("individuals")
    YOUTH = "youth", _("young people")


class CustomerCategory(TextChoices):
    """As what somebody pays and is served; `accounts.rules.category_of` decides."""

    OWN_GROUP = "own_group", pgettext_lazy("category", "own group")
    OWN_INSTITUTION = "own_institution", pgettext_lazy("category", "own institution")
    ACADEMIC = "academic", pgettext_lazy("category", "academic")
    SME = "sme", pgettext_lazy("category", "small or medium-sized enterprise")
    COMPANY = "company", pgettext_lazy("category", "company")
    INDIVIDUAL = "individual", pgettext_lazy("category", "individual")
    OVERSEAS = "overseas", pgettext_lazy("category", "overseas")
    YOUTH = "youth", pgettext_lazy("category", "youth")


class DayKind(TextChoices):
    """What is unusual about a day: the State Council names the first two, an institution all four."""

    HOLIDAY = "holiday", pgettext_lazy("day", "holiday")
    MAKE_UP = "make_up", pgettext_lazy("day", "make-up working day")
    CLOSED = "closed", pgettext_lazy("day", "closed")
    OPEN = "open", pgettext_lazy("day", "open")


NATIONAL_KINDS = {DayKind.HOLIDAY, DayKind.MAKE_UP}
WORKED = {DayKind.MAKE_UP, DayKind.OPEN}
YEARS = range(2000, 2101)  # of which a calendar may speak


class VerificationState(TextChoices):
    UNVERIFIED = "unverified", pgettext_lazy("firm", "not verified")
    PENDING = "pending", pgettext_lazy("firm", "being verified")
    VERIFIED = "verified", pgettext_lazy("firm", "verified")
    EXPIRED = "expired", pgettext_lazy("firm", "verification expired")
    REJECTED = "rejected", pgettext_lazy("firm", "not accepted")


NEXT: dict[str, set[str]] = {
    VerificationState.UNVERIFIED: {VerificationState.PENDING},
    VerificationState.PENDING: {VerificationState.VERIFIED, VerificationState.REJECTED},
    VerificationState.VERIFIED: {VerificationState.EXPIRED},
    VerificationState.EXPIRED: {VerificationState.PENDING},
    VerificationState.REJECTED: {VerificationState.PENDING},
}
ANSWERED_WITHIN = 2  # working days from the day on which a firm asked


class ContactChannel(TextChoices):
    SMS = "sms", _("text message")
    MAIL = "mail", _("e-mail")
