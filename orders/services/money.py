"""Where this room meets billing: prices, holds, charges. No other module of orders calls billing's services."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.utils import timezone

from accounts.models import Organisation, ResearchGroup, User
from accounts.rules import Belonging, category_of
from billing import services as billing
from billing.models import Charge, Wallet
from billing.pricing import Price, PriceLine, in_fen, price_of_lines
from billing.states import Account, PayWhen
from instruments.models import Facility, Instrument, TestItem
from orders.models import Offer, Order, Request
from orders.rules import Line
from orders.states import OfferState


def priced(lines: Sequence[Line], *, facility: Facility, request: Request) -> Price:
    """The price of lines that a laboratory names, VAT included; with a fund's share where a subsidy is wanted."""
    named = [
        PriceLine(each.name_zh or each.name_en, each.name_en, each.quantity, each.unit, each.unit_price,
                  in_fen(each.quantity * each.unit_price))
        for each in lines
    ]  # fmt: skip
    today = timezone.localdate()
    price = price_of_lines(named, vat_rate=billing.vat_of(facility.organisation, day=today))
    if not request.wants_subsidy:
        return price
    category = category_at(facility, request.asked_by)
    thing = request.test_item or request.instrument
    return billing.with_share(price, thing, category=category, payer=_payer_of(request), day=today)


def without_fund(request: Request, offers: Sequence[Offer]) -> set[UUID]:
    """The open offers whose fund has been used up meanwhile: they can be accepted at the full price alone."""
    known = [each for each in offers if each.state == OfferState.OPEN and Decimal(each.price["covered"])]
    if not known:
        return set()
    bears = billing.can_still_bear([Price.from_json(each.price) for each in known], wallet=_payer_of(request))
    return {each.pk for each, can in zip(known, bears, strict=True) if not can}


def _payer_of(request: Request) -> Wallet:
    return _paid_by(request.organisation, request.group, request.asked_by)


def _paid_by(firm: Organisation | None, group: ResearchGroup | None, person: User) -> Wallet:
    return billing.wallet_of(firm or group or person)


def category_at(facility: Facility, user: User, *, in_own_group: bool = False) -> str:
    """As what somebody pays at a laboratory."""
    belongings = [
        Belonging(each.organisation_id, each.organisation.kind, each.state, each.organisation.country,
                  each.organisation.is_sme)
        for each in user.memberships.standing().select_related("organisation")
    ]  # fmt: skip
    return category_of(belongings, owner_id=facility.organisation_id, in_own_group=in_own_group)


def published(
    thing: Instrument | TestItem, *, category: str, quantity: int, at: datetime, payer: Wallet | None = None
) -> Price | None:
    """What the published price makes of so many samples; None where none is published for this category."""
    return billing.quote(thing, category=category, quantity=Decimal(quantity), at=at, payer=payer)


def wallet_of(owner: ResearchGroup | User) -> Wallet:
    """From which wallet somebody would pay."""
    return billing.wallet_of(owner)


def wallet_for(order: Order) -> Wallet:
    """Who pays: the firm, the research group, else the person."""
    return _paid_by(order.organisation, order.group, order.ordered_by)


def hold_for(order: Order, *, by: User) -> None:
    """Keep the order's price in its payer's wallet until it is charged; raises Refused with every reason why not.

    A firm that has no credit is bound by the agreement that it accepted, and pays its invoice: it owes what is held.
    """
    price = Price.from_json(order.price or {})
    billing.mark_used(price.rates)
    order.hold = billing.hold(
        wallet_for(order), price.to_pay, by=by, seller=order.facility.organisation, member=order.ordered_by,
        scheme=billing.scheme_in(price), covered=price.covered, may_owe=order.organisation_id is not None,
    )  # fmt: skip
    order.save(update_fields=["hold"])


def pay_when_of(order: Order) -> str:
    """When the payer of an order settles with its seller: before the results, or after they are confirmed."""
    agreed = billing.settlement_between(wallet_for(order), order.facility.organisation).pay_when
    first = {PayWhen.BEFORE_WORK, PayWhen.BEFORE_RESULTS}
    return PayWhen.BEFORE_RESULTS if agreed in first else PayWhen.AFTER_CONFIRMATION


def let_go(order: Order) -> None:
    """Give back what was held for an order that will not be done."""
    if order.hold is not None:
        billing.release(order.hold)


def give_back(order: Order, *, by: User, reason: str) -> None:
    """Nothing is to pay any more: what is held is released, what was charged already is refunded by new entries."""
    if order.charge is None:
        let_go(order)
    elif order.charge.left > 0:
        billing.refund(order.charge, by=by, amount=order.charge.left, reason=reason[:200])


def charge_for(order: Order, *, by: User | None, used_on: date) -> Charge:
    """Charge the frozen price, once: the order owns its charge."""
    name = f"{order.title[:150]} {order.code}"
    return billing.charge(
        seller=order.facility.organisation,
        wallet=wallet_for(order),
        price=Price.from_json(order.price or {}),
        used_on=used_on,
        name_zh=name,
        name_en=name,
        by=by,
        hold=order.hold,
        member=order.ordered_by,
        thing=order.test_item or order.instrument,
    )


def is_paid(order: Order) -> bool:
    """Whether nothing of the order's charge is left to pay: money came for it, or the wallet had enough in it."""
    charge = order.charge
    if charge is None:
        return False
    from_wallet = charge.account == Account.WALLET and charge.wallet.balance >= 0
    return from_wallet or charge.paid >= charge.left
