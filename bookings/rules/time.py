"""Objections to the time itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from bookings.availability import on_grid
from bookings.rules.circumstances import Circumstances
from bookings.states import LONGEST_HELD
from common.errors import Refusal
from common.text import in_reading_language
from common.words import clock_of, in_zone, length, short_day, span


def objections_of_time(given: Circumstances) -> list[Refusal]:
    """Past, too soon, too far, off the grid, too short, too long, closed, taken."""
    checks: list[Callable[[Circumstances], Refusal | None]] = [
        past_or_too_soon,
        too_far,
        off_the_grid,
        too_short,
        too_long,
        over_a_month,
        closed,
        slot_taken,
    ]
    return [refusal for check in checks if (refusal := check(given))]


def minutes(value: timedelta) -> int:
    return int(value.total_seconds() // 60)


def keeps_its_start(given: Circumstances) -> bool:
    """Whether a booking that stands already is only made longer or shorter."""
    return given.moved_from is not None and given.moved_from.start == given.interval.start


def past_or_too_soon(given: Circumstances) -> Refusal | None:
    start, lead = given.interval.start, given.terms.lead
    if keeps_its_start(given):
        ended = Refusal("past", _("This time is past."), "end")
        return ended if given.interval.end <= given.now else None
    if start < given.now:
        return Refusal("past", _("This time is past."), "start")
    if start < given.now + lead:
        values = {"lead_minutes": minutes(lead)}
        sentence = _("Book at least %(lead)s ahead.") % {"lead": length(lead)}
        return Refusal("too_soon", sentence, "start", values)
    return None


def too_far(given: Circumstances) -> Refusal | None:
    horizon = given.terms.horizon
    if keeps_its_start(given) or given.interval.start <= given.now + horizon:
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


def over_a_month(given: Circumstances) -> Refusal | None:
    """What the database itself refuses; with buffers."""
    if given.terms.held_for(given.interval).length <= LONGEST_HELD:
        return None
    return Refusal("over_a_month", _("Nothing is held for longer than 31 days at once."), "end")


def closed(given: Circumstances) -> Refusal | None:
    """Closed in any part of the booked time; buffers may lie outside the hours."""
    zone, interval = given.terms.zone, given.interval
    if interval.length > timedelta(days=62):
        return None  # far too long is said already; no need to walk through a century of days
    day = timedelta(days=1)
    timetable = given.terms.timetable
    if any(stretch.contains(interval) for stretch in timetable.open_within(interval.widened(before=day, after=day))):
        return None
    local = in_zone(interval.start, zone.key)
    hours = timetable.on(local.date())
    words = {"day": short_day(local)}
    values = {"open": [{"from": clock_of(opens), "to": clock_of(closes)} for opens, closes in hours]}
    if shut := next((each for each in timetable.closures if each.overlaps(interval)), None):
        sentence = _("Closed: %(time)s.") % {"time": span(shut.start, shut.end, zone.key)}
        return Refusal("closed", sentence, "start", values)
    if not hours:
        return Refusal("closed", _closed_day(given, local) % words, "start", values)
    sentence = _("Outside the opening hours; open on %(day)s: %(hours)s.") % {
        **words,
        "hours": ", ".join(f"{clock_of(opens)}–{clock_of(closes)}" for opens, closes in hours),
    }
    return Refusal("closed", sentence, "start", values)


def _closed_day(given: Circumstances, local: datetime) -> str:
    mark = given.terms.timetable.calendar.mark(local.date())
    if mark and mark.name_zh and not given.terms.open_on_holidays:
        name = in_reading_language(mark.name_zh, mark.name_en).replace("%", "%%")
        return _("Closed on %%(day)s: %(holiday)s.") % {"holiday": name}
    return _("Closed on %(day)s.")


def slot_taken(given: Circumstances) -> Refusal | None:
    held = given.terms.held_for(given.interval)
    rivals = [each for each in given.taken if each.overlaps(held)]
    if not rivals:
        return None
    times = [span(each.start, each.end, given.terms.zone.key) for each in rivals[:3]]
    return Refusal("slot_taken", _("This time is taken: %(times)s.") % {"times": ", ".join(times)}, "start")
