"""Why a child cannot be enrolled: all reasons at once, from facts alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from common.errors import Refusal
from outreach.rules.age import age_on
from outreach.states import SessionState


@dataclass(frozen=True)
class EnrolmentFacts:
    """Everything that bears on one child's wish for a place."""

    now: datetime
    session_state: str
    starts_at: datetime
    first_day: date
    age_from: int
    age_to: int
    grade_from: int | None
    grade_to: int | None
    born: date
    grade: int | None
    enrolled_here: bool = False
    elsewhere: str = ""  # the programme of another session at the same time, in which the child is


def objections_to_enrolment(facts: EnrolmentFacts) -> list[Refusal]:
    """Every reason against it."""
    return [*_of_session(facts), *_of_child(facts)]


def _of_session(facts: EnrolmentFacts) -> list[Refusal]:
    if facts.session_state != SessionState.PUBLISHED:
        return [Refusal("not_open", _("This session is not open for enrolment."))]
    if facts.starts_at <= facts.now:
        return [Refusal("begun", _("This session has begun already."))]
    return []


def _of_child(facts: EnrolmentFacts) -> list[Refusal]:
    found, age = [], age_on(facts.first_day, facts.born)
    ages = {"from": facts.age_from, "to": facts.age_to, "age": age}
    values = {"age_from": facts.age_from, "age_to": facts.age_to, "age": age}
    if age < facts.age_from:
        sentence = _("It is for children from %(from)s to %(to)s; this child will be %(age)s on the first day.") % ages
        found.append(Refusal("too_young", sentence, "child", values))
    if age > facts.age_to:
        sentence = _("It is for children from %(from)s to %(to)s; this child will be %(age)s on the first day.") % ages
        found.append(Refusal("too_old", sentence, "child", values))
    low, high = facts.grade_from or 1, facts.grade_to or 12
    if (facts.grade_from or facts.grade_to) and not (facts.grade and low <= facts.grade <= high):
        sentence = _("It is for the grades %(from)s to %(to)s.") % {"from": low, "to": high}
        found.append(Refusal("wrong_grade", sentence, "child", {"grade_from": low, "grade_to": high}))
    if facts.enrolled_here:
        found.append(Refusal("enrolled_already", _("This child is enrolled here already."), "child"))
    elif facts.elsewhere:
        sentence = _("At this time the child is enrolled in %(what)s: nobody is in two places at once.")
        found.append(Refusal("elsewhere_then", sentence % {"what": facts.elsewhere}, "child"))
    return found
