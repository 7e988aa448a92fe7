"""Rounds of collection (征集): the city asks, institutions confirm, reminders go out, the officer sees."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership, Organisation, User
from accounts.permissions import is_officer, may_govern
from accounts.states import Role
from common.errors import NotAllowed, Refusal, Refused, WrongInput
from instruments.models import CollectionRound, FacilityRole, Instrument, RoundAnswer, TestItem
from instruments.permissions import administers_in, speaks_for
from instruments.states import Status
from notifications.services import tell

# When to remind, in days before the deadline: (from, to) and what the reminder is called.
STAGES = {"week": (7, 2), "day": (1, 0), "after": (-1, -10_000)}
AT_A_TIME = 200


@dataclass(frozen=True)
class Part:
    """One institution's part: how many of its records it confirmed since the round was opened."""

    answer: RoundAnswer
    confirmed: int
    records: int


@transaction.atomic
def open_round(*, by: User, title_zh: str, due_on: date, **words: str) -> CollectionRound:
    """Ask every institution that has facilities; their admins are told. `words`: title_en, note_zh, note_en."""
    if not is_officer(by):
        raise NotAllowed(_("Only the city's officers may do this."))
    if due_on <= timezone.localdate():
        raise WrongInput("due_on", "past", _("The deadline must be a coming day."))
    opened = CollectionRound(by=by, title_zh=title_zh, due_on=due_on, **words)
    opened.full_clean()
    opened.save()
    asked = Organisation.objects.filter(facilities__isnull=False).distinct().order_by("pk")
    answers = RoundAnswer.objects.bulk_create(RoundAnswer(round=opened, organisation=each) for each in asked)
    for answer in answers:
        tell("round_opened", to=whom_to_ask(answer.organisation), about=answer)
    return opened


def whom_to_ask(organisation: Organisation) -> list[User]:
    """The institution's admins; where it has none, the lab admins of its facilities."""
    admins = Membership.objects.confirmed().filter(organisation=organisation, role=Role.ADMIN, person__is_active=True)
    people = [each.person for each in admins.select_related("person")]
    if people:
        return people
    roles = FacilityRole.objects.standing(timezone.localdate()).admins().filter(facility__organisation=organisation)
    return [each.user for each in roles.select_related("user")]


def records_in_round(organisation: Organisation, *, by: User) -> tuple[QuerySet[Instrument], QuerySet[TestItem]]:
    """The records that somebody confirms for an institution: all, or those of the facilities that they administer."""
    instruments = Instrument.objects.filter(organisation=organisation).exclude(status=Status.RETIRED)
    items = TestItem.objects.filter(facility__organisation=organisation, is_offered=True)
    if not may_govern(by, organisation):
        mine = administers_in(by, organisation).values("facility")
        instruments, items = instruments.filter(facility__in=mine), items.filter(facility__in=mine)
    related = ("facility", "confirmed_by")
    order = ("facility", "name_zh", "pk")
    return instruments.select_related(*related).order_by(*order), items.select_related(*related).order_by(*order)


@transaction.atomic
def confirm_record(record: Instrument | TestItem, *, by: User) -> Instrument | TestItem:
    """Say that a record is right as it stands. Raises NotAllowed."""
    _refuse_unless_theirs(record.facility.organisation, by)
    instruments, items = records_in_round(record.facility.organisation, by=by)
    theirs: QuerySet[Any] = instruments if isinstance(record, Instrument) else items
    if not theirs.filter(pk=record.pk).exists():
        raise NotAllowed(_("Only the laboratory's own people may do this."))
    record.confirmed_at, record.confirmed_by = timezone.now(), by
    record.save(update_fields=["confirmed_at", "confirmed_by"])
    return record


@transaction.atomic
def confirm_all(organisation: Organisation, *, by: User) -> int:
    """Say it of every record that one answers for; returns how many. Raises NotAllowed."""
    _refuse_unless_theirs(organisation, by)
    now = timezone.now()
    instruments, items = records_in_round(organisation, by=by)
    said = {"confirmed_at": now, "confirmed_by": by}
    return instruments.order_by().update(**said) + items.order_by().update(**said)


