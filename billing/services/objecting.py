"""What a payer says against a charge: within ten working days, and it holds that one charge only."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from billing.models import Charge, ChargeObjection
from billing.permissions import may_object, may_settle
from billing.services.charging import NOT_THE_SELLER, refund
from billing.services.news import broadcast_charge
from billing.states import NEXT_OF_CHARGE, ChargeState, ObjectionOutcome
from common.errors import NotAllowed, Refusal, Refused, WrongInput
from common.text import tidy
from notifications.states import EventKind

TOO_LATE = Refusal("too_late", _("The ten working days are over: the charge counts as agreed."))
OBJECTED = Refusal("objected", _("Somebody has objected to this charge already."))
NOTHING_TO_DECIDE = Refusal("nothing_waits", _("No objection to this charge waits for a decision."))


@transaction.atomic
def object_to(charge: Charge, *, by: User, reason: str) -> Charge:
    """The payer objects and says why. Raises Refused: `too_late`, `objected`."""
    if not may_object(by, charge):
        raise NotAllowed(_("Only who pays this charge may object to it."))
    reason = tidy(reason)
    if not reason:
        raise WrongInput("reason", "required", _("Say what is wrong with it."))
    locked = _locked(charge)
    if ChargeObjection.objects.filter(charge=locked).exists():
        raise Refused([OBJECTED])
    if locked.state != ChargeState.OPEN or timezone.localdate() > locked.object_until:
        raise Refused([TOO_LATE])
    ChargeObjection.objects.create(charge=locked, reason=reason[:1000], made_by=by)
    return _turn(locked, ChargeState.OBJECTED)


@transaction.atomic
def decide_objection(
    charge: Charge, *, by: User, upheld: bool, answer: str, refund_of: Decimal | None = None
) -> Charge:
    """The seller decides: upheld gives money back (all that is left, or `refund_of`), rejected says why."""
    if not may_settle(by, charge):
        raise NotAllowed(NOT_THE_SELLER)
    answer = tidy(answer)
    if not answer:
        raise WrongInput("answer", "required", _("Write an answer."))
    locked = _locked(charge)
    objection = ChargeObjection.objects.filter(charge=locked, outcome="").first()
    if objection is None or locked.state != ChargeState.OBJECTED:
        raise Refused([NOTHING_TO_DECIDE])
    objection.outcome = ObjectionOutcome.UPHELD if upheld else ObjectionOutcome.REJECTED
    objection.answer, objection.decided_by, objection.decided_at = answer[:1000], by, timezone.now()
    objection.save(update_fields=["outcome", "answer", "decided_by", "decided_at"])
    amount = locked.left if refund_of is None else refund_of
    if upheld and amount:
        refund(locked, by=by, amount=amount, reason=answer)
    return _turn(locked, ChargeState.AGREED)


def agree_to_old() -> int:
    """Charges that nobody objected to in time count as agreed; returns how many."""
    return Charge.objects.to_be_agreed(timezone.localdate()).update(state=ChargeState.AGREED)


def _locked(charge: Charge) -> Charge:
    return Charge.objects.select_for_update(no_key=True).get(pk=charge.pk)


def _turn(charge: Charge, state: ChargeState) -> Charge:
    if state not in NEXT_OF_CHARGE[ChargeState(charge.state)]:
        raise Refused([NOTHING_TO_DECIDE])
    charge.state = state
    charge.save(update_fields=["state"])
    broadcast_charge(charge, EventKind.CHARGE_CHANGED)
    return charge
