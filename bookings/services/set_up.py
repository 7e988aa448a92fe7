"""Policies, quotas and opening hours: what says when an instrument may be booked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from bookings.availability import WeeklyHours
from bookings.models import Booking, Closure, HoursException, OpeningHours, Policy, Quota
from bookings.permissions import may_set_up
from bookings.rules.policy import DEFAULTS, resolved
from bookings.rules.presets import PRESETS
from bookings.services.gather import terms_of, with_terms
from bookings.services.hit import Owner, hit_by, hit_by_day, hit_by_week
from bookings.services.look import alternatives_to
from common.errors import NotAllowed, WrongInput
from common.interval import Interval
from common.text import tidy
from instruments.models import Instrument
from notifications.services import tell


def columns_of(owner: Owner) -> dict[str, Owner]:
    return {"instrument" if isinstance(owner, Instrument) else "facility": owner}


def _refuse_stranger(by: User | None, owner: Owner) -> None:
    """`by` may set up the place; None is the portal itself, which sets up what nobody runs yet."""
    if by is not None:
        refuse_unless_may_set_up(by, owner)


def refuse_unless_may_set_up(by: User, owner: Owner) -> None:
    if not may_set_up(by, owner.facility if isinstance(owner, Instrument) else owner):
        raise NotAllowed(_("Only a lab admin of this facility may do this."))


@transaction.atomic
def set_policy(of: Owner, *, category: str = "", by: User | None = None, **values: Any) -> Policy:
    """Say how time may be booked there; `values` are fields of `Policy`, and None inherits.

    Raises ValidationError, field by field, for a number out of range and for lengths that contradict each other, also
    where one of them is inherited.
    """
    _refuse_stranger(by, of)
    owner = columns_of(of)
    policy = Policy.objects.filter(**owner, category=category).first() or Policy(**owner, category=category)
    for name, value in values.items():
        setattr(policy, name, value)
    policy.clean_fields()
    refuse_contradiction(of, policy)
    policy.full_clean()
    policy.save()
    return policy


def refuse_contradiction(of: Owner, policy: Policy) -> None:
    """The lengths as they will count after inheritance must fit each other. Raises ValidationError."""
    category = policy.category
    own = {**{name: getattr(policy, name) for name in DEFAULTS}, "category": category, "own": policy.instrument_id}
    others = [row for row in policies_for(of) if (row["category"], row["own"]) != (category, policy.instrument_id)]
    given = resolved([*others, own], category)
    if given["shortest_minutes"] > given["longest_minutes"]:
        words = {"shortest": given["shortest_minutes"], "longest": given["longest_minutes"]}
        sentence = _("The shortest booking (%(shortest)s min) is longer than the longest (%(longest)s min).") % words
        raise ValidationError({"shortest_minutes": sentence})
    if given["shortest_minutes"] < given["step_minutes"]:
        raise ValidationError({"step_minutes": _("The step is longer than the shortest booking.")})


def policies_for(of: Owner) -> list[dict[str, Any]]:
    """The rows of rules that can count there, its own and its facility's, for `resolved`."""
    facility = of.facility if isinstance(of, Instrument) else of
    found = Policy.objects.filter(facility=facility)
    if isinstance(of, Instrument):
        found |= Policy.objects.filter(instrument=of)
    return [{**each, "own": each["instrument_id"]} for each in found.values("instrument_id", "category", *DEFAULTS)]


@transaction.atomic
def remove_policy(of: Owner, *, category: str = "", by: User | None = None) -> None:
    """Inherit everything again."""
    _refuse_stranger(by, of)
    Policy.objects.filter(**columns_of(of), category=category).delete()


@transaction.atomic
def apply_preset(of: Owner, name: str, *, by: User | None = None) -> Policy:
    """Begin with one of the five presets: it replaces the row for everybody and the quotas."""
    _refuse_stranger(by, of)
    if name not in PRESETS:
        raise WrongInput("preset", "invalid", _("There is no such preset."))
    preset = PRESETS[name]
    remove_policy(of)
    set_quotas(of, preset.quotas)
    return set_policy(of, **preset.values)


@transaction.atomic
def copy_policy(of: Owner, *, source: Owner, by: User | None = None) -> None:
    """Take over all rows of rules, quotas and weekly hours of another instrument or facility; from itself, nothing."""
    _refuse_stranger(by, of)
    if source == of:
        return
    Policy.objects.filter(**columns_of(of)).delete()
    OpeningHours.objects.filter(**columns_of(of)).delete()
    Quota.objects.filter(**columns_of(of)).delete()
    for model in (Policy, OpeningHours, Quota):
        for row in model._default_manager.filter(**columns_of(source)):
            row.pk, row._state.adding = None, True
            row.facility, row.instrument = None, None
            setattr(row, *next(iter(columns_of(of).items())))
            row.save()


