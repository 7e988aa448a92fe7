"""What a session still lacks before parents may see it: the coordinator's page and the service ask the same."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from common.errors import Refusal
from common.interval import Interval
from common.words import short_day
from outreach.states import ProgrammeKind

CHECK_LASTS = 365  # days


@dataclass(frozen=True)
class MentorFacts:
    """A mentor of a session: when they are there, and when their background was checked."""

    name: str
    interval: Interval
    checked_on: date | None

    def is_checked_for(self, day: date) -> bool:
        """Whether the check was made by then, and not more than a year before."""
        return self.checked_on is not None and self.checked_on <= day <= self.checked_on + timedelta(days=CHECK_LASTS)


@dataclass(frozen=True)
class NeedFacts:
    """An instrument or room of a session, and whether its time is held."""

    name: str
    is_held: bool
    is_room: bool = False
    fit_for_youth: bool = True
    age_from: int | None = None
    takes_bookings: bool = True


@dataclass(frozen=True)
class SessionFacts:
    """Everything that bears on whether a session may be shown to parents."""

    now: datetime
    interval: Interval
    days: tuple[Interval, ...]
    day_names: tuple[date, ...]
    kind: str
    places: int
    age_from: int
    children_per_mentor: int
    needs: tuple[NeedFacts, ...]
    mentors: tuple[MentorFacts, ...]
    safety_days: frozenset[date]
    has_consent_text: bool
    has_itinerary: bool
    has_fee: bool
    has_refund_table: bool
    told: frozenset[str]  # which of the texts for parents are there


def objections_to_publication(facts: SessionFacts) -> list[Refusal]:
    """Every reason against it, in the order in which a coordinator would mend them."""
    checks: list[Callable[[SessionFacts], Iterable[Refusal]]] = [
        _past,
        _needs,
        _mentors,
        _safety,
        _texts,
    ]
    return [refusal for check in checks for refusal in check(facts)]


def objections_of_safety(facts: SessionFacts) -> list[Refusal]:
    """What would make a published session unsafe: what it needs, its mentors, who sees to safety."""
    return [refusal for check in (_needs, _mentors, _safety) for refusal in check(facts)]


def mentors_needed(children: int, per_mentor: int) -> int:
    return max(1, math.ceil(children / per_mentor))


def mentors_on(facts: SessionFacts, day: Interval, name: date) -> int:
    """How many mentors with a valid check are there on one of the session's days."""
    return sum(each.interval.overlaps(day) and each.is_checked_for(name) for each in facts.mentors)


def fewest_mentors(facts: SessionFacts) -> int:
    return min((mentors_on(facts, *day) for day in zip(facts.days, facts.day_names, strict=True)), default=0)


def room_for(facts: SessionFacts) -> int:
    """How many children the mentors who are there every day may guide."""
    return fewest_mentors(facts) * facts.children_per_mentor


def _past(facts: SessionFacts) -> Iterable[Refusal]:
    if facts.interval.start <= facts.now:
        yield Refusal("session_past", _("The session has begun already."), "starts_at")


def _needs(facts: SessionFacts) -> Iterable[Refusal]:
    if not facts.needs:
        yield Refusal("no_instrument", _("No instrument and no room is booked for it yet."))
    for need in facts.needs:
        what = {"what": need.name}
        if not need.is_held:
            yield Refusal("instrument_missing", _("The time of %(what)s is not held, or not confirmed yet.") % what)
        if not need.takes_bookings:
            yield Refusal("instrument_closed", _("%(what)s is out of use at the moment.") % what)
        if not need.is_room and not need.fit_for_youth:
            yield Refusal("not_fit_for_youth", _("%(what)s is not marked as fit for young people.") % what)
        elif not need.is_room and need.age_from and need.age_from > facts.age_from:
            values = {"age_from": need.age_from}
            sentence = _("%(what)s is fit from the age of %(age)s only.") % {**what, "age": need.age_from}
            yield Refusal("too_young_for_instrument", sentence, values=values)


def _mentors(facts: SessionFacts) -> Iterable[Refusal]:
    for name in dict.fromkeys(each.name for each in facts.mentors):
        theirs = [each for each in facts.mentors if each.name == name]
        days = [
            day
            for whole, day in zip(facts.days, facts.day_names, strict=True)
            if any(each.interval.overlaps(whole) for each in theirs)
        ]
        if any(not each.is_checked_for(day) for each in theirs for day in days):
            yield Refusal(
                "mentor_not_checked",
                _("The background check of %(name)s is missing, or older than a year on a day of the session.")
                % {"name": name},
            )
    wanted, there = mentors_needed(facts.places, facts.children_per_mentor), fewest_mentors(facts)
    if there < wanted:
        sentence = _(
            "%(places)s children need %(wanted)s mentors with a valid check each day; on some day there are %(there)s."
        ) % {"places": facts.places, "wanted": wanted, "there": there}
        yield Refusal("too_few_mentors", sentence, values={"wanted": wanted, "there": there})


def _safety(facts: SessionFacts) -> Iterable[Refusal]:
    missing = [day for day in facts.day_names if day not in facts.safety_days]
    if missing:
        days = ", ".join(short_day(day) for day in missing)
        yield Refusal("no_safety_officer", _("No safety officer is named for %(days)s.") % {"days": days})


# What every parent is told, and (camps) what 教基一〔2016〕8号 asks for beside it.
TOLD_ALWAYS = ["emergency_phone", "meeting_point", "insurance", "unsuitable"]
TOLD_OF_CAMPS = ["filing_number", "packing", "meals", "lodging"]


def _texts(facts: SessionFacts) -> Iterable[Refusal]:
    names = {
        "emergency_phone": _("the emergency phone"),
        "meeting_point": _("the meeting point"),
        "insurance": _("the insurance"),
        "unsuitable": _("for whom it is not suitable"),
        "filing_number": _("the filing number"),
        "packing": _("what to bring"),
        "meals": _("the meals"),
        "lodging": _("the lodging"),
        "includes": _("what the fee includes"),
        "refund_table": _("the refund table"),
        "itinerary": _("the itinerary"),
        "consent_text": _("the text that guardians consent to"),
    }
    wanted = [*TOLD_ALWAYS, *(TOLD_OF_CAMPS if facts.kind == ProgrammeKind.CAMP else [])]
    missing = [name for name in wanted if name not in facts.told]
    if facts.has_fee:
        missing += [name for name in ["includes"] if name not in facts.told]
        missing += [] if facts.has_refund_table else ["refund_table"]
    missing += [] if facts.has_itinerary else ["itinerary"]
    missing += [] if facts.has_consent_text else ["consent_text"]
    for name in missing:
        sentence = _("Parents must be told: %(what)s is missing.") % {"what": names[name]}
        yield Refusal("not_told", sentence, values={"what": name})
