"""Programmes, and sessions until parents see them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation, User
from bookings.services import hold_for, let_go
from common.db import violation_means
from common.errors import Refusal, Refused, WrongInput, refuse_if
from common.interval import Interval
from common.text import tidy
from outreach.models import ConsentText, ItineraryItem, Programme, SafetyDuty, Session, SessionNeed
from outreach.permissions import refuse_unless_coordinator
from outreach.rules import objections_of_safety, objections_to_publication
from outreach.services.facts import session_facts
from outreach.services.leave import called_off
from outreach.services.turn import offer_places, turn_session, write_session
from outreach.states import GRADES, STANDS, SessionState

SLUG_TAKEN = WrongInput("slug", "taken", gettext_lazy("Another programme has this address."))
IS_OVER = Refusal("wrong_state", gettext_lazy("The session is over or cancelled."))
FEWER_THAN_TAKEN = Refusal("fewer_than_taken", gettext_lazy("So many places are taken already."), "places")
LONGEST_DAYS, MOST_PLACES = 31, 2000
# As the constraints have it; here so that somebody is told which figure is wrong.
BOUNDS = {
    "age_from": (3, 19), "age_to": (3, 19), "grade_from": (GRADES[0], GRADES[-1]), "grade_to": (GRADES[0], GRADES[-1]),
    "fee": (0, 999_999), "children_per_mentor": (1, 15), "offer_hours": (1, 140), "pay_hours": (1, 140),
    "keep_days": (1, 366),
}  # fmt: skip
# Texts of several lines, kept as they are written.
LONG = ("about_zh", "about_en", "includes_zh", "includes_en", "excludes_zh", "excludes_en", "packing_zh", "packing_en",
        "unsuitable_zh", "unsuitable_en")  # fmt: skip


@transaction.atomic
def write_programme(
    organisation: Organisation, *, by: User, programme: Programme | None = None, **fields: Any
) -> Programme:
    """Describe a programme, or change what is said of it. Enrolments keep the price with which they were made."""
    refuse_unless_coordinator(by, organisation)
    made = programme or Programme(organisation=organisation)
    changes = {**fields, "updated_at": timezone.now()}
    if programme:
        changes["version"] = programme.version + 1
    for name, value in changes.items():
        setattr(made, name, tidy(value) if isinstance(value, str) and name not in LONG else value)
    made.slug = slugify(made.slug) or f"programme-{str(made.pk)[-8:]}"
    made.refund_table = _refund_table(made.refund_table)
    _refuse_out_of_bounds(made)
    if made.age_from > made.age_to:
        raise WrongInput("age_to", "invalid", _("The oldest cannot be younger than the youngest."))
    with violation_means("outreach_programme_slug_key", SLUG_TAKEN):
        made.save(force_insert=programme is None)
    return made


def _refuse_out_of_bounds(programme: Programme) -> None:
    for name, (least, most) in BOUNDS.items():
        value = getattr(programme, name)
        if value is not None and not least <= Decimal(value) <= most:
            raise WrongInput(
                name, "out_of_range", _("Between %(least)s and %(most)s.") % {"least": least, "most": most}
            )


def _refund_table(table: Iterable[Mapping[str, int]]) -> list[dict[str, int]]:
    """Steps in order, the earliest first; raises WrongInput where less notice would give more back."""
    steps = sorted(({"days_before": int(each["days_before"]), "percent": int(each["percent"])} for each in table),
                   key=lambda step: -step["days_before"])  # fmt: skip
    percents = [step["percent"] for step in steps]
    if any(not 0 <= each <= 100 for each in percents) or percents != sorted(percents, reverse=True):
        raise WrongInput("refund_table", "invalid", _("Who cancels later cannot get more back."))
    return steps


@transaction.atomic
def set_itinerary(programme: Programme, rows: Iterable[Mapping[str, Any]], *, by: User) -> list[ItineraryItem]:
    """What happens when: these rows instead of those that are there."""
    refuse_unless_coordinator(by, programme.organisation)
    programme.itinerary.all().delete()
    items = [ItineraryItem(programme=programme, **row) for row in rows]
    if any(each.starts_minute >= each.ends_minute for each in items):
        raise WrongInput("itinerary", "invalid", _("Each item ends after it starts."))
    return ItineraryItem.objects.bulk_create(items)


@transaction.atomic
def publish_consent_text(programme: Programme, *, by: User, text_zh: str, text_en: str = "") -> ConsentText:
    """A new version of what guardians consent to; whoever has not consented yet is shown this one."""
    refuse_unless_coordinator(by, programme.organisation)
    programme = Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
    if not text_zh.strip():
        raise WrongInput("text_zh", "required", _("Write the text."))
    last = programme.consent_texts.order_by("-version").first()
    texts = {"text_zh": text_zh.strip()[:8000], "text_en": text_en.strip()[:8000]}
    return ConsentText.objects.create(
        programme=programme, version=last.version + 1 if last else 1, published_by=by, **texts
    )


@transaction.atomic
def plan_session(programme: Programme, *, by: User, interval: Interval, places: int) -> Session:
    """A session to be prepared: parents see it when it is published."""
    refuse_unless_coordinator(by, programme.organisation)
    if interval.start <= timezone.now():
        raise WrongInput("starts_at", "past", _("This time is past."))
    if interval.length.days > LONGEST_DAYS:
        raise WrongInput("ends_at", "too_long", _("A session lasts at most 31 days."))
    if not 1 <= places <= MOST_PLACES:
        raise WrongInput("places", "out_of_range", _("Enter how many children can take part."))
    return Session.objects.create(programme=programme, starts_at=interval.start, ends_at=interval.end, places=places)


@transaction.atomic
def claim_time(session: Session, *, by: User, slug: str, interval: Interval | None = None) -> SessionNeed:
    """Hold an instrument or room for the session (the whole of it, or a part) through `bookings`."""
    session = _to_change(session, by)
    interval = interval or session.interval
    if not session.interval.contains(interval):
        raise WrongInput("starts_at", "outside", _("This lies outside of the session."))
    booking = hold_for(slug, by=by, interval=interval, owner=owner_name(session), title=session.programme.name_zh)
    return SessionNeed.objects.create(
        session=session, instrument=booking.instrument, starts_at=interval.start, ends_at=interval.end, booking=booking
    )


@transaction.atomic
def drop_need(need: SessionNeed, *, by: User) -> None:
    """Give an instrument or room back, and strike it from what the session needs."""
    session = _to_change(need.session, by)
    refuse_if([LAST_NEED] if session.state == SessionState.PUBLISHED and session.needs.count() == 1 else [])
    if need.booking:
        let_go(need.booking, by=by, owner=owner_name(session))
    need.delete()


LAST_NEED = Refusal("no_instrument", gettext_lazy("A published session keeps at least one instrument or room."))


def owner_name(session: Session) -> str:
    """How bookings calls the session that owns a booking."""
    return f"outreach.session:{session.pk}"


@transaction.atomic
def name_safety_officer(session: Session, *, by: User, day: date, name: str, phone: str) -> SafetyDuty:
    """Who sees to safety on one day of the session."""
    session = _to_change(session, by)
    if day not in session.days:
        raise WrongInput("day", "outside", _("This day is none of the session's."))
    if not tidy(name) or not tidy(phone):
        raise WrongInput("name", "required", _("Enter a name and a phone number."))
    words = {"name": tidy(name)[:80], "phone": tidy(phone)[:40]}
    duty, _new = SafetyDuty.objects.update_or_create(session=session, day=day, defaults=words)
    return duty


@transaction.atomic
def publish(session: Session, *, by: User) -> Session:
    """Let parents see it and enrol, or raise everything that is still missing."""
    session, now = _to_change(session, by), timezone.now()
    refuse_if(objections_to_publication(session_facts(session, now=now)))
    return turn_session(session, SessionState.PUBLISHED, published_at=now, flagged_at=None)


@transaction.atomic
def set_places(session: Session, *, by: User, places: int) -> Session:
    """More or fewer places: never fewer than are taken, never more than the mentors may guide; new ones are offered."""
    session, now = _to_change(session, by), timezone.now()
    if not 1 <= places <= MOST_PLACES:
        raise WrongInput("places", "out_of_range", _("Enter how many children can take part."))
    refuse_if([FEWER_THAN_TAKEN] if places < session.taken else [])
    session.places = places
    if session.state == SessionState.PUBLISHED:
        missing = objections_of_safety(session_facts(session, now=now))
        refuse_if([each for each in missing if each.code == "too_few_mentors"])
    write_session(session, places=places)
    offer_places(session, now=now)
    return session


@transaction.atomic
def cancel_session(session: Session, *, by: User, reason: str) -> Session:
    """It does not take place: everybody gets the whole fee back and hears why, and all time is given back."""
    session, now = _to_change(session, by), timezone.now()
    reason = tidy(reason)[:500]
    if not reason:
        raise WrongInput("reason", "required", _("Say why: families count on it."))
    erase_on = timezone.localdate()
    turn_session(session, SessionState.CANCELLED, reason=reason, flagged_at=None, erase_on=erase_on)
    for enrolment in session.enrolments.filter(state__in=sorted(STANDS)).with_everything():
        enrolment.session = session
        called_off(enrolment, by=by, now=now, percent=100, reason=reason, offers=False)
    for need in session.needs.select_related("booking__instrument"):
        if need.booking:
            let_go(need.booking, by=by, owner=owner_name(session), reason=reason)
    session.assignments.all().delete()
    return session


def _to_change(session: Session, by: User) -> Session:
    """The session, locked, for a coordinator; raises when it is over."""
    session = Session.objects.lock(session.pk)
    refuse_unless_coordinator(by, session.programme.organisation)
    if session.state not in {SessionState.DRAFT, SessionState.PUBLISHED}:
        raise Refused([IS_OVER])
    return session
