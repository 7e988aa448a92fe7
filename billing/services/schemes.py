"""Funds that pay a share: which one helps whom, and the pool as a ledger of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Sum, When
from django.db.models.functions import TruncMonth
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from accounts.permissions import is_officer
from billing.models import Charge, Hold, Scheme, SchemeEntry, Wallet
from billing.models.schemes import NEVER_OVERSPENT
from billing.pricing import Price, Share
from billing.states import PoolKind, SchemeMode
from common.db import violation_means
from common.errors import NotAllowed, Refusal, Refused
from instruments.models import Category, Instrument, TestItem

ZERO = Decimal(0)
SPENT = Refusal("scheme_spent", _("The fund has just been used up: look at the price once more."), "payer")


def shares_for(thing: Instrument | TestItem | None, *, category: str, wallet: Wallet | None, day: date) -> list[Share]:
    """What the funds that help this category with this thing would bear on `day`; two statements, one where none runs.

    Without a `thing` (work that is no published test) those that help with everything; without a `wallet` (nobody is
    signed in) the caps are those of somebody who has used nothing yet.
    """
    running = Scheme.objects.running(day).filter(mode=SchemeMode.DEDUCT, for_categories__contains=[category])
    if wallet is not None:
        running = running.annotate(used=_used_by(wallet, day.year))
    return [_share_of(scheme, wallet) for scheme in running.prefetch_related("categories") if fits(scheme, thing)]


def schemes_for(thing: Instrument | TestItem, *, day: date) -> list[Scheme]:
    """The funds that help anybody with this thing, to be named beside its prices."""
    running = Scheme.objects.running(day).prefetch_related("categories")
    return [scheme for scheme in running if fits(scheme, thing)]


def fits(scheme: Scheme, thing: Instrument | TestItem | None) -> bool:
    """Whether a fund is for such a thing: its category, and what it cost when it was new."""
    value = thing.original_value if isinstance(thing, Instrument) else None
    if scheme.least_original_value and (value is None or value < scheme.least_original_value):
        return False
    wanted = {each.pk for each in scheme.categories.all()}
    return not wanted or (isinstance(thing, Instrument) and thing.category_id in wanted)


def _used_by(wallet: Wallet, year: int) -> Any:
    """What a payer has had of a fund in a year: reserved or spent, without what was released or paid back."""
    theirs = {"entries__wallet": wallet, "entries__year": year}
    gives = Case(
        When(entries__kind=PoolKind.RESERVE, **theirs, then=F("entries__amount")),
        When(entries__kind__in=[PoolKind.RELEASE, PoolKind.RETURN], **theirs, then=-F("entries__amount")),
        default=ZERO,
    )
    return Sum(gives, default=ZERO)


def _share_of(scheme: Scheme, wallet: Wallet | None) -> Share:
    limits = [scheme.left]
    if scheme.cap_per_order is not None:
        limits.append(scheme.cap_per_order)
    if scheme.cap_per_year is not None:
        limits.append(scheme.cap_per_year - (getattr(scheme, "used", ZERO) if wallet else ZERO))
    words = {
        "id": str(scheme.pk),
        "name_zh": scheme.name_zh,
        "name_en": scheme.name_en,
        "share": f"{scheme.share:f}",
        "left": f"{scheme.left:.2f}",
    }
    return Share(words, scheme.share, tuple(max(limit, ZERO) for limit in limits))


def scheme_in(price: Price) -> Scheme | None:
    """The fund that bears a share of a price."""
    return Scheme.objects.get(pk=price.scheme["id"]) if price.scheme and price.covered else None


def can_still_bear(prices: Sequence[Price], *, wallet: Wallet) -> list[bool]:
    """Of prices made a while ago: has the fund its share left, in the pool and for this payer? One statement."""
    today = timezone.localdate()
    wanted = {price.scheme["id"] for price in prices if price.scheme and price.covered}
    running = Scheme.objects.running(today).filter(pk__in=wanted).annotate(used=_used_by(wallet, today.year))
    shares = {str(scheme.pk): _share_of(scheme, wallet) for scheme in running}
    return [
        not price.scheme
        or not price.covered
        or (price.scheme["id"] in shares and shares[price.scheme["id"]].of(price.gross) >= price.covered)
        for price in prices
    ]


def reserve(scheme: Scheme, *, wallet: Wallet, amount: Decimal, hold: Hold, by: User | None) -> SchemeEntry:
    """Keep a part of the pool for a hold. Raises Refused (`scheme_spent`) where pool or cap has no more than that."""
    locked = Scheme.objects.lock(scheme.pk)
    year = timezone.localdate().year
    used = _used_in(locked, wallet, year) if locked.cap_per_year is not None else ZERO
    if locked.cap_per_year is not None and used + amount > locked.cap_per_year:
        raise Refused([SPENT])
    _change_pool(locked, reserved=amount)
    return _enter(locked, PoolKind.RESERVE, amount, wallet=wallet, hold=hold, year=year, by=by)


def commit_reserved(hold: Hold, *, charge: Charge, amount: Decimal, by: User | None) -> Scheme | None:
    """Spend `amount` of what was reserved for a hold on its charge, and release the rest."""
    entry = _reserved_for(hold)
    if entry is None:
        return None
    scheme = Scheme.objects.lock(entry.scheme_id)
    about: dict[str, Any] = {"wallet": hold.wallet, "hold": hold, "year": entry.year, "by": by}
    spent = min(amount, entry.amount)
    if spent:
        _change_pool(scheme, reserved=-spent, spent=spent)
        _enter(scheme, PoolKind.COMMIT, spent, charge=charge, **about)
    if rest := entry.amount - spent:
        _change_pool(scheme, reserved=-rest)
        _enter(scheme, PoolKind.RELEASE, rest, **about)
    return scheme


def release_reserved(hold: Hold) -> None:
    """Give what was reserved for a hold back to the pool."""
    entry = _reserved_for(hold)
    if entry is None:
        return
    scheme = Scheme.objects.lock(entry.scheme_id)
    _change_pool(scheme, reserved=-entry.amount)
    _enter(scheme, PoolKind.RELEASE, entry.amount, wallet=hold.wallet, hold=hold, year=entry.year, by=None)


def _reserved_for(hold: Hold) -> SchemeEntry | None:
    return SchemeEntry.objects.filter(hold=hold, kind=PoolKind.RESERVE).first()


def pool_by_month(scheme: Scheme, *, until: date) -> list[tuple[date, Decimal, Decimal, Decimal]]:
    """(month, spent by its end, reserved, left) from a scheme's first month to that of `until`; one statement."""
    rows = scheme.entries.order_by().annotate(month=TruncMonth("made_at")).values("month", "kind")
    moved = {(row["month"].date(), row["kind"]): row["total"] for row in rows.annotate(total=Sum("amount"))}
    month, spent, reserved, found = scheme.begins.replace(day=1), ZERO, ZERO, []
    while month <= min(until, scheme.ends):
        part = {kind: moved.get((month, kind), ZERO) for kind in PoolKind.values}
        spent += part[PoolKind.COMMIT] - part[PoolKind.RETURN]
        reserved += part[PoolKind.RESERVE] - part[PoolKind.COMMIT] - part[PoolKind.RELEASE]
        found.append((month, spent, reserved, scheme.budget - spent - reserved))
        month = (month + timedelta(days=32)).replace(day=1)
    return found


