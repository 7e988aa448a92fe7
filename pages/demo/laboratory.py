"""What the laboratories of the demo city have set up, and what waits there: one of each thing to look at."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.models import User
from accounts.states import CustomerCategory
from bookings.availability import WeeklyHours
from bookings.models import Booking, UsageRecord
from bookings.services import (
    ask,
    ask_for_training,
    book,
    close,
    confirm,
    grant_training,
    move,
    offer,
    plan_maintenance,
    report_fault,
    set_operator,
    set_policy,
    set_quotas,
    write_to,
)
from bookings.states import Measure, Period, Severity, Source, State, Subject, TrainingLevel
from common.interval import Interval
from instruments.models import FacilityRole, Instrument

DALIAN = ZoneInfo("Asia/Shanghai")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AT_WORK = [WeeklyHours(weekday, 8 * 60, 18 * 60) for weekday in range(5)]
ROUND_THE_CLOCK = ["dut-fatigue", "dicp-rig"]
REMARKS = ["正常", "正常", "正常", "已清洁样品台", "更换针尖", "束流略低，已告知操作员"]


def run_laboratories(instruments: dict[str, Instrument], people: dict[str, User]) -> None:
    """Rules and operators, then logbooks, faults, closures, and bookings that wait for somebody."""
    _set_up(instruments, people)
    _write_logbooks()
    day = _a_working_day(6)
    _leave_things_waiting(instruments, people, day)
    uv, manager = instruments["dut-uv-vis"], people["manager"]
    plan_maintenance(uv, by=manager, interval=_at(day, 8, 2), title="更换氘灯，校准波长")
    report_fault(instruments["dut-uv-vis"], by=people["labmate"], severity=Severity.MINOR, text="样品室盖子关不紧")
    ship = instruments["dmu-vna"]
    closed = _at(_a_working_day(25), 8, 10)
    close(ship.facility, by=_admin_of(ship), interval=closed, reason_zh="全楼停电检修", reason_en="No power that day")
    ask_for_training(instruments["dut-raman"], by=people["mentor"], note="想带学生测石墨烯，周五下午有空")


def _set_up(instruments: dict[str, Instrument], people: dict[str, User]) -> None:
    for slug in ROUND_THE_CLOCK:
        set_policy(instruments[slug], open_on_holidays=True)
    set_policy(instruments["dut-raman"], shows_names=True, allows_hand_over=True, asks_feedback=True)
    set_policy(
        instruments["dut-ct"],
        horizon_days=21,
        cancel_deadline_minutes=24 * 60,
        asks_check_in=True,
        grace_minutes=30,
        decide_within_hours=72,
        max_coming=4,
    )
    set_quotas(
        instruments["dut-ct"],
        [{"subject": Subject.GROUP, "measure": Measure.HOURS, "period": Period.WEEK, "amount": 16}],
    )
    set_policy(instruments["dut-tester"], category=CustomerCategory.SME, longest_minutes=180)
    manager = people["manager"]
    runs = [instruments["dut-xps"]]
    set_operator(runs[0].facility, people["operator"], by=manager, instruments=runs, hours=AT_WORK)
    for first, *others in (["dicp-solid-nmr", "dicp-tem"], ["dut-cmm"]):
        known = [instruments[slug] for slug in (first, *others)]
        admin = _admin_of(known[0])
        set_operator(known[0].facility, admin, by=admin, instruments=known, hours=AT_WORK)


def _admin_of(instrument: Instrument) -> User:
    return FacilityRole.objects.deciders(instrument.facility, timezone.localdate())[0]


def _write_logbooks() -> None:
    """A record for each past booking, as if people had checked in and out."""
    random = Random(20240102)  # noqa: S311
    past = (
        Booking.objects.of_people()
        .filter(state=State.COMPLETED)
        .select_related("instrument")
        .order_by("starts_at", "pk")
    )
    UsageRecord.objects.bulk_create(
        UsageRecord(
            instrument=each.instrument,
            booking=each,
            user_id=each.user_id,
            starts_at=each.starts_at + random.randint(0, 10) * timedelta(minutes=1),
            ends_at=each.ends_at - random.randint(0, 15) * timedelta(minutes=1),
            samples=random.randint(1, 6),
            note=random.choice(REMARKS),
            source=Source.CHECK_IN,
            entered_by_id=each.user_id,
        )
        for each in past
    )


def _leave_things_waiting(instruments: dict[str, Instrument], people: dict[str, User], day: datetime) -> None:
    """On the CT: a question, an offer of another time, a wish to move, and a word in the thread."""
    ct, who, mate = instruments["dut-ct"], people["researcher"], people["labmate"]
    admin = _admin_of(ct)
    for person in (who, mate):
        grant_training(person, on=ct, by=admin, level=TrainingLevel.INDEPENDENT, until=timezone.now() + 300 * DAY)
    asked = book(ct.slug, by=who, interval=_at(day, 8, 2), title="铝铸件内部孔隙")
    ask(asked, by=admin, question="样品最大尺寸是多少？能否切到 50 mm 以内？")
    offered = book(ct.slug, by=who, interval=_at(day, 14, 2), title="复合材料分层")
    offer(offered, by=admin, interval=_at(day + DAY, 14, 2), note="当天下午有校准，改到次日同一时间可以吗？")
    standing = confirm(book(ct.slug, by=mate, interval=_at(day, 11, 1), title="焊点检查"), by=admin)
    move(standing, by=mate, interval=_at(day, 11, 2), note="多了两个样品")
    write_to(standing, by=mate, text="请问可以自带样品夹具吗？")


def _a_working_day(after: int) -> datetime:
    """Midnight of the first Monday to Thursday that is at least `after` days away."""
    midnight = timezone.now().astimezone(DALIAN).replace(hour=0, minute=0, second=0, microsecond=0) + after * DAY
    while midnight.weekday() > 3:
        midnight += DAY
    return midnight


def _at(day: datetime, hour: int, hours: int) -> Interval:
    return Interval(day + hour * HOUR, day + (hour + hours) * HOUR)
