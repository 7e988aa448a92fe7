"""What has happened in the demo city, and what is about to: deterministic for a given day."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.models import User
from bookings.models import Booking, Claim
from bookings.services import book, cancel, confirm, decline, grant_training
from bookings.states import Purpose, State
from common.errors import Refused
from common.interval import Interval
from instruments.models import Instrument

DALIAN = ZoneInfo("Asia/Shanghai")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PAST_DAYS, BUSY_DAYS = 14, 4
BOOKED_HERE = ["dut-fe-sem", "dut-xrd", "dut-afm", "dut-raman", "dut-tester", "dicp-liquid-nmr", "dmu-vna"]
SAMPLE = {"sample": "铝合金断口，15 × 10 × 5 mm", "conductive": "yes", "magnetic": "no", "count": 2}


def live(instruments: dict[str, Instrument], people: dict[str, User]) -> None:
    """Training, two weeks behind us, a few busy days ahead, and some wishes that wait for the lab admin."""
    for name in ("researcher", "labmate"):
        grant_training(people[name], on=instruments["dut-fe-sem"], by=people["operator"])
    midnight = timezone.now().astimezone(DALIAN).replace(hour=0, minute=0, second=0, microsecond=0)
    _remember(instruments, people, midnight)
    _look_ahead(instruments, people, midnight)


def _remember(instruments: dict[str, Instrument], people: dict[str, User], midnight: datetime) -> None:
    """Past bookings, completed; they cannot go through `book`, whose time is the future."""
    random, users = Random(20240101), [people["researcher"], people["labmate"], people["pi"]]  # noqa: S311
    bookings, claims = [], []
    for slug in BOOKED_HERE:
        for days in range(1, PAST_DAYS + 1):
            day = midnight - days * DAY
            for hour in (9, 14):
                if day.weekday() > 4 or random.random() < 0.35:
                    continue
                start, user = day + hour * HOUR, random.choice(users)
                made = Booking(
                    instrument=instruments[slug],
                    user=user,
                    booked_by=user,
                    starts_at=start,
                    ends_at=start + random.choice([1, 2, 3]) * HOUR,
                    state=State.COMPLETED,
                    purpose=random.choice([Purpose.RESEARCH, Purpose.RESEARCH, Purpose.TEACHING]),
                    decided_at=start - 3 * DAY,
                    created_at=start - 4 * DAY,
                )
                bookings.append(made)
                claims.append(
                    Claim(booking=made, instrument=made.instrument, starts_at=made.starts_at, ends_at=made.ends_at)
                )
    Booking.objects.bulk_create(bookings)
    Claim.objects.bulk_create(claims)


def _look_ahead(instruments: dict[str, Instrument], people: dict[str, User], midnight: datetime) -> None:
    """The next working days as people book them; from the fifth day on everything is free."""
    days = [midnight + n * DAY for n in range(1, BUSY_DAYS + 1)]
    researcher, labmate, manager = people["researcher"], people["labmate"], people["manager"]
    sem, xrd, afm = (instruments[slug].slug for slug in ("dut-fe-sem", "dut-xrd", "dut-afm"))
    made: dict[str, list[Booking]] = {"sem": [], "afm": []}
    for n, day in enumerate(days):
        who, other = (researcher, labmate) if n % 2 else (labmate, researcher)
        made["sem"] += _wish(sem, who, day, 9, 2, answers=SAMPLE, title="断口分析")
        made["sem"] += _wish(sem, other, day, 14, 2, answers=SAMPLE)
        made["afm"] += _wish(afm, other, day, 10, 1)
        _wish(xrd, who, day, 9, 1)
        _wish(xrd, people["sme"], day, 13, 2, purpose=Purpose.TESTING)
    for booking in made["sem"][:3:2]:
        confirm(booking, by=manager)
    for booking in made["afm"][:1]:
        decline(booking, by=manager, reason="当天探针更换，请改约后天。")
    for booking in made["afm"][1:2]:
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
    answers: dict[str, object] | None = None,
) -> list[Booking]:
    """The booking, or nothing where the day is closed."""
    start = day + hour * HOUR
    try:
        interval = Interval(start, start + hours * HOUR)
        return [book(slug, by=by, interval=interval, purpose=purpose, title=title, answers=answers)]
    except Refused:
        return []