def _refuse_unless_theirs(organisation: Organisation, by: User) -> None:
    if not speaks_for(by, organisation):
        raise NotAllowed(_("Only the institution's admins and its lab admins may do this."))


@transaction.atomic
def answer_round(answer: RoundAnswer, *, by: User) -> RoundAnswer:
    """Declare the institution's part done; said twice, the first time counts. Raises NotAllowed and Refused."""
    answer = (
        RoundAnswer.objects.select_for_update(of=("self",)).select_related("round", "organisation").get(pk=answer.pk)
    )
    if not may_govern(by, answer.organisation):
        raise NotAllowed(_("Only the institution's admins may do this."))
    if answer.round.closed_at:
        raise Refused([Refusal("round_closed", _("This round is closed."))])
    if answer.answered_at is None:
        answer.answered_at, answer.answered_by = timezone.now(), by
        answer.save(update_fields=["answered_at", "answered_by"])
    return answer


@transaction.atomic
def close_round(asked: CollectionRound, *, by: User) -> CollectionRound:
    """End a round: nobody is reminded any more. Raises NotAllowed."""
    if not is_officer(by):
        raise NotAllowed(_("Only the city's officers may do this."))
    asked = CollectionRound.objects.select_for_update().get(pk=asked.pk)
    asked.closed_at = asked.closed_at or timezone.now()
    asked.save(update_fields=["closed_at"])
    return asked


def state_of_round(asked: CollectionRound) -> list[Part]:
    """How far each institution is, in a fixed number of statements."""
    since = asked.closed_at or timezone.now()
    fresh = Q(confirmed_at__gte=asked.opened_at, confirmed_at__lte=since)
    total: Counter[Any] = Counter()
    confirmed: Counter[Any] = Counter()
    for records in (
        Instrument.objects.exclude(status=Status.RETIRED),
        TestItem.objects.filter(is_offered=True),
    ):
        counted = records.order_by().values("facility__organisation")
        for each in counted.annotate(all=Count("pk"), fresh=Count("pk", filter=fresh)):
            total[each["facility__organisation"]] += each["all"]
            confirmed[each["facility__organisation"]] += each["fresh"]
    answers = RoundAnswer.objects.filter(round=asked).select_related("organisation", "answered_by")
    return [
        Part(each, confirmed[each.organisation_id], total[each.organisation_id])
        for each in answers.order_by("organisation__name_zh", "pk")
    ]


def remind_of_rounds(*, now: datetime) -> int:
    """Remind who has not answered: a week and a day before the deadline, and once after it; returns how many were.

    Any number of workers may do it together: rows are locked, and nobody is told the same twice.
    """
    today = timezone.localdate(now)
    return sum(_remind(each, now, today) for each in CollectionRound.objects.open().filter(opened_at__lt=now))


@transaction.atomic
def _remind(asked: CollectionRound, now: datetime, today: date) -> int:
    left = (asked.due_on - today).days
    stage = next((name for name, (first, last) in STAGES.items() if first >= left >= last), None)
    if stage is None:
        return 0
    begun = asked.due_on - timedelta(days=STAGES[stage][0])
    if timezone.localdate(asked.opened_at) >= begun:
        return 0  # asked a moment ago: that was reminder enough
    since = datetime.combine(begun, datetime.min.time(), timezone.get_current_timezone())
    due = RoundAnswer.objects.filter(round=asked, answered_at=None).filter(
        Q(reminded_at=None) | Q(reminded_at__lt=since)
    )
    rows = due.select_for_update(skip_locked=True, of=("self",)).select_related("round", "organisation")[:AT_A_TIME]
    for answer in rows:
        answer.reminded_at = now
        answer.save(update_fields=["reminded_at"])
        tell("round_reminder", to=whom_to_ask(answer.organisation), about=answer, occasion=stage, stage=stage)
    return len(rows)
