"""What has happened in the demo city, and what is about to: deterministic for a given day."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.models import User
from bookings.models import Booking, Claim, Training
from bookings.rules import Terms
from bookings.services import book, cancel, confirm, decline, grant_training, terms_for
from bookings.states import Purpose, State
from common.errors import Refused
from common.interval import Interval
from instruments.models import FacilityRole, Instrument

DALIAN = ZoneInfo("Asia/Shanghai")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PAST_DAYS, BUSY_DAYS, COMING_DAYS = 90, 4, 14
PURPOSES = [*[Purpose.RESEARCH] * 4, *[Purpose.TESTING] * 2, Purpose.TEACHING]
MAINTAINED = ["dut-fe-sem", "dut-xrd"]  # now and then, at six in the evening
SAMPLE = {"sample": "铝合金断口，15 × 10 × 5 mm", "conductive": "yes", "magnetic": "no", "count": 2}

# Who uses what. Where training is asked for, these are the ones who had it.
USERS = {
    "dut-fe-sem": ["researcher", "labmate"],
    "dut-xrd": ["researcher", "labmate", "pi", "sme"],
    "dut-afm": ["researcher", "labmate", "mentor"],
    "dut-ftir": ["researcher", "labmate", "sme"],
    "dut-uv-vis": ["researcher", "labmate"],
    "dut-raman": ["pi"],
    "dut-tester": ["sme"],
    "dicp-liquid-nmr": ["pi"],
    "dmu-vna": ["pi"],
}
# Instrument, who, from what hour, how long, and each how many days: beside the busy days' bookings, never across them.
ELSEWHERE = [
    ("dut-tester", "sme", 9, 3, 2),
    ("dut-raman", "pi", 10, 2, 2),
    ("dicp-liquid-nmr", "pi", 14, 1, 1),
    ("dmu-vna", "pi", 16, 2, 3),
    ("dut-ftir", "labmate", 16, 1, 1),
    ("dut-uv-vis", "researcher", 16, 1, 2),
    ("dut-xps", "researcher", 12, 2, 5),
    ("dicp-solid-nmr", "labmate", 12, 2, 5),
]


def live(instruments: dict[str, Instrument], people: dict[str, User]) -> None:
    """Training, three months behind us, two weeks ahead, and some wishes that wait for the lab admins."""
    midnight = timezone.now().astimezone(DALIAN).replace(hour=0, minute=0, second=0, microsecond=0)
    terms = {slug: terms_for(instruments[slug]) for slug in USERS}
    for slug, names in USERS.items():
        for name in names if terms[slug].training_level else []:
            grant_training(people[name], on=instruments[slug], by=_lab_admin(instruments[slug]))
    Training.objects.update(granted_at=midnight - 2 * PAST_DAYS * DAY)
    _remember(instruments, people, terms, midnight)
    _look_ahead(people, midnight)


def _lab_admin(instrument: Instrument) -> User:
    return FacilityRole.objects.at(instrument.facility).admins().select_related("user")[0].user


def _remember(
    instruments: dict[str, Instrument], people: dict[str, User], terms: dict[str, Terms], midnight: datetime
) -> None:
    """Past bookings, completed; they cannot go through `book`, whose time is the future."""
    random, bookings = Random(20240101), []  # noqa: S311
    starts = [midnight - days * DAY + hour * HOUR for days in range(1, PAST_DAYS + 1) for hour in (9, 14)]
    for start in starts:
        away: set[str] = set()  # nobody is at two instruments at once
        for slug in random.sample(list(USERS), len(USERS)):
            free = [name for name in USERS[slug] if name not in away]
            if not terms[slug].timetable.on(start.date()) or not free or random.random() < 0.3:
                continue
            name = random.choice(free)
            away.add(name)
            bookings.append(_completed(instruments[slug], people[name], start, terms[slug], random))
    for n, days in enumerate(range(3, PAST_DAYS, 5)):
        slug, start = MAINTAINED[n % len(MAINTAINED)], midnight - days * DAY + 18 * HOUR
        if start.weekday() > 4:
            continue
        made = _completed(instruments[slug], people["manager"], start, terms[slug], random)
        made.purpose = Purpose.MAINTENANCE
        bookings.append(made)
    Booking.objects.bulk_create(bookings)
    held = [(each, terms[each.instrument.slug].held_for(each.interval)) for each in bookings]
    Claim.objects.bulk_create(
        Claim(booking=each, instrument=each.instrument, starts_at=time.start, ends_at=time.end) for each, time in held
    )


def _completed(instrument: Instrument, user: User, start: datetime, terms: Terms, random: Random) -> Booking:
    return Booking(
        instrument=instrument,
        user=user,
        booked_by=user,
        starts_at=start,
        ends_at=start + min(random.choice([1, 2, 3]) * HOUR, terms.longest),
        state=State.COMPLETED,
        purpose=random.choice(PURPOSES),
        decided_by=_lab_admin(instrument) if terms.needs_approval else None,
        decided_at=start - 3 * DAY,
        created_at=start - 4 * DAY,
    )


def _look_ahead(people: dict[str, User], midnight: datetime) -> None:
    """What people book; from the fifth day on the microscopes and the diffractometer are free."""
    days = [midnight + n * DAY for n in range(1, COMING_DAYS + 1)]
    _fill_busy_days(people, days[:BUSY_DAYS])
    for n, day in enumerate(days, start=1):
        for slug, name, hour, hours, every in ELSEWHERE:
            if n % every == 0:
                _wish(slug, people[name], day, hour, hours)


def _fill_busy_days(people: dict[str, User], days: list[datetime]) -> None:
    """The instruments that everybody tries first, with a booking in each state."""
    researcher, labmate, manager = people["researcher"], people["labmate"], people["manager"]
    sem, afm = [], []
    for n, day in enumerate(days):
        who, other = (researcher, labmate) if n % 2 else (labmate, researcher)
        sem += _wish("dut-fe-sem", who, day, 9, 2, answers=SAMPLE, title="断口分析")
        sem += _wish("dut-fe-sem", other, day, 14, 2, answers=SAMPLE)
        afm += _wish("dut-afm", other, day, 10, 1)
        _wish("dut-xrd", people["pi"], day, 9, 1)
        _wish("dut-xrd", people["sme"], day, 13, 2, purpose=Purpose.TESTING)
    for booking in sem[:3:2]:
        confirm(booking, by=manager)
    for booking in afm[:1]:
        decline(booking, by=manager, reason="当天更换探针，请改约其他日期。")
    for booking in afm[1:2]:
        cancel(booking, by=booking.user)


def _wish(
    slug: str,
    by: User,
    day: datetime,
    hour: int,
    hours: int,
    *,
    purpose: str = Purpose.RESEARCH,
    title: str = "",
    answers: dict[str, Any] | None = None,
) -> list[Booking]:
    """The booking, or nothing where the day is closed."""
    start = day + hour * HOUR
    try:
        interval = Interval(start, start + hours * HOUR)
        return [book(slug, by=by, interval=interval, purpose=purpose, title=title, answers=answers or {})]
    except Refused:
        return []
