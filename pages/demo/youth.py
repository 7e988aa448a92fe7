"""Young people in the demo city: a course and a camp to come, a course that is past. No real child."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.models import User
from accounts.states import Audience, Role
from bookings.availability import WeeklyHours
from bookings.services import confirm, set_hours, set_policy
from bookings.states import State
from common.interval import Interval
from instruments.models import Instrument
from instruments.services import enter_instrument
from instruments.states import Kind, YouthUse
from outreach.models import Certificate, CheckIn, Child, Consent, Enrolment, Programme, Session
from outreach.services import (
    assign,
    claim_time,
    consent,
    current_text,
    enrol,
    enter_child,
    enter_mentor,
    name_safety_officer,
    pay,
    plan_session,
    publish,
    publish_consent_text,
    set_itinerary,
    write_programme,
)
from outreach.states import EnrolmentState, PaidHow, ProgrammeKind, Relation, SessionState
from pages.demo.people import make_person

DALIAN = ZoneInfo("Asia/Shanghai")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EVERY_DAY = [WeeklyHours(weekday, 8 * 60, 20 * 60) for weekday in range(7)]
REFUNDS = [{"days_before": 7, "percent": 100}, {"days_before": 3, "percent": 50}]
CAMP_REFUNDS = [{"days_before": 15, "percent": 100}, *REFUNDS[1:]]
CONSENT_ZH = """一、孩子在实验室内听从指导教师和安全员的安排，穿戴防护用品，不擅自触碰仪器。
二、监护人如实告知孩子的健康状况，并在集合点按时接送。
三、活动中如遇紧急情况，主办方立即联系紧急联系人，并先行送医。
四、主办方不拍摄、不公开孩子的姓名和照片，除非监护人另行书面同意。
本文本为示例，正式使用前应经法律顾问审核。"""
CONSENT_EN = """1. In the laboratory the child follows the mentors and the safety officer, wears protection, and touches no instrument alone.
2. The guardian says truthfully what matters of the child's health, and brings and fetches the child on time.
3. In an emergency the organiser calls the contacts at once and has the child treated.
4. No name and no photo of the child is published unless the guardian agrees in writing, separately.
This text is an example: have a lawyer look at yours."""  # noqa: E501
TOLD: dict[str, Any] = {
    "meeting_point_zh": "综合实验楼一层大厅",
    "meeting_point_en": "Hall on the ground floor of the Laboratory Building",
    "insurance_zh": "主办方为每个孩子购买人身意外伤害险（示例）",
    "insurance_en": "The organiser insures each child against accidents (example)",
    "unsuitable_zh": "装有心脏起搏器、对乳胶过敏、正在发热的孩子",
    "unsuitable_en": "Children with a pacemaker, with a latex allergy, or with a fever",
    "emergency_phone": "0411-0000 0001",
    "packing_zh": "水杯、笔记本、长裤、不露脚趾的鞋",
    "packing_en": "A water bottle, a notebook, long trousers, closed shoes",
}


def welcome_young_people(afm: Instrument, people: dict[str, User]) -> None:
    """The room, the programmes, families with their children."""
    _fit_for_young_people(afm)
    colleagues = _mentors(afm, people)
    course, camp = _course(afm, people["coordinator"]), _camp(afm, people["coordinator"])
    session = _course_session(course, people, afm, days=9, places=4, mentors=colleagues[:1])
    later = _course_session(course, people, afm, days=16, places=12, mentors=colleagues[:1])
    _camp_session(camp, people, afm, mentors=colleagues)
    _draft(course, people["coordinator"])
    _families(session, later, people["guardian"])
    _past(course, people["guardian"], people["mentor"])


def _fit_for_young_people(afm: Instrument) -> None:
    afm.youth_use, afm.youth_age_from = YouthUse.OPERATE, 8
    afm.youth_ppe_zh, afm.youth_ppe_en = "实验服、护目镜", "Lab coat, goggles"
    afm.save(update_fields=["youth_use", "youth_age_from", "youth_ppe_zh", "youth_ppe_en"])
    room = enter_instrument(
        afm.facility,
        slug="dut-science-room",
        kind=Kind.ROOM,
        name_zh="科普活动室",
        name_en="Room for young people",
        summary_zh="40 座，有投影和实验台，供课程、营地和开放日使用。",
        summary_en="40 seats, a projector and benches, for courses, camps and open days.",
        sharing=[Audience.INTERNAL, Audience.YOUTH],
        fit_for_youth=True,
        room="B101",
        inner_number="DUT-ROOM-B101",
        specifications=[{"name_zh": "座位", "name_en": "Seats", "value": "40", "unit": ""}],
    )
    set_hours(room, EVERY_DAY)
    set_policy(room, needs_approval=False, longest_minutes=1440, open_on_holidays=True)


def _mentors(afm: Instrument, people: dict[str, User]) -> list[Any]:
    university, by = afm.facility.organisation, people["coordinator"]
    other = make_person("mentor2@demo.example", "指导教师乙")
    other.memberships.create(organisation=university, role=Role.MENTOR, state="confirmed", confirmed_at=timezone.now())
    checked = timezone.localdate() - 60 * DAY
    emails = [people["mentor"].email, other.email]
    return [enter_mentor(university, by=by, email=str(email), checked_on=checked) for email in emails]


def _course(afm: Instrument, by: User) -> Programme:
    course = write_programme(
        afm.facility.organisation, by=by, facility=afm.facility, kind=ProgrammeKind.COURSE, slug="see-atoms",
        name_zh="看见原子：走进原子力显微镜", name_en="Seeing atoms: inside the atomic force microscope",
        summary_zh="一个下午，孩子亲手扫描一片光栅，看见一亿分之一米。",
        summary_en="One afternoon: children scan a grating themselves and see a hundred-millionth of a metre.",
        about_zh="先用激光笔和镜子搭一个“放大的探针”，再到实验室操作真正的原子力显微镜，最后比较大家扫出的图像。",
        about_en="First a large probe of laser pointers and mirrors, then the real one, then everybody's images.",
        age_from=8, age_to=14, grade_from=2, fee="120.00", refund_table=REFUNDS,
        includes_zh="指导、材料、保险", includes_en="Guidance, material, insurance",
        excludes_zh="往返交通", excludes_en="The way there and back",
        filing_number="示例备案-2026-011", **TOLD,
    )  # fmt: skip
    rows = [
        (14, 0, 14, 40, "放大的探针：激光与镜子", "A large probe: lasers and mirrors", "科普活动室 B101", "Room B101"),
        (14, 40, 16, 20, "操作原子力显微镜", "At the microscope", "分析测试中心", "Analysis Centre"),
        (16, 20, 17, 0, "比一比：谁的图像最清楚", "Whose image is the sharpest?", "科普活动室 B101", "Room B101"),
    ]
    _describe(course, by, [(1, *row) for row in rows])
    return course


def _camp(afm: Instrument, by: User) -> Programme:
    camp = write_programme(
        afm.facility.organisation, by=by, facility=afm.facility, kind=ProgrammeKind.CAMP, slug="winter-camp",
        name_zh="材料科学冬令营", name_en="Winter camp: the science of materials",
        summary_zh="三天：看材料、拉材料、造材料，参观研究所和海边的灯塔。",
        summary_en="Three days: looking at materials, breaking them, making them; an institute and the lighthouse.",
        about_zh="上午做实验，下午参观，傍晚由研究生辅导科创竞赛选题。每天有安全员，每 15 个孩子至少一名指导教师。",
        about_en="Experiments in the morning, visits in the afternoon, contest coaching in the evening.",
        age_from=10, age_to=16, grade_from=4, fee="1680.00", refund_table=CAMP_REFUNDS,
        includes_zh="住宿、三餐、材料、市内交通、保险", includes_en="Lodging, meals, material, transport, insurance",
        excludes_zh="到大连的往返交通", excludes_en="The way to Dalian and back",
        lodging_zh="校内招待所，两人一间，男女分层", lodging_en="On campus, two in a room, separate floors",
        meals_zh="校内食堂，可备清真餐", meals_en="In the canteen; halal on request",
        filing_number="示例备案-2026-012", **TOLD,
    )  # fmt: skip
    rows = [
        (1, 9, 0, 12, 0, "断口会说话：显微镜下的材料", "What a fracture tells", "分析测试中心", "Analysis Centre"),
        (1, 14, 0, 17, 0, "参观研究所", "A visit to an institute", "能源楼", "Energy Building"),
        (2, 9, 0, 12, 0, "拉一拉：材料有多结实", "How strong is it?", "机械楼", "Mechanics Building"),
        (2, 14, 0, 17, 0, "科创竞赛选题辅导", "Coaching for science contests", "科普活动室 B101", "Room B101"),
        (3, 9, 0, 12, 0, "海边的灯塔与科学史", "The lighthouse and its science", "老虎滩", "Laohutan"),
        (3, 14, 0, 16, 0, "成果展示与结业", "What we found", "科普活动室 B101", "Room B101"),
    ]
    _describe(camp, by, rows)
    return camp


def _describe(programme: Programme, by: User, rows: list[tuple[Any, ...]]) -> None:
    items = [
        {"day": day, "starts_minute": h * 60 + m, "ends_minute": hh * 60 + mm, "title_zh": zh, "title_en": en,
         "place_zh": place_zh, "place_en": place_en}
        for day, h, m, hh, mm, zh, en, place_zh, place_en in rows
    ]  # fmt: skip
    set_itinerary(programme, items, by=by)
    publish_consent_text(programme, by=by, text_zh=CONSENT_ZH, text_en=CONSENT_EN)


def _a_weekday(days: int) -> datetime:
    day = timezone.now().astimezone(DALIAN).replace(hour=0, minute=0, second=0, microsecond=0) + days * DAY
    while day.weekday() > 4:
        day += DAY
    return day


def _hold(session: Session, people: dict[str, User], slug: str, interval: Interval) -> None:
    """The coordinator asks, and the laboratory confirms where it is asked."""
    booking = claim_time(session, by=people["coordinator"], slug=slug, interval=interval).booking
    if booking and booking.state == State.REQUESTED:
        confirm(booking, by=people["manager"])


def _course_session(
    course: Programme, people: dict[str, User], afm: Instrument, *, days: int, places: int, mentors: list[Any]
) -> Session:
    start, by = _a_weekday(days) + 14 * HOUR, people["coordinator"]
    session = plan_session(course, by=by, interval=Interval(start, start + 3 * HOUR), places=places)
    _hold(session, people, "dut-science-room", session.interval)
    _hold(session, people, afm.slug, Interval(start + HOUR, start + 2.5 * HOUR))
    return _published(session, by, mentors)


def _camp_session(camp: Programme, people: dict[str, User], afm: Instrument, *, mentors: list[Any]) -> Session:
    start, by = _a_weekday(40) + 9 * HOUR, people["coordinator"]
    start -= start.weekday() * DAY  # a Monday
    session = plan_session(camp, by=by, interval=Interval(start, start + 2 * DAY + 7 * HOUR), places=24)
    for day in (start + n * DAY for n in range(3)):
        _hold(session, people, "dut-science-room", Interval(day, day + 7 * HOUR))
    _hold(session, people, afm.slug, Interval(start, start + 3 * HOUR))
    return _published(session, by, mentors)


def _published(session: Session, by: User, mentors: list[Any]) -> Session:
    for mentor in mentors:
        assign(session, mentor, by=by)
    for day in session.days:
        name_safety_officer(session, by=by, day=day, name="安全员（示例）", phone="0411-0000 0002")
    return publish(session, by=by)


def _draft(course: Programme, by: User) -> None:
    start = _a_weekday(30) + 14 * HOUR
    plan_session(course, by=by, interval=Interval(start, start + 3 * HOUR), places=20)


def _child(guardian: User, name: str, years: int, grade: int) -> Child:
    contacts = [{"name": "外婆", "phone": "139-0000-0001"}, {"name": "舅舅", "phone": "139-0000-0002"}]
    born = date(timezone.localdate().year - years, 1, 15)
    return enter_child(by=guardian, name=name, born=born, grade=grade, contacts=contacts, relation=Relation.MOTHER)


def _families(session: Session, later: Session, guardian: User) -> None:
    """Three other families and the guardian's daughter fill the course; the guardian's son is first in the line."""
    others = [make_person(f"family{n}@demo.example", f"家长{name}") for n, name in enumerate("乙丙丁", start=1)]
    for number, other in enumerate(others):
        made = enrol(session.pk, by=other, child=_child(other, f"示例孩子{'甲乙丙'[number]}", 9 + number, 3 + number))
        if number < 2:
            _through(made, paid=number == 0)
    _through(enrol(session.pk, by=guardian, child=_child(guardian, "林晓棠", 10, 4)), paid=True)
    son = _child(guardian, "林晓舟", 12, 6)
    enrol(session.pk, by=guardian, child=son)
    _through(enrol(later.pk, by=others[0], child=_child(others[0], "示例孩子丁", 11, 5)), paid=True)


def _through(enrolment: Enrolment, *, paid: bool) -> None:
    text = current_text(enrolment.session.programme)
    assert text is not None
    consent(enrolment, by=enrolment.guardian, text=text)
    if paid:
        pay(enrolment, by=enrolment.guardian, how=PaidHow.SIMULATOR)


def _past(course: Programme, guardian: User, mentor: User) -> None:
    """A session that is over, written as it would lie there: services know the future only."""
    start = _a_weekday(-30) + 14 * HOUR
    end, text = start + 3 * HOUR, current_text(course)
    session = Session.objects.create(
        programme=course, state=SessionState.COMPLETED, starts_at=start, ends_at=end, places=10, taken=1,
        last_in_line=1, published_at=start - 30 * DAY, erase_on=start.date() + course.keep_days * DAY,
    )  # fmt: skip
    child = Child.objects.of(guardian)[0]
    assert text is not None
    enrolment = Enrolment(
        session=session, child=child, guardian=guardian, state=EnrolmentState.AWAITING_CONSENT, place_in_line=1,
        starts_at=start, ends_at=end, price={"gross": f"{course.fee}", "currency": "CNY"}, fee=course.fee,
        expires_at=start - 28 * DAY, created_at=start - 29 * DAY,
    )  # fmt: skip
    enrolment.save(force_insert=True)
    enrolment.consent = Consent.objects.create(
        enrolment=enrolment, text=text, given=True, by=guardian, at=start - 29 * DAY
    )
    enrolment.state, enrolment.expires_at = EnrolmentState.ATTENDED, None
    enrolment.paid_at, enrolment.paid_how = start - 29 * DAY, PaidHow.SIMULATOR
    enrolment.save()
    CheckIn.objects.create(enrolment=enrolment, day=start.date(), at=start, by=mentor)
    Certificate.objects.create(enrolment=enrolment, initials=child.initials, days=1, issued_at=end + DAY)
