"""What time would cost and who would pay it, gathered for the rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, ResearchGroup, User
from accounts.states import MembershipState, OrganisationKind
from billing.models import FundCode, Wallet
from billing.pricing import UnitRate
from billing.services import quote, settlement_between, spending_on, standing_among, wallet_of
from bookings.models import Booking
from bookings.rules import Cost
from bookings.services.gather import Person
from common.errors import WrongInput
from common.interval import Interval
from instruments.models import Instrument


def cost_of(
    instrument: Instrument,
    *,
    user: User,
    person: Person,
    group_id: UUID | None,
    interval: Interval,
    assisted: bool,
    payer: UUID | None,
    fund_code: UUID | None,
    moved: Booking | None,
    now: datetime,
) -> Cost | None:
    """The price of the time by the rates of the day on which it was booked, and what bears on paying it.

    No statement where no rate is published for them; else at most a dozen, and the wallet is locked. `instrument` comes
    from `with_terms`. Raises WrongInput for a wallet or a project number that is not theirs.
    """
    category = person.category_at(instrument)
    at = moved.created_at if moved else now
    rates = standing_among(instrument.rates_along, category=category, day=timezone.localdate(at))  # type: ignore[attr-defined]
    if not rates:
        return None
    kept = moved is not None and moved.user_id == user.pk
    wallet = _payer(payer or (moved.payer_id if kept and moved else None), user, person, group_id)
    fund = _fund(fund_code or (moved.fund_code_id if kept and moved else None), user, now)
    return _cost(
        instrument, rates, category, wallet, fund, user=user, interval=interval, assisted=assisted, moved=moved, at=at,
        now=now,
    )  # fmt: skip


def _cost(
    instrument: Instrument, rates: Sequence[UnitRate], category: str, wallet: Wallet, fund: FundCode | None, *,
    user: User, interval: Interval, assisted: bool, moved: Booking | None, at: datetime, now: datetime,
) -> Cost | None:  # fmt: skip
    seller = instrument.facility.organisation
    terms = settlement_between(wallet, seller)
    price = quote(
        instrument, category=category, interval=interval, assisted=assisted, at=at, payer=wallet, terms=terms,
        rates=rates,
    )  # fmt: skip
    if price is None:
        return None
    spending = spending_on(
        wallet, amount=price.to_pay, seller=seller, member=user, fund_code=fund, terms=terms,
        instead_of=moved.hold if moved else None, now=now,
    )  # fmt: skip
    return Cost(price=price, spending=spending, wallet=wallet, fund_code=fund)


def _payer(wanted: UUID | None, user: User, person: Person, group_id: UUID | None) -> Wallet:
    """The wallet that was named, else their group's, their firm's, their own."""
    if wanted is not None:
        found = Wallet.objects.payable_by(user).with_owners().filter(pk=wanted).first()
        if found is None:
            raise WrongInput("payer", "invalid", _("This person cannot pay with this wallet."))
        return found
    return wallet_of(_usual_payer(user, person, group_id))


def _usual_payer(user: User, person: Person, group_id: UUID | None) -> Any:
    if group_id is not None:
        return ResearchGroup.objects.get(pk=group_id)
    firms = [
        each.organisation_id
        for each in person.belongings
        if each.state == MembershipState.CONFIRMED and each.kind == OrganisationKind.COMPANY
    ]
    return Organisation.objects.get(pk=firms[0]) if firms else user


def payers_of(instrument: Any, user: User, category: str) -> dict[str, Any]:
    """What somebody may choose from to pay a booking: wallets and project numbers; nothing where it is not priced.

    `instrument` comes from `with_terms`. At most two statements.
    """
    day = timezone.localdate()
    if not standing_among(instrument.rates_along, category=category, day=day):
        return {"payers": [], "fund_codes": []}
    return {
        "payers": list(Wallet.objects.payable_by(user).with_owners().order_by("created_at")),
        "fund_codes": list(FundCode.objects.usable_by(user, day=day).order_by("code")),
    }


def _fund(wanted: UUID | None, user: User, now: datetime) -> FundCode | None:
    if wanted is None:
        return None
    found = FundCode.objects.usable_by(user, day=timezone.localdate(now)).filter(pk=wanted).first()
    if found is None:
        raise WrongInput("fund_code", "invalid", _("This project number cannot be chosen, or is no longer valid."))
    return found
