"""18: ten thousand invoices from sixteen processes, one in twenty aborted: no gap, no double."""

import time

import pytest

from billing.models import InvoiceCounter
from tests.billing.books import officer_of
from tests.billing.numbers import drafts_of, gaps_and_doubles, issued_by_processes

INVOICES, PROCESSES, ABORTS = 10_000, 16, 0.05


@pytest.mark.django_db(transaction=True)
def test_money_numbers_of_invoices_have_neither_gaps_nor_doubles(university, show):
    finance = officer_of(university)
    drafts_of(university, INVOICES)
    begun = time.perf_counter()
    issued_by_processes(finance, processes=PROCESSES, aborts=ABORTS)
    taken = time.perf_counter() - begun
    gaps, doubles = gaps_and_doubles(university)
    last = InvoiceCounter.objects.get().last
    show(
        f"{INVOICES:,} invoices from {PROCESSES} processes, {ABORTS:.0%} aborted",
        [
            ("gaps", 0, gaps),
            ("doubles", 0, doubles),
            ("last number", INVOICES, last),
            ("time, notices and mails included, no PDF", "reported", f"{taken:.0f} s"),
        ],
    )
    assert (gaps, doubles, last) == (0, 0, INVOICES)