@transaction.atomic
def set_quotas(of: Owner, quotas: Iterable[dict[str, Any]], *, by: User | None = None) -> list[Quota]:
    """Replace the quotas; each is {subject, measure, period, amount, category}. Raises ValidationError."""
    _refuse_stranger(by, of)
    Quota.objects.filter(**columns_of(of)).delete()
    made = []
    for values in quotas:
        quota = Quota(**columns_of(of), **values)
        quota.full_clean()
        quota.save()
        made.append(quota)
    return made


@transaction.atomic
def set_hours(of: Owner, hours: Iterable[WeeklyHours], *, category: str = "", by: User | None = None) -> None:
    """Replace the weekly opening hours for everybody, or for one customer category; whose booking it hits is told.

    Raises ValidationError.
    """
    _refuse_stranger(by, of)
    hours, now = list(hours), timezone.now()
    hit = hit_by_week(of, hours, category=category, now=now) if by else []
    rows = [
        OpeningHours(
            **columns_of(of), category=category, weekday=each.weekday, opens_minute=each.opens,
            closes_minute=each.closes,
        )
        for each in hours
    ]  # fmt: skip
    for row in rows:
        row.full_clean()
    OpeningHours.objects.filter(**columns_of(of), category=category).delete()
    OpeningHours.objects.bulk_create(rows)
    for booking in hit:
        tell("day_differs", to=[booking.user], about=booking, occasion=f"week {now:%Y-%m-%dT%H:%M:%S}", rows=[])


@transaction.atomic
def set_exception(
    of: Owner,
    day: date,
    stretches: Iterable[tuple[int, int]],
    *,
    reason_zh: str = "",
    reason_en: str = "",
    by: User | None = None,
) -> list[HoursException]:
    """Say how one day differs: open in these stretches (minutes after midnight), or closed when there are none."""
    _refuse_stranger(by, of)
    stretches = list(stretches)
    reasons = {"reason_zh": tidy(reason_zh), "reason_en": tidy(reason_en)}
    rows = [
        HoursException(**columns_of(of), day=day, opens_minute=opens, closes_minute=closes, **reasons)
        for opens, closes in stretches
    ] or [HoursException(**columns_of(of), day=day, **reasons)]
    for row in rows:
        row.full_clean()
    hit = hit_by_day(of, day, stretches) if by else []
    HoursException.objects.filter(**columns_of(of), day=day).delete()
    made = list(HoursException.objects.bulk_create(rows))
    for booking in hit:
        tell("day_differs", to=[booking.user], about=booking, occasion=f"day {made[0].pk}", rows=made)
    return made


@transaction.atomic
def drop_exception(of: Owner, day: date, *, by: User | None = None) -> None:
    """The day is like its week again."""
    _refuse_stranger(by, of)
    HoursException.objects.filter(**columns_of(of), day=day).delete()


def closures_during(booking: Booking) -> list[Closure]:
    """Closures that were announced for the time of a booking which still stands."""
    return list(Closure.objects.bearing_on(booking.instrument).during(booking.interval))


@transaction.atomic
def close(of: Owner, *, by: User, interval: Interval, reason_zh: str, reason_en: str = "") -> Closure:
    """Close a facility or an instrument for a time; everybody whose booking it hits is told, with other times.

    Their bookings stand until they or the laboratory move or cancel them. Raises ValidationError.
    """
    refuse_unless_may_set_up(by, of)
    closure = Closure(
        **columns_of(of), starts_at=interval.start, ends_at=interval.end, reason_zh=tidy(reason_zh),
        reason_en=tidy(reason_en), made_by=by,
    )  # fmt: skip
    closure.full_clean()
    closure.save()
    now = timezone.now()
    for booking in hit_by(of, interval):
        instrument = with_terms(type(booking.instrument).objects.filter(pk=booking.instrument_id)).get()
        others = alternatives_to(booking.interval, instrument=instrument, terms=terms_of(instrument), now=now)
        occasion = f"closure {closure.pk}"
        tell("closure_hits", to=[booking.user], about=booking, occasion=occasion, closure=closure, others=others)
    return closure


@transaction.atomic
def reopen(closure: Closure, *, by: User) -> None:
    """Take a closure back."""
    owner = closure.owner
    if owner is not None:
        refuse_unless_may_set_up(by, owner)
    closure.delete()
