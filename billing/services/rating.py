"""Publishing what things cost: a rate is announced, and a later one takes its place; none is ever changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from billing.models import Rate, VatRate
from billing.models.rates import ITEM_RATE_ONCE, RATE_ONCE, USED_RATE_STANDS
from billing.permissions import may_rate_thing, may_receive, may_withdraw
from common.db import violation_means, violations_mean
from common.errors import NotAllowed, Refusal, Refused, WrongInput
from instruments.models import Instrument, TestItem

ONLY_THE_LAB = _("Only the laboratory's admins and its institution's finance may do this.")
BEGINS_ALREADY = Refusal("rate_begins_already", _("A rate begins on this day already; choose another day."), "begins")
RETROACTIVE = _("A rate begins today or later: what is past has its price.")
USED = Refusal("rate_used", _("Prices were made with this rate: let a later one take its place."))
MOST_PEAKS = 8


@transaction.atomic
def set_rate(
    thing: Instrument | TestItem, *, by: User | None, category: str, basis: str, amount: Decimal,
    begins: date | None = None, minimum: Decimal = Decimal(0), step: Decimal = Decimal(0),
    peaks: Sequence[Mapping[str, Any]] = (),
) -> Rate:  # fmt: skip
    """Announce what a unit costs a category from a day on (today, when none is named). `by` None is the portal.

    Raises ValidationError, WrongInput for a day in the past, Refused (`rate_begins_already`).
    """
    if by is not None and not may_rate_thing(by, thing):
        raise NotAllowed(ONLY_THE_LAB)
    today = timezone.localdate()
    begins = begins or today
    if begins < today:
        raise WrongInput("begins", "in_the_past", RETROACTIVE)
    owner = {"instrument": thing} if isinstance(thing, Instrument) else {"test_item": thing}
    rate = Rate(
        **owner, category=category, basis=basis, begins=begins, amount=amount, minimum=minimum, step=step,
        peaks=checked_peaks(peaks), made_by=by,
    )  # fmt: skip
    rate.full_clean(validate_constraints=False)
    once = Refused([BEGINS_ALREADY])
    with violations_mean({RATE_ONCE: once, ITEM_RATE_ONCE: once}):
        rate.save(force_insert=True)
    return rate


@transaction.atomic
def withdraw_rate(rate: Rate, *, by: User) -> None:
    """Take a rate back that no price was made with. Raises Refused (`rate_used`)."""
    if not may_withdraw(by, rate):
        raise NotAllowed(ONLY_THE_LAB)
    with violation_means(USED_RATE_STANDS, Refused([USED])):
        rate.delete()


@transaction.atomic
def set_vat(seller: Organisation, *, percent: Decimal, by: User | None, begins: date | None = None) -> VatRate:
    """Say which VAT is in a seller's prices from a day on; prices that were frozen keep theirs."""
    if by is not None and not may_receive(by, seller):
        raise NotAllowed(_("Only the seller's finance officers may do this."))
    begins = begins or timezone.localdate()
    if begins < timezone.localdate():
        raise WrongInput("begins", "in_the_past", RETROACTIVE)
    row = VatRate(seller=seller, percent=percent, begins=begins, made_by=by)
    row.full_clean()
    row.save()
    return row


def checked_peaks(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The windows as they are kept. Raises WrongInput where one is empty, overlaps another or has no factor."""
    found: list[dict[str, Any]] = []
    for row in rows:
        try:
            window = {
                "weekdays": sorted({int(day) for day in row["weekdays"]}),
                "from_minute": int(row["from_minute"]),
                "to_minute": int(row["to_minute"]),
                "factor": f"{Decimal(str(row['factor'])):.2f}",
            }
        except (KeyError, TypeError, ValueError, InvalidOperation) as error:
            raise WrongInput("peaks", "invalid", _("A window names weekdays, hours and a factor.")) from error
        _refuse_window(window, found)
        found.append(window)
    if len(found) > MOST_PEAKS:
        raise WrongInput("peaks", "too_many", _("At most eight windows."))
    return found


def _refuse_window(window: dict[str, Any], others: list[dict[str, Any]]) -> None:
    in_order = 0 <= window["from_minute"] < window["to_minute"] <= 1440
    if not window["weekdays"] or not in_order or not set(window["weekdays"]) <= set(range(7)):
        raise WrongInput("peaks", "invalid", _("A window names weekdays, hours and a factor."))
    if not Decimal(0) <= Decimal(window["factor"]) <= Decimal(10):
        raise WrongInput("peaks", "out_of_range", _("A factor lies between 0 and 10."))
    for other in others:
        apart = window["to_minute"] <= other["from_minute"] or other["to_minute"] <= window["from_minute"]
        if set(window["weekdays"]) & set(other["weekdays"]) and not apart:
            raise WrongInput("peaks", "overlap", _("Two windows share hours."))
