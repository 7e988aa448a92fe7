"""The numbers of the yearly audit of how minors' personal information is handled; no name, no id.

《未成年人网络保护条例》 asks whoever handles it to audit each year, PIPL 54 as well. The portal counts; people judge.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import is_officer
from common.sealed import has_key
from outreach.models import CheckIn, Child, Consent, Enrolment, Session
from outreach.states import EnrolmentState
from records.models import Access
from records.states import AccessKind

OLDEST_YEAR = 2020


@dataclass(frozen=True)
class Figure:
    """One number with its words."""

    what: str
    count: int | str


@dataclass(frozen=True)
class Section:
    """A heading and its figures."""

    title: str
    figures: list[Figure]


def minors_report(user: User, *, year: int) -> list[Section]:
    """What happened in a calendar year, in as far as `user` may audit it."""
    zone = timezone.get_current_timezone()
    since, until = (datetime(each, 1, 1, tzinfo=zone) for each in (year, year + 1))
    sessions = Session.objects.all() if is_officer(user) else Session.objects.coordinated_by(user)
    enrolments = Enrolment.objects.filter(session__in=sessions)
    children = Child.objects.filter(enrolments__in=enrolments).distinct()
    return [
        _children(children, since, until),
        _enrolments(enrolments, since, until),
        _consents(enrolments, since, until),
        _erasures(sessions, children, since, until),
        _accesses(children, since, until),
        _incidents(children),
    ]


def _children(children: QuerySet[Child], since: datetime, until: datetime) -> Section:
    there = children.filter(created_at__lt=until)
    took_part = CheckIn.objects.filter(at__gte=since, at__lt=until, enrolment__child__in=children)
    return Section(
        _("Children"),
        [
            Figure(_("entered in the year"), there.filter(created_at__gte=since).count()),
            Figure(_("took part in the year"), took_part.values("enrolment__child").distinct().count()),
            Figure(_("of whom data is held today"), there.filter(erased_at=None).count()),
        ],
    )


def _enrolments(enrolments: QuerySet[Enrolment], since: datetime, until: datetime) -> Section:
    made = enrolments.filter(created_at__gte=since, created_at__lt=until)
    states = Counter(dict(made.values_list("state").annotate(count=Count("pk")).order_by()))
    figures = [Figure(_("made in the year"), made.count())]
    figures += [Figure(str(EnrolmentState(state).label), count) for state, count in sorted(states.items())]
    return Section(_("Enrolments"), figures)


def _consents(enrolments: QuerySet[Enrolment], since: datetime, until: datetime) -> Section:
    asked = Consent.objects.filter(enrolment__in=enrolments)
    answered = asked.filter(at__gte=since, at__lt=until)
    taken_back = asked.filter(withdrawn_at__gte=since, withdrawn_at__lt=until)
    used = enrolments.filter(created_at__gte=since, created_at__lt=until, paid_at__isnull=False, consent=None)
    return Section(
        _("Consents of guardians"),
        [
            Figure(_("given"), answered.filter(given=True).count()),
            Figure(_("refused"), answered.filter(given=False).count()),
            Figure(_("taken back"), taken_back.count()),
            Figure(_("places without one (must be 0)"), used.count()),
        ],
    )


def _erasures(sessions: QuerySet[Session], children: QuerySet[Child], since: datetime, until: datetime) -> Section:
    erased = children.filter(erased_at__gte=since, erased_at__lt=until)
    over = sessions.filter(erased_at__gte=since, erased_at__lt=until)
    days = [(each.erased_at - each.ends_at).days for each in over if each.erased_at]
    late = Session.objects.filter(pk__in=sessions.values("pk")).to_be_erased(timezone.localdate()).count()
    return Section(
        _("Erasures"),
        [
            Figure(_("children erased"), erased.count()),
            Figure(_("sessions whose data was erased"), len(days)),
            Figure(_("days after the session, median and longest"), f"{median(days):g} / {max(days)}" if days else "—"),
            Figure(_("overdue today (must be 0)"), late),
        ],
    )


def _accesses(children: QuerySet[Child], since: datetime, until: datetime) -> Section:
    """Who looked, by role; guardians' own looks are not written down."""
    ids = [str(each) for each in children.values_list("pk", flat=True)]
    seen: Any = Access.objects.to(ids).between(since, until).order_by()
    rows = seen.values("role", "kind").annotate(times=Count("pk"), people=Count("by", distinct=True))
    figures = [
        Figure(
            f"{row['role']} · {AccessKind(row['kind']).label}",
            _("%(times)s times, %(people)s people") % {"times": row["times"], "people": row["people"]},
        )
        for row in rows.order_by("role", "kind")
    ]
    return Section(_("Looks at what is sealed"), figures or [Figure(_("none"), 0)])


def _incidents(children: QuerySet[Child]) -> Section:
    held = children.filter(erased_at=None).values_list("pk", flat=True)
    lost = sum(not has_key(each) for each in held)
    kept = sum(has_key(each) for each in children.exclude(erased_at=None).values_list("pk", flat=True))
    return Section(
        _("Incidents that the portal can see"),
        [
            Figure(_("keys lost: data that nobody can read"), lost),
            Figure(_("keys left of children who were erased (must be 0)"), kept),
        ],
    )
