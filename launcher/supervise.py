"""Keeping the portal's programs running: one that dies is started again, one that keeps dying ends everything.

Where the disk is full none is to blame: it waits until there is room. PostgreSQL ends itself when its log (pg_wal) can
grow no more, and would do so at each start.
"""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from launcher.processes import Service
from launcher.speech import Stop, say

DEATHS_ALLOWED, WITHIN = 5, 60.0
LONGEST_PAUSE = 8.0
POLL = 0.2
ROOM = 48_000_000  # bytes: three pieces of PostgreSQL's log


@dataclass
class Watch:
    """One service under supervision, with the times at which it died and when it may start again."""

    service: Service
    deaths: list[float] = field(default_factory=list)
    start_at: float | None = None


def pause_after(deaths: int) -> float:
    """How long to wait before the next start: a fifth of a second, doubled with each recent death."""
    return min(0.2 * 2.0 ** (deaths - 1), LONGEST_PAUSE)


def look_after(watch: Watch, *, now: float) -> None:
    """Notice a death, or start again what has waited long enough; stop when it has died too often."""
    service = watch.service
    if watch.start_at is not None:
        if now >= watch.start_at and has_room(service):
            watch.start_at = None
            service.start()
        return
    ending = service.how_it_ended()
    if ending is None:
        return
    service.clear_remains()
    if not has_room(service):
        say(f"{service.name} {ending}, and the disk under {service.log.parent} is full: it waits until there is room.")
        watch.start_at = now + LONGEST_PAUSE
        return
    watch.deaths = [*(death for death in watch.deaths if now - death < WITHIN), now]
    if len(watch.deaths) > DEATHS_ALLOWED:
        raise Stop(
            f"{service.name} {ending}, for the {len(watch.deaths)}th time in a minute, so everything is stopped. "
            f"The end of {service.log}:\n{service.last_words()}"
        )
    say(f"{service.name} {ending}; starting it again.")
    watch.start_at = now + pause_after(len(watch.deaths))


def has_room(service: Service) -> bool:
    """Whether a program could write; its log lies in the data folder, as the embedded database does."""
    disk = os.statvfs(next(each for each in service.log.parents if each.exists()))
    return disk.f_bavail * disk.f_frsize > ROOM


def supervise(services: Sequence[Service], *, until: Callable[[], bool]) -> None:
    """Keep the services running until `until` says that it is enough, asking a few times a second."""
    watches = [Watch(service) for service in services]
    while not until():
        for watch in watches:
            look_after(watch, now=time.monotonic())
        time.sleep(POLL)