def _used_in(scheme: Scheme, wallet: Wallet, year: int) -> Decimal:
    totals = SchemeEntry.objects.filter(scheme=scheme, wallet=wallet, year=year).totals()
    return totals[PoolKind.RESERVE] - totals[PoolKind.RELEASE] - totals[PoolKind.RETURN]


def _change_pool(scheme: Scheme, *, reserved: Decimal = ZERO, spent: Decimal = ZERO) -> None:
    """One UPDATE, so that the constraint judges what is there at that moment."""
    with violation_means(NEVER_OVERSPENT, Refused([SPENT])):
        Scheme.objects.filter(pk=scheme.pk).update(reserved=F("reserved") + reserved, spent=F("spent") + spent)


def _enter(
    scheme: Scheme, kind: PoolKind, amount: Decimal, *, wallet: Wallet, hold: Hold, year: int, by: User | None,
    charge: Charge | None = None,
) -> SchemeEntry:  # fmt: skip
    return SchemeEntry.objects.create(
        scheme=scheme, kind=kind, amount=amount, wallet=wallet, hold=hold, charge=charge, year=year, made_by=by
    )


@transaction.atomic
def open_scheme(fund: Organisation, *, by: User | None, categories: Iterable[Category] = (), **values: Any) -> Scheme:
    """Announce a subsidy; `values` are fields of `Scheme`. Raises ValidationError."""
    if by is not None and not is_officer(by):
        raise NotAllowed(_("Only a city officer may do this."))
    scheme = Scheme(fund=fund, made_by=by, **values)
    scheme.full_clean()
    scheme.save()
    scheme.categories.set(categories)
    return scheme
