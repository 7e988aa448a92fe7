"""Who asks, and for what: the instruments and the clients of the chaos proofs."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.utils import timezone

from bookings.services import set_hours
from tests import factories
from tests.proofs.client import Task


def tasks_for(
    clients: int, *, folder: Path, attempts: int, slots: int, instruments: int, **manner: float
) -> list[Task]:
    """Instruments open day and night that confirm at once, and somebody with a token for each client."""
    university = factories.university()
    centre = factories.laboratory(university)
    horizon = 10 + slots // 24
    slugs = [f"sem{n}" for n in range(instruments)]
    for slug in slugs:
        made = factories.instrument(centre, slug, needs_approval=False, horizon_days=horizon)
        set_hours(made, factories.AROUND_THE_CLOCK)
    people = [factories.member(f"client{n}", university) for n in range(clients)]
    return [
        Task(
            folder=str(folder),
            name=f"client{n}",
            slugs=slugs,
            first=in_three_days().isoformat(),
            slots=slots,
            attempts=-(-attempts // clients),
            token=factories.token_for(person),
            user=str(person.pk),
            **manner,
        )
        for n, person in enumerate(people)
    ]


def in_three_days() -> datetime:
    today = timezone.now().astimezone(ZoneInfo("Asia/Shanghai"))
    return today.replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=3)
