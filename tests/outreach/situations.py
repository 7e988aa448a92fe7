"""Situations of young people's programmes, named."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from accounts.states import Audience
from common.interval import Interval
from instruments.models import Facility
from outreach import services
from outreach.models import Child, Enrolment, Programme, Session
from outreach.states import ProgrammeKind, Relation
from tests import factories

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NAME = "金丝雀王小明"
TEN_YEARS = timedelta(days=3660)
CONTACTS = [{"name": "外婆金丝雀", "phone": "13900001111"}, {"name": "舅舅金丝雀", "phone": "13900002222"}]
TOLD = {
    "meeting_point_zh": "东门",
    "insurance_zh": "意外险",
    "unsuitable_zh": "无",
    "emergency_phone": "0411-0000 0000",
    "filing_number": "示例-1",
    "packing_zh": "水杯",
    "meals_zh": "午餐",
    "lodging_zh": "不住宿",
    "includes_zh": "材料",
}


def programme(facility: Facility, *, by: User, **fields: Any) -> Programme:
    """A course for children from 8 to 12 that costs 200 yuan, with everything that parents must be told."""
    usual = {"kind": ProgrammeKind.COURSE, "slug": "course", "name_zh": "看见原子", "name_en": "Seeing atoms"}
    told = {**TOLD, "age_from": 8, "age_to": 12, "fee": "200.00"}
    table = [{"days_before": 7, "percent": 100}, {"days_before": 2, "percent": 50}]
    made = services.write_programme(
        facility.organisation, by=by, facility=facility, **{**usual, **told, "refund_table": table, **fields}
    )
    services.set_itinerary(made, [{"day": 1, "starts_minute": 540, "ends_minute": 600, "title_zh": "观察"}], by=by)
    services.publish_consent_text(made, by=by, text_zh="同意书正文", text_en="The text")
    return Programme.objects.get(pk=made.pk)


def youth_instrument(facility: Facility, slug: str = "afm", **terms: Any) -> Any:
    made = factories.instrument(facility, slug, **{"needs_approval": False, **terms})
    made.fit_for_youth, made.sharing = True, [*factories.EVERYONE, Audience.YOUTH]
    made.name_zh, made.name_en = f"原子力显微镜 {slug}", f"AFM {slug}"
    made.save(update_fields=["fit_for_youth", "sharing", "name_zh", "name_en"])
    return made


def planned(shown: Programme, *, by: User, at: datetime, places: int = 3, hours: int = 3, slug: str = "afm") -> Session:
    """A session with an instrument, a mentor (`mentor@example.org`, checked a month ago) and a safety officer."""
    session = services.plan_session(shown, by=by, interval=Interval(at, at + hours * HOUR), places=places)
    services.claim_time(session, by=by, slug=slug)
    checked = timezone.localdate() - 30 * DAY
    for number in range(-(-places // shown.children_per_mentor)):
        name = f"mentor{number or ''}"
        if not User.objects.filter(email=f"{name}@example.org").exists():
            factories.member(name, shown.organisation, "mentor")
        mentor = services.enter_mentor(shown.organisation, by=by, email=f"{name}@example.org", checked_on=checked)
        services.assign(session, mentor, by=by)
    for day in session.days:
        services.name_safety_officer(session, by=by, day=day, name="安全员", phone="0411-1")
    return session


def published(shown: Programme, *, by: User, **wish: Any) -> Session:
    return services.publish(planned(shown, by=by, **wish), by=by)


def child_of(guardian: User, *, name: str = NAME, born: date | None = None, grade: int = 4) -> Child:
    """Ten years old, unless born on another day."""
    born = born or timezone.localdate() - TEN_YEARS
    given = {"grade": grade, "contacts": CONTACTS, "relation": Relation.MOTHER}
    return services.enter_child(by=guardian, name=name, born=born, **given)


def enrolled(session: Session, guardian: User, **child: Any) -> Enrolment:
    return services.enrol(session.pk, by=guardian, child=child_of(guardian, **child))


def consented(enrolment: Enrolment) -> Enrolment:
    text = services.current_text(enrolment.session.programme)
    assert text is not None
    return services.consent(enrolment, by=enrolment.guardian, text=text)


def paid(enrolment: Enrolment) -> Enrolment:
    return services.pay(consented(enrolment), by=enrolment.guardian, how="simulator")
