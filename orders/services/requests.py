"""Asking: written down with one sentence, made complete, sent to laboratories, withdrawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organisation, ResearchGroup, User
from accounts.services import working_days_after
from accounts.states import ANSWERED_WITHIN, OrganisationKind
from common.errors import NotAllowed, Refusal, Refused, WrongInput, refuse_if
from common.text import tidy
from common.uploads.arriving import Readable
from instruments.models import Facility, Instrument, TestItem
from notifications.services import say
from notifications.states import EventKind
from orders.models import Enquiry, Request
from orders.permissions import is_customer_of
from orders.rules import objections_to_sending
from orders.services import match
from orders.services.news import broadcast_request, lab_of, report_request
from orders.services.turn import locked_request, refuse_unless, turn_request, write_request
from orders.states import OPEN_REQUEST, AnswerState, Delivery, OfferState, Report, RequestState, SampleAfter, SampleForm
from records.services import drop_file, keep_document, keep_picture

WORDS: Final = {"wanted": 500, "sample_kind": 200, "hazard": 300, "contact": 120}
CHOICES: Final[dict[str, list[str]]] = {
    "sample_form": ["", *SampleForm.values],
    "sample_after": SampleAfter.values,
    "delivery": Delivery.values,
    "report": Report.values,
}
PLAIN: Final = ("sample_count", "wanted_on", "deadline", "confidential", "wants_subsidy", "advise", "test_item",
                "instrument")  # fmt: skip
MOST_OPEN = 50


def firms_of(user: User) -> list[Organisation]:
    """For which firms somebody may ask: those where they are, or say to be, a member."""
    standing = user.memberships.standing().filter(organisation__kind=OrganisationKind.COMPANY)
    return list(Organisation.objects.filter(pk__in=standing.values("organisation")).order_by("name_zh"))


def groups_of(user: User) -> list[ResearchGroup]:
    """From whose wallets somebody may order."""
    mine = ResearchGroup.objects.filter(pi=user) | user.research_groups.all()
    return list(mine.distinct().order_by("name_zh"))


@transaction.atomic
def begin(
    *,
    by: User,
    problem: str,
    photo: Readable | bytes | None = None,
    photo_name: str = "",
    organisation: Organisation | None = None,
    group: ResearchGroup | None = None,
    test_item: TestItem | None = None,
    instrument: Instrument | None = None,
) -> Request:
    """Write a problem down as a draft: one sentence is enough, a photo helps."""
    User.objects.select_for_update(no_key=True).get(pk=by.pk)  # one request of a person at a time
    if Request.objects.filter(asked_by=by, state__in=[RequestState.DRAFT, *OPEN_REQUEST]).count() >= MOST_OPEN:
        sentence = _("You have %(n)s requests under way: send or withdraw some first.") % {"n": MOST_OPEN}
        raise Refused([Refusal("too_many_requests", sentence, values={"most": MOST_OPEN})])
    firms, groups = firms_of(by), groups_of(by)
    if organisation is not None and organisation not in firms:
        raise WrongInput("organisation", "invalid", _("You do not belong to this firm."))
    if group is not None and group not in groups:
        raise WrongInput("group", "invalid", _("This is no research group of yours."))
    if group is None and organisation is None and not firms and len(groups) == 1:
        group = groups[0]
    kept = keep_picture(photo, by=by, name=photo_name) if photo else None
    made = Request.objects.create(
        asked_by=by,
        organisation=organisation or (firms[0] if firms and group is None else None),
        group=group,
        problem=_problem(problem),
        photo=kept,
        test_item=test_item,
        instrument=instrument,
        advise=test_item is None and instrument is None,
    )
    return Request.objects.with_everything().get(pk=made.pk)


def _problem(text: str) -> str:
    words = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if not words:
        raise WrongInput("problem", "required", _("Say in one sentence what you want to find out."))
    if len(words) > 2000:
        raise WrongInput("problem", "too_long", _("At most 2000 characters."))
    return words


@transaction.atomic
def revise(
    request: Request,
    *,
    by: User,
    answers: Mapping[str, Any],
    photo: Readable | None = None,
    safety_sheet: Readable | None = None,
) -> Request:
    """Save what was answered so far of the twelve questions; only a draft changes."""
    request = _of_theirs(request, by)
    refuse_unless(request, RequestState.DRAFT)
    fields = _checked(answers)
    before = {}
    if photo:
        fields["photo"], before["photo"] = keep_picture(photo, by=by), request.photo
    if safety_sheet:
        fields["safety_sheet"] = keep_document(safety_sheet, by=by)
        before["safety_sheet"] = request.safety_sheet
    write_request(request, **fields)
    for file in filter(None, before.values()):
        drop_file(file, by=by)
    return request


def _checked(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers as columns; raises WrongInput for one that does not fit."""
    fields: dict[str, Any] = {name: answers[name] for name in PLAIN if name in answers}
    fields |= {name: _words(name, answers[name], longest) for name, longest in WORDS.items() if name in answers}
    fields |= {name: _choice(name, answers[name], known) for name, known in CHOICES.items() if name in answers}
    if "problem" in answers:
        fields["problem"] = _problem(answers["problem"])
    if "budget" in answers:
        fields["budget"] = _budget(answers["budget"])
    if (count := fields.get("sample_count")) is not None and not 1 <= count <= 500:
        raise WrongInput("sample_count", "out_of_range", _("Between 1 and 500 samples."))
    return fields


