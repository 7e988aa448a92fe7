"""The money of a booking: held with its time, charged when it was used, given back when it was not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils import timezone

from billing import services as billing
from billing.models import Charge, Wallet
from billing.pricing import Price, PriceLine, in_fen, price_of_lines
from bookings.models import Booking
from bookings.rules import Circumstances, Terms
from bookings.services.gather import terms_before, with_terms
from bookings.states import CancelledAs, ChargeBasis, State
from common.interval import Interval
from common.words import clock, in_zone
from instruments.models import Instrument

LATE_FEE = ("逾期取消费", "late cancellation fee")
NO_SHOW_FEE = ("爽约费", "no-show fee")
GIVES_BACK = {State.DECLINED, State.CANCELLED, State.EXPIRED, State.NO_SHOW}


def hold_money(booking: Booking, given: Circumstances) -> None:
    """Freeze the price of `given` on the booking and hold it, instead of what was held; of a draft nothing is held.

    The caller writes the booking. Its rates stand for good from now on.
    """
    cost = given.cost
    if booking.hold:
        billing.release(booking.hold)
        booking.hold = None
    booking.payer = cost.wallet if cost else None
    booking.fund_code = cost.fund_code if cost else None
    booking.price = cost.price.as_json() if cost else None
    if cost is None or booking.state == State.DRAFT:
        return
    billing.mark_used(cost.price.rates)
    booking.hold = billing.keep(
        cost.spending, cost.wallet, by=None, seller=given_seller(booking), member=booking.user,
        fund_code=cost.fund_code, scheme=billing.scheme_in(cost.price), covered=cost.price.covered,
    )  # fmt: skip


def given_seller(booking: Booking) -> Any:
    return booking.instrument.facility.organisation


def money_of(booking: Booking, state: State, fields: dict[str, Any]) -> dict[str, Any]:
    """What becomes of the money when a booking goes to `state` with `fields`; returns columns that change with it."""
    if booking.price is None or booking.hold is None:
        return {}
    if state == State.COMPLETED:
        return {"charge": _charge_for_use(booking)}
    if state == State.CANCELLED and booking.charge is not None:
        _give_fee_back(booking.charge, str(fields.get("reason", "")))
        return {}
    if state not in GIVES_BACK:
        return {}
    fee = _fee_for(booking, state, fields)
    if fee is None:
        billing.release(booking.hold)
        return {}
    return {"charge": _charge(booking, *fee)}


def _give_fee_back(charge: Charge, reason: str) -> None:
    """A no-show that was none costs nothing."""
    if charge.left:
        billing.refund(charge, by=None, amount=charge.left, reason=reason)


def _fee_for(booking: Booking, state: State, fields: dict[str, Any]) -> tuple[Price, tuple[str, str]] | None:
    """The fee that the policy asks for coming not at all, or for cancelling late; None where there is none."""
    late = state == State.CANCELLED and fields.get("cancelled_as") == CancelledAs.LATE
    if not late and state != State.NO_SHOW:
        return None
    terms, _instrument = _terms(booking)
    percent, names = (terms.late_fee_percent, LATE_FEE) if late else (terms.no_show_percent, NO_SHOW_FEE)
    frozen = Price.from_json(booking.price or {})
    amount = in_fen(frozen.gross * percent / 100)
    if not amount:
        return None
    line = PriceLine(*names, Decimal(1), "", amount, amount)
    return price_of_lines([line], vat_rate=frozen.vat_rate, category=frozen.category), names


def _charge_for_use(booking: Booking) -> Charge:
    """By policy for what was booked, for what was used, or for the larger of the two."""
    frozen = Price.from_json(booking.price or {})
    terms, instrument = _terms(booking)
    if terms.charge_basis != ChargeBasis.BOOKED and (used := _price_of_use(booking, instrument, frozen)):
        frozen = used if terms.charge_basis == ChargeBasis.USED else max(frozen, used, key=lambda each: each.gross)
    return _charge(booking, frozen)


def _price_of_use(booking: Booking, instrument: Instrument, frozen: Price) -> Price | None:
    """What the time between the first check-in and the last check-out costs, by the rates of the booking's day."""
    records = [each for each in booking.usage.all() if each.ends_at is not None]
    if not records:
        return None
    used = Interval(min(each.starts_at for each in records), max(each.ends_at for each in records if each.ends_at))
    assert booking.payer_id
    payer = Wallet.objects.with_owners().get(pk=booking.payer_id)
    return billing.quote(
        instrument, category=frozen.category, interval=used, assisted=booking.assisted, at=booking.created_at,
        payer=payer,
    )  # fmt: skip


def _charge(booking: Booking, price: Price, names: tuple[str, str] = ("", "")) -> Charge:
    """The charge of a booking: by whom, when, on what, and which fee where it is one."""
    assert booking.payer
    facility = booking.instrument.facility
    start = in_zone(booking.starts_at, facility.time_zone)
    end = in_zone(booking.ends_at, facility.time_zone)
    when = f"{start:%Y-%m-%d} {clock(start)}–{clock(end)}"
    instrument = booking.instrument
    return billing.charge(
        seller=facility.organisation, wallet=booking.payer, price=price, used_on=start.date(),
        name_zh=" ".join(filter(None, (instrument.name_zh, when, names[0]))),
        name_en=" ".join(filter(None, (instrument.name_en or instrument.name_zh, when, names[1]))),
        by=None, hold=booking.hold, fund_code=booking.fund_code, member=booking.user, thing=instrument,
    )  # fmt: skip


def _terms(booking: Booking) -> tuple[Terms, Instrument]:
    instrument = with_terms(Instrument.objects.filter(pk=booking.instrument_id)).get()
    return terms_before(instrument, booking, now=timezone.now()), instrument
