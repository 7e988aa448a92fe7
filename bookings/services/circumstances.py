"""Everything that bears on one wish to book."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Q
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from bookings.availability import Timetable, WeeklyHours
from bookings.models import Booking, Claim, Operator, OperatorClaim, OperatorHours, OperatorLeave
from bookings.querysets import bounds_of
from bookings.rules import Circumstances, Held, OperatorFacts, QuotaRule, Terms
from bookings.rules.quota import period_of
from bookings.services.cost import cost_of
from bookings.services.gather import Person, audiences_at, needs_of, person_before, quotas_of, terms_of
from bookings.states import HOLDS_TIME, IS_COMING, OperatorUse
from common.asked import Asked
from common.db import JSONRows, take_turns
from common.errors import WrongInput
from common.interval import Interval
from instruments.models import Instrument

A_WEEK = timedelta(days=7)
NO_BOOKING = UUID(int=0)


def circumstances_of(
    instrument: Instrument,
    *,
    user: User,
    interval: Interval,
    now: datetime,
    by: User | None = None,
    group: UUID | None = None,
    assisted: bool = False,
    operator: UUID | None = None,
    moved: Booking | None = None,
    payer: UUID | None = None,
    fund_code: UUID | None = None,
    is_sold: bool = True,
) -> Circumstances:
    """Everything that bears on the wish of `user` (made `by` them or for them) to have `instrument` for `interval`.

    `instrument` comes from `with_terms` and is locked. Two statements; three with quotas (four when they count for a
    whole facility), two more with an operator, one more when somebody else books, and those of `cost_of` (what an
    upper room books for itself is not sold). Raises WrongInput for a group that is not theirs.
    """
    person = person_before(instrument, user, now=now)
    by_staff = person.runs_it
    if by and by.pk != user.pk:
        by_staff = person_before(instrument, by, now=now).runs_it
    category = person.category_at(instrument)
    terms = terms_of(instrument, category)
    quotas = quotas_of(instrument, category)
    kept = moved is not None and moved.user_id == user.pk and group == moved.group_id
    group_id = group if kept else _group(group, person.groups)
    assisted = assisted or terms.operator == OperatorUse.ALWAYS or instrument.needs_operator
    held = terms.held_for(interval)
    is_sold = is_sold and not (moved and moved.held_for)
    cost = (
        cost_of(
            instrument, user=user, person=person, group_id=group_id, interval=interval, assisted=assisted, payer=payer,
            fund_code=fund_code, moved=moved, now=now,
        )
        if is_sold
        else None
    )  # fmt: skip
    return Circumstances(
        **_standing(instrument, person, terms),
        now=now,
        interval=interval,
        by_staff=by_staff,
        taken=_taken(instrument, held, moved=moved, now=now),
        user_id=user.pk,
        group_id=group_id,
        quotas=quotas,
        held=_held_by(user, group_id, instrument, terms, quotas, interval=interval, now=now, moved=moved),
        assisted=assisted,
        operators=operators_for(instrument, interval, moved=moved) if assisted else None,
        wanted_operator=operator,
        moved_from=moved.interval if moved else None,
        unverified_firm=person.unverified_firm(),
        cost=cost,
    )


def _taken(instrument: Instrument, held: Interval, *, moved: Booking | None, now: datetime) -> tuple[Interval, ...]:
    """What others hold of the time, in order."""
    but = moved.pk if moved else NO_BOOKING
    pairs = _CLAIMS.of(day=timezone.localdate(now), instrument=instrument.pk, but=but, **bounds_of(held))
    return tuple(Interval(*pair) for pair in pairs)


def _claims(instrument: int, earliest: datetime, start: datetime, end: datetime, but: UUID) -> Any:
    near = Claim.objects.filter(instrument=instrument, unit=1).between(earliest, start, end)
    return near.exclude(booking=but).order_by("starts_at").values_list("starts_at", "ends_at")


_CLAIMS: Asked[Claim] = Asked(_claims)


def quota_circumstances(booking: Booking, instrument: Any, person: Person, *, now: datetime) -> Circumstances:
    """What bears on the quotas of a booking that is there already, for looking at them: nothing is locked.

    `instrument` comes from `with_terms`. At most two statements.
    """
    category = person.category_at(instrument)
    terms, quotas = terms_of(instrument, category), quotas_of(instrument, category)
    return Circumstances(
        **_standing(instrument, person, terms),
        now=now,
        interval=booking.interval,
        taken=(),
        user_id=booking.user_id,
        group_id=booking.group_id,
        quotas=quotas,
        held=_held_by(
            booking.user, booking.group_id, instrument, terms, quotas,
            interval=booking.interval, now=now, moved=booking,
        ),
    )  # fmt: skip


def _standing(instrument: Any, person: Person, terms: Terms) -> dict[str, Any]:
    """What bears on every wish of this person on this instrument."""
    return {
        "terms": terms,
        "status": instrument.status,
        "booked_where": instrument.booked_where,
        "shared_with": frozenset(instrument.sharing),
        "asks_as": audiences_at(instrument, person),
        "runs_it": person.runs_it,
        "trained": person.trained,
        "needs": needs_of(instrument, terms),
    }


def _group(wanted: UUID | None, theirs: frozenset[UUID]) -> UUID | None:
    """The research group that a booking is for: the one that was named, else the only one."""
    if wanted is not None and wanted not in theirs:
        raise WrongInput("group", "invalid", _("This is no research group of the person who books."))
    return wanted or (next(iter(theirs)) if len(theirs) == 1 else None)


def _held_by(
    user: User,
    group_id: UUID | None,
    instrument: Instrument,
    terms: Terms,
    quotas: Sequence[QuotaRule],
    *,
    interval: Interval,
    now: datetime,
    moved: Booking | None,
) -> tuple[Held, ...]:
    """What counts against quotas and the number of coming bookings; no statement where there is neither."""
    if not quotas and not terms.max_coming:
        return ()
    whose = Q(user=user) | Q(group=group_id) if group_id else Q(user=user)
    when = Q(pk__in=[])
    if quotas:
        periods = [period_of(quota, interval.start, terms.zone.key) for quota in quotas]
        first, last = min(each.start for each in periods), max(each.end for each in periods)
        when |= Q(starts_at__gte=first, starts_at__lt=last, state__in=HOLDS_TIME)
    if terms.max_coming:
        when |= Q(ends_at__gt=now, state__in=IS_COMING, instrument=instrument)
    if any(quota.whole_facility for quota in quotas):
        # The instrument's lock keeps rivals apart on this instrument only.
        take_turns(*(f"quota {instrument.facility_id} {who}" for who in (user.pk, group_id) if who))
    rows = Booking.objects.filter(whose, when, instrument__facility=instrument.facility_id)
    if moved:
        rows = rows.exclude(pk=moved.pk)
    return tuple(
        Held(Interval(start, end), who, group, same_instrument=on == instrument.pk)
        for start, end, who, group, on in rows.values_list("starts_at", "ends_at", "user", "group", "instrument")
    )


def operators_for(
    instrument: Instrument, interval: Interval, *, moved: Booking | None = None
) -> tuple[OperatorFacts, ...]:
    """Who can run it, locked until this transaction ends, with what holds them in the week around `interval`.

    Two statements: what was claimed meanwhile is read after the lock.
    """
    rows: Any = (
        Operator.objects.filter(instruments=instrument, user__is_active=True)
        .select_related("user", "facility")
        .annotate(
            weekly=JSONRows(
                OperatorHours.objects.filter(operator=OuterRef("pk")).values(
                    row=JSONObject(weekday="weekday", opens="opens_minute", closes="closes_minute")
                )
            ),
            away=JSONRows(
                OperatorLeave.objects.filter(operator=OuterRef("pk"), ends_at__gt=interval.start).values(
                    row=JSONObject(start="starts_at", end="ends_at")
                )
            ),
        )
        .order_by("user_id")
        # The person too: who operates at two facilities is one and the same there.
        .select_for_update(of=("self", "user"), no_key=True)
    )
    operators = list(rows)
    around = interval.widened(before=A_WEEK, after=A_WEEK)
    claims = OperatorClaim.objects.filter(
        operator__in=[each.user_id for each in operators], starts_at__lt=around.end, ends_at__gt=around.start
    )
    if moved:
        claims = claims.exclude(booking=moved)
    busy: dict[UUID, list[Interval]] = {}
    for who, start, end in claims.values_list("operator", "starts_at", "ends_at") if operators else ():
        busy.setdefault(who, []).append(Interval(start, end))
    return tuple(
        OperatorFacts(each.user_id, each.user.name, _works(each), tuple(busy.get(each.user_id, ())))
        for each in operators
    )


def _works(operator: Any) -> Timetable:
    return Timetable(
        zone=ZoneInfo(operator.facility.time_zone),
        weekly=tuple(WeeklyHours(row["weekday"], row["opens"], row["closes"]) for row in operator.weekly),
        closures=tuple(
            Interval(datetime.fromisoformat(row["start"]), datetime.fromisoformat(row["end"])) for row in operator.away
        ),
    )
