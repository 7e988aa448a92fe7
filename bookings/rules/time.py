"""Objections to the time itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.utils.translation import gettext as _

from bookings.availability import on_grid, open_intervals
from bookings.rules.circumstances import Circumstances
from common.errors import Refusal
from common.words import in_zone, length, short_day, span


def objections_of_time(given: Circumstances) -> list[Refusal]:
    """Past, too soon, too far, off the grid, too short, too long, closed, taken."""
    checks: list[Callable[[Circumstances], Refusal | None]] = [
        past_or_too_soon,
        too_far,
        off_the_grid,
        too_short,
        too_long,
        closed,
        slot_taken,
    ]
    return [refusal for check in checks if (refusal := check(given))]


def minutes(value: timedelta) -> int:
    return int(value.total_seconds() // 60)


def past_or_too_soon(given: Circumstances) -> Refusal | None:
    start, lead = given.interval.start, given.terms.lead
    if start < given.now:
        return Refusal("past", _("This time is past."), "start")
    if start < given.now + lead:
        values = {"lead_minutes": minutes(lead)}
        sentence = _("Book at least %(lead)s ahead.") % {"lead": length(lead)}
        return Refusal("too_soon", sentence, "start", values)
    return None


def too_far(given: Circumstances) -> Refusal | None:
    horizon = given.terms.horizon
    if given.interval.start <= given.now + horizon:
        return None
    sentence = _("You can book up to %(days)s days ahead, until %(day)s.") % {
        "days": horizon.days,
        "day": short_day(in_zone(given.now + horizon, given.terms.zone.key)),
    }
    return Refusal("too_far", sentence, "start", {"horizon_days": horizon.days})


def off_the_grid(given: Circumstances) -> Refusal | None:
    terms = given.terms
    if all(on_grid(each, step=terms.step, zone=terms.zone) for each in (given.interval.start, given.interval.end)):
        return None
    sentence = _("Start and end must lie on a grid of %(step)s.") % {"step": length(terms.step)}
    return Refusal("off_grid", sentence, "start", {"step_minutes": minutes(terms.step)})


def too_short(given: Circumstances) -> Refusal | None:
    shortest = given.terms.shortest
    if given.interval.length >= shortest:
        return None
    sentence = _("Shortest booking %(limit)s; you asked for %(asked)s.") % {
        "limit": length(shortest),
        "asked": length(given.interval.length),
    }
    return Refusal("too_short", sentence, "end", {"shortest_minutes": minutes(shortest)})


def too_long(given: Circumstances) -> Refusal | None:
    longest = given.terms.longest
    if given.interval.length <= longest:
        return None
    sentence = _("Longest booking %(limit)s; you asked for %(asked)s.") % {
        "limit": length(longest),
        "asked": length(given.interval.length),
    }
    return Refusal("too_long", sentence, "end", {"longest_minutes": minutes(longest)})


def closed(given: Circumstances) -> Refusal | None:
    """Closed in any part of the booked time; buffers may lie outside the hours."""
    zone, interval = given.terms.zone, given.interval
    if interval.length > timedelta(days=62):
        return None  # far too long is said already; no need to walk through a century of days
    day = timedelta(days=1)
    opened = open_intervals(given.terms.hours, interval.widened(before=day, after=day), zone=zone)
    if any(stretch.contains(interval) for stretch in opened):
        return None
    local = in_zone(interval.start, zone.key)
    hours = [each for each in given.terms.hours if each.weekday == local.weekday()]
    values = {"open": [{"from": _clock(each.opens), "to": _clock(each.closes)} for each in hours]}
    if not hours:
        return Refusal("closed", _("Closed on %(day)s.") % {"day": short_day(local)}, "start", values)
    sentence = _("Outside the opening hours; open on %(day)s: %(hours)s.") % {
        "day": short_day(local),
        "hours": ", ".join(f"{_clock(each.opens)}–{_clock(each.closes)}" for each in hours),
    }
    return Refusal("closed", sentence, "start", values)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def slot_taken(given: Circumstances) -> Refusal | None:
    held = given.terms.held_for(given.interval)
    rivals = [each for each in given.taken if each.overlaps(held)]
    if not rivals:
        return None
    times = [span(each.start, each.end, given.terms.zone.key) for each in rivals[:3]]
    return Refusal("slot_taken", _("This time is taken: %(times)s.") % {"times": ", ".join(times)}, "start")
