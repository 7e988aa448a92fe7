"""When an instrument that is booked elsewhere is busy: read on a schedule from its owner's calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPException
from zoneinfo import ZoneInfo

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.errors import WrongInput
from common.interval import Interval
from common.reach import (
    AnswerError,
    NoPublicAddressError,
    TooLongError,
    Vet,
    get_from,
    may_be_called,
    refuse_unless_listed,
)
from instruments.formats.busy import busy_times
from instruments.models import BusyFeed, BusyTime, Instrument
from instruments.states import BookedWhere

log = structlog.get_logger()

EVERY, AFTER_A_FAULT, LEASE = timedelta(minutes=15), timedelta(minutes=30), timedelta(minutes=5)
AHEAD = timedelta(days=60)
LARGEST = 2 * 1024 * 1024  # bytes
AT_ONCE = 20
FAULTS = {
    "address": gettext_lazy("The address leads to no machine on the internet."),
    "answer": gettext_lazy("The owner's system refused the request."),
    "unreachable": gettext_lazy("The owner's system cannot be reached."),
    "too_large": gettext_lazy("The calendar is larger than 2 MB."),
    "no_calendar": gettext_lazy("What lies there is no calendar that can be read."),
}
KINDS: dict[type[Exception], str] = {
    NoPublicAddressError: "address",
    AnswerError: "answer",
    TooLongError: "too_large",
}


@dataclass(frozen=True)
class Busy:
    """What an owner's system said: the times, when that was (None: not read yet), and what went wrong since."""

    as_of: datetime | None
    times: list[Interval]
    fault: str

    @property
    def sentence(self) -> str:
        return str(FAULTS.get(self.fault, ""))


@transaction.atomic
def set_busy_feed(instrument: Instrument, url: str) -> None:
    """Read the owner's calendar at `url` from now on; '' for none. The caller knows that this may be changed.

    Raises WrongInput (`busy_url`) where time is booked here: then nobody else knows better.
    """
    if url and instrument.booked_where == BookedWhere.HERE:
        sentence = _("Only an instrument that is booked elsewhere has a calendar elsewhere.")
        raise WrongInput("busy_url", "booked_here", sentence)
    if url and not url.lower().startswith(("http://", "https://")):
        raise WrongInput("busy_url", "not_a_url", _("An address begins with http:// or https://."))
    if url:
        refuse_unless_listed(url, field="busy_url")
    # What another calendar said goes with it.
    BusyFeed.objects.filter(instrument=instrument).exclude(url=url).delete()
    if url and not BusyFeed.objects.filter(instrument=instrument).exists():
        feed = BusyFeed(instrument=instrument, url=url)
        feed.full_clean()
        feed.save()


def busy_on(instrument: Instrument) -> Busy | None:
    """What its owner's system said of the time to come; None where no system is asked."""
    if instrument.booked_where == BookedWhere.HERE:
        return None
    feed = BusyFeed.objects.filter(instrument=instrument).first()
    if feed is None:
        return None
    coming = feed.times.filter(ends_at__gt=timezone.now()).order_by("starts_at")
    return Busy(feed.read_at, [Interval(each.starts_at, each.ends_at) for each in coming], feed.fault)


def read_due_feeds(vet: Vet = may_be_called) -> int:
    """Read the calendars that are due; returns how many could be. Any number of workers may do it together."""
    read = 0
    for _n in range(AT_ONCE):
        feed = _take_one()
        if feed is None:
            break
        read += _read(feed, vet)
    return read


@transaction.atomic
def _take_one() -> BusyFeed | None:
    now = timezone.now()
    due = BusyFeed.objects.filter(due_at__lte=now).exclude(instrument__booked_where=BookedWhere.HERE).order_by("due_at")
    feed = due.select_related("instrument__facility").select_for_update(of=("self",), skip_locked=True).first()
    if feed:
        feed.due_at = now + LEASE
        feed.save(update_fields=["due_at"])
    return feed


def _read(feed: BusyFeed, vet: Vet) -> bool:
    now = timezone.now()
    try:
        data = get_from(feed.url, vet=vet, limit=LARGEST)
    except (OSError, HTTPException, ValueError) as error:
        return _note(feed, KINDS.get(type(error), "unreachable"), error)
    try:
        zone = ZoneInfo(feed.instrument.facility.time_zone)
        times = busy_times(data, window=Interval(now - timedelta(days=1), now + AHEAD), zone=zone)
    except Exception as error:  # whatever a stranger's file makes the reader stumble over
        return _note(feed, "no_calendar", error)
    return _keep(feed, times, now)


@transaction.atomic
def _keep(feed: BusyFeed, times: list[Interval], now: datetime) -> bool:
    """All at once: nobody sees a half-read calendar. A feed that was changed meanwhile is left alone."""
    still = BusyFeed.objects.filter(pk=feed.pk, url=feed.url)
    if not still.update(read_at=now, fault="", due_at=now + EVERY):
        return False
    feed.times.all().delete()
    BusyTime.objects.bulk_create(BusyTime(feed=feed, starts_at=each.start, ends_at=each.end) for each in times)
    return True


def _note(feed: BusyFeed, fault: str, error: Exception) -> bool:
    """What was known stays, with the moment it was read."""
    log.info("busy_feed_failed", feed=feed.pk, fault=fault, error=f"{type(error).__name__}: {error}"[:200])
    BusyFeed.objects.filter(pk=feed.pk).update(fault=fault, due_at=timezone.now() + AFTER_A_FAULT)
    return False