def _words(name: str, value: str | None, longest: int) -> str:
    words = tidy(value or "")
    if len(words) > longest:
        raise WrongInput(name, "too_long", _("At most %(n)s characters.") % {"n": longest})
    return words


def _choice(name: str, value: str, known: list[str]) -> str:
    if value not in known:
        raise WrongInput(name, "invalid", _("Choose from the list."))
    return value


def _budget(value: Decimal | None) -> Decimal | None:
    if value is not None and not Decimal(0) <= value < Decimal(10**10):
        raise WrongInput("budget", "out_of_range", _("The budget is not below 0."))
    return value


@transaction.atomic
def send(
    request: Request, *, by: User, facilities: Iterable[Facility] | None = None, is_hazardous: bool = False
) -> Request:
    """Put the request to laboratories: those that were chosen, else those that match best. They answer in 2 days."""
    request = _of_theirs(request, by)
    refuse_unless(request, RequestState.DRAFT)
    chosen = {each.pk: each for each in facilities or []}
    asked = [match.Match(each, "") for each in chosen.values()] or match.matches_for(request)
    today = timezone.localdate()
    refusals = objections_to_sending(
        has_sample_words=bool(request.sample_kind),
        is_hazardous_unsaid=is_hazardous and not request.hazard,
        asked=len(asked),
        wanted_on=request.wanted_on,
        deadline=request.deadline,
        on=today,
    )
    if not asked:
        sentence = _("No laboratory matches these words. Choose one from the list, or describe it in other words.")
        refusals.append(Refusal("nobody_matches", sentence, field="facilities"))
    refuse_if(refusals)
    due_on = working_days_after(today, ANSWERED_WITHIN)
    turn_request(request, RequestState.SUBMITTED, submitted_at=timezone.now())
    for each in asked:
        Enquiry.objects.create(request=request, facility=each.facility, why=each.why[:300], due_on=due_on)
        report_request(request, "request_asked", to=lab_of(each.facility), by=by, facility=each.facility, due=due_on)
    broadcast_request(request, EventKind.REQUEST_SUBMITTED, [each.facility for each in asked])
    return request


@transaction.atomic
def withdraw(request: Request, *, by: User, reason: str = "") -> Request:
    """Nobody need answer any more; offers that stand are passed over."""
    request = _of_theirs(request, by)
    was = request.state
    turn_request(request, RequestState.WITHDRAWN)
    request.offers.open().update(state=OfferState.PASSED_OVER)
    if was != RequestState.DRAFT:
        for enquiry in request.enquiries.select_related("facility__organisation"):
            lab = enquiry.facility
            report_request(request, "request_withdrawn", to=lab_of(lab), by=by, facility=lab, reason=tidy(reason))
    return request


@transaction.atomic
def answer(enquiry: Enquiry, *, by: User, text: str) -> Enquiry:
    """The customer answers what a laboratory asked; it goes on from there."""
    request = _of_theirs(enquiry.request, by)
    enquiry = Enquiry.objects.select_for_update(of=("self",)).select_related("facility").get(pk=enquiry.pk)
    if enquiry.state != AnswerState.ASKED or request.state not in OPEN_REQUEST:
        raise Refused([Refusal("not_asked", _("This laboratory is not waiting for an answer."))])
    enquiry.state, enquiry.due_on = AnswerState.WAITING, working_days_after(timezone.localdate(), ANSWERED_WITHIN)
    enquiry.save(update_fields=["state", "due_on"])
    say(request, by=by, text=text, to=lab_of(enquiry.facility))
    write_request(request)
    return enquiry


def _of_theirs(request: Request, by: User) -> Request:
    request = locked_request(request)
    if not is_customer_of(by, request):
        raise NotAllowed(_("Only who asked, and their firm or group, may do this."))
    return request
