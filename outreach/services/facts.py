"""The facts for the rules."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from common.interval import Interval
from instruments.states import TAKES_BOOKINGS, Kind
from outreach.models import Child, ConsentText, Enrolment, Programme, Session, SessionNeed
from outreach.rules import EnrolmentFacts, MentorFacts, NeedFacts, SessionFacts
from outreach.rules.clock import DALIAN
from outreach.services.family import words_of

BILINGUAL = ["meeting_point", "insurance", "unsuitable", "packing", "meals", "lodging", "includes"]
PLAIN = ["emergency_phone", "filing_number"]


def session_facts(session: Session, *, now: datetime) -> SessionFacts:
    """Everything that bears on whether it may be published; the same number of statements for any session."""
    programme = session.programme
    missing = set(SessionNeed.objects.filter(session=session).without_time().values_list("pk", flat=True))
    needs = session.needs.select_related("instrument", "booking")
    mentors = session.assignments.select_related("mentor__user")
    days = tuple(session.days)
    return SessionFacts(
        now=now,
        interval=session.interval,
        days=tuple(_part(session.interval, day) for day in days),
        day_names=days,
        kind=programme.kind,
        places=session.places,
        age_from=programme.age_from,
        children_per_mentor=programme.children_per_mentor,
        needs=tuple(_need(each, is_held=each.pk not in missing) for each in needs),
        mentors=tuple(MentorFacts(each.mentor.user.name, each.interval, each.mentor.checked_on) for each in mentors),
        safety_days=frozenset(session.safety_duties.values_list("day", flat=True)),
        has_consent_text=current_text(programme) is not None,
        has_itinerary=programme.itinerary.exists(),
        has_fee=programme.fee > 0,
        has_refund_table=bool(programme.refund_table),
        told=frozenset(_told(programme)),
    )


def _part(whole: Interval, day: datetime | object) -> Interval:
    midnight = datetime.combine(day, time(), DALIAN)  # type: ignore[arg-type]
    part = Interval(midnight, midnight + timedelta(days=1)).common_with(whole)
    assert part is not None
    return part


def _need(need: SessionNeed, *, is_held: bool) -> NeedFacts:
    instrument = need.instrument
    return NeedFacts(
        name=str(instrument.name),
        is_held=is_held,
        is_room=instrument.kind == Kind.ROOM,
        fit_for_youth=instrument.fit_for_youth,
        age_from=instrument.youth_age_from,
        takes_bookings=instrument.status in TAKES_BOOKINGS,
    )


def _told(programme: Programme) -> list[str]:
    said = [name for name in PLAIN if getattr(programme, name)]
    return said + [name for name in BILINGUAL if getattr(programme, f"{name}_zh") or getattr(programme, f"{name}_en")]


def current_text(programme: Programme) -> ConsentText | None:
    """The version that guardians consent to today."""
    return programme.consent_texts.order_by("-version").first()


def enrolment_facts(session: Session, child: Child, *, now: datetime) -> EnrolmentFacts:
    """Everything that bears on one child's wish; one statement beside opening what is sealed."""
    words, programme = words_of(child), session.programme
    overlapping = Enrolment.objects.filter(child=child, starts_at__lt=session.ends_at, ends_at__gt=session.starts_at)
    standing = list(overlapping.standing().select_related("session__programme"))
    others = [each for each in standing if each.session_id != session.pk]
    return EnrolmentFacts(
        now=now,
        session_state=session.state,
        starts_at=session.starts_at,
        first_day=session.first_day,
        age_from=programme.age_from,
        age_to=programme.age_to,
        grade_from=programme.grade_from,
        grade_to=programme.grade_to,
        born=words.born,
        grade=words.grade,
        enrolled_here=len(others) < len(standing),
        elsewhere=str(others[0].session.programme.name) if others else "",
    )
