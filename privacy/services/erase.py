"""Erasing a person: asked for, fourteen days to think, then every room does its part in one transaction."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import close_account
from bookings.services.personal import leave as leave_bookings
from common.db import violation_means
from common.errors import InFlight, Refusal, Refused, refuse_if
from common.personal import GONE
from notifications.services import tell
from orders.services.personal import leave as leave_orders
from outreach.services.personal import leave as leave_outreach
from privacy.models import ONE_ERASURE, Erasure
from privacy.services.export import drop_exports
from privacy.services.personal import PERSONAL, objections_to_erasure
from privacy.states import ERASE, NEXT, STANDS, ErasureState
from records.models import Job
from records.rules import kept_for
from records.services import Progress, queue_job

log = structlog.get_logger()
A_DAY = timedelta(days=1)


@transaction.atomic
def ask_for_erasure(person: User) -> Erasure:
    """Begin the fourteen days. Raises Refused with everything that has to be put in order first."""
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    refuse_if(objections_to_erasure(person))
    with violation_means(ONE_ERASURE, InFlight()):
        asked = Erasure.objects.create(person=person, due_at=timezone.now() + kept_for("cooling_off"))
    tell("erasure_asked", to=[person], about=asked, page="my_data", due_at=asked.due_at)
    return asked


@transaction.atomic
def withdraw_erasure(erasure: Erasure) -> Erasure:
    """Take it back while there is time."""
    return _turn(_locked(erasure), ErasureState.WITHDRAWN, ended_at=timezone.now())


def begin_due(*, now: datetime) -> int:
    """Queue what is due, and what was begun a day ago and is not done.

    Where something stands against it meanwhile, it waits for another day and says why.
    """
    return sum(_begin(each, now=now) for each in Erasure.objects.due(now).select_related("person"))


@transaction.atomic
def _begin(erasure: Erasure, *, now: datetime) -> bool:
    erasure = _locked(erasure)
    if erasure.state not in STANDS or erasure.due_at > now:
        return False
    if reasons := objections_to_erasure(erasure.person):
        _put_off(erasure, reasons)
        return False
    if erasure.state == ErasureState.ASKED:
        _turn(erasure, ErasureState.ERASING, due_at=now + A_DAY)
    else:
        _wait(erasure)
        log.warning("erasure_begun_again", erasure=str(erasure.pk))
    queue_job(ERASE, owner=erasure.person, given={"erasure": str(erasure.pk)})
    return True


def _wait(erasure: Erasure) -> None:
    erasure.due_at = timezone.now() + A_DAY
    erasure.save(update_fields=["due_at"])


def _put_off(erasure: Erasure, reasons: list[Refusal]) -> None:
    _wait(erasure)
    occasion = ",".join(sorted(each.code for each in reasons))
    said = [str(each.detail) for each in reasons]
    tell("erasure_put_off", to=[erasure.person], about=erasure, occasion=occasion, page="my_data", reasons=said)


def run_erasure(job: Job, _progress: Progress) -> dict[str, Any]:
    """The worker's part; done twice it does nothing the second time."""
    erasure = Erasure.objects.filter(pk=job.given["erasure"]).first()
    return dict(erase_person(erasure).counts) if erasure else {}


@transaction.atomic
def erase_person(erasure: Erasure) -> Erasure:
    """All rooms in one transaction: who it was goes, what the law and the others need stays under an id."""
    erasure = _locked(erasure)
    if erasure.state != ErasureState.ERASING:
        return erasure
    person, now = erasure.person, timezone.now()
    person = close_account(person, at=now)
    released = leave_bookings(person) + leave_orders(person)
    children = leave_outreach(person)
    counts: Counter[str] = Counter()
    for kept in sorted(PERSONAL, key=lambda each: each.at_erasure == GONE):  # what is found through a row comes first
        if rows := kept.erase(person):
            counts[kept.name] += rows
    drop_exports(person)
    fields = {"ended_at": now, "children": children, "counts": {**counts, "released": released}}
    _turn(erasure, ErasureState.DONE, **fields)
    log.info("person_erased", erasure=str(erasure.pk), rows=sum(counts.values()))
    return erasure


def _locked(erasure: Erasure) -> Erasure:
    Erasure.objects.select_for_update().only("pk").get(pk=erasure.pk)
    return Erasure.objects.select_related("person").get(pk=erasure.pk)


def _turn(erasure: Erasure, state: ErasureState, **fields: Any) -> Erasure:
    if state not in NEXT[erasure.state]:
        raise Refused([Refusal("wrong_state", erasure.get_state_display())])
    for name, value in {"state": state, **fields}.items():
        setattr(erasure, name, value)
    erasure.save(update_fields=["state", *fields])
    return erasure
