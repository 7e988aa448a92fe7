"""Many processes that issue invoices at once, some of which are aborted after they have taken a number."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from decimal import Decimal

from django.db import connections, transaction
from django.utils import timezone

from accounts.models import User
from billing.models import Charge, Invoice, InvoiceLine, Wallet
from billing.services import issue_draft


class AbortedError(Exception):
    """The transaction ends after its number was taken."""


def drafts_of(seller, count: int) -> None:
    """So many drafts with one charge each, of as many payers; written past the services, to be there soon."""
    today = timezone.localdate()
    people = User.objects.bulk_create(
        [User(email=f"payer{n}@example.org", name=f"payer{n}", password="!") for n in range(count)], batch_size=2000
    )
    wallets = Wallet.objects.bulk_create([Wallet(person=each) for each in people], batch_size=2000)
    sums = {"net": Decimal(100), "vat": Decimal(6), "gross": Decimal(106), "to_pay": Decimal(106)}
    common = {"name_zh": "电镜", "used_on": today, "vat_rate": Decimal(6)}
    charges = Charge.objects.bulk_create(
        [
            Charge(
                seller=seller, wallet=each, settlement="transfer", price={}, object_until=today, **common, **sums
            )
            for each in wallets
        ],
        batch_size=2000,
    )  # fmt: skip
    drafts = Invoice.objects.bulk_create(
        [
            Invoice(seller=seller, wallet=each, settlement="transfer", from_day=today, to_day=today, **sums)
            for each in wallets
        ],
        batch_size=2000,
    )  # fmt: skip
    InvoiceLine.objects.bulk_create(
        [
            InvoiceLine(invoice=draft, charge=charge, position=1, **common, **sums)
            for draft, charge in zip(drafts, charges, strict=True)
        ],
        batch_size=2000,
    )  # fmt: skip


def issued_by_processes(by: User, *, processes: int, aborts: float, prepare: Callable[[], None] = lambda: None) -> None:
    """Every draft is issued by one of the processes; a share of the transactions is aborted and done again."""
    drafts = list(Invoice.objects.filter(state="draft").order_by("pk").values_list("pk", flat=True))
    connections.close_all()
    children = []
    for place in range(processes):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                prepare()
                _issue_all(drafts[place::processes], by=by, aborts=aborts, seed=place)
                code = 0
            finally:
                os._exit(code)
        children.append(child)
    ended = [os.waitpid(child, 0)[1] for child in children]
    assert ended == [0] * processes


def _issue_all(drafts: list, *, by: User, aborts: float, seed: int) -> None:
    chance = random.Random(seed)
    for pk in drafts:
        done = False
        while not done:
            try:
                with transaction.atomic():
                    issue_draft(Invoice(pk=pk), by=by)
                    if chance.random() < aborts:
                        raise AbortedError
                done = True
            except AbortedError:
                pass
    connections.close_all()


def gaps_and_doubles(seller) -> tuple[int, int]:
    """Of the numbers that the seller's issued invoices have."""
    numbers = list(Invoice.objects.filter(seller=seller).out().values_list("number", flat=True))
    return max(numbers, default=0) - len(set(numbers)), len(numbers) - len(set(numbers))
