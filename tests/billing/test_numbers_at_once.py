"""Numbers without gaps, from several processes, some of whose transactions are aborted.

The full count is run by `./portal prove money`.
"""

from decimal import Decimal
from threading import Barrier
from unittest.mock import patch

import pytest
from django.db import connection

from billing.models import Invoice, InvoiceCounter
from billing.services import issuing, numbering, record_payment
from billing.states import InvoiceState
from common.errors import Refused
from tests.billing.books import officer_of
from tests.billing.numbers import drafts_of, gaps_and_doubles, issued_by_processes
from tests.billing.shop import in_threads

pytestmark = pytest.mark.django_db(transaction=True)


def test_40_invoices_from_4_processes_with_a_quarter_aborted_have_neither_gaps_nor_doubles(university):
    finance = officer_of(university)
    drafts_of(university, 40)
    issued_by_processes(finance, processes=4, aborts=0.25)
    assert gaps_and_doubles(university) == (0, 0)
    assert InvoiceCounter.objects.get().last == 40
    assert university.invoices.filter(state=InvoiceState.ISSUED).values("reference").distinct().count() == 40


def test_a_sequence_instead_of_the_counters_row_would_leave_gaps(university):
    """The negative control: what is taken outside of the transaction is not given back."""
    finance = officer_of(university)
    drafts_of(university, 20)
    with connection.cursor() as cursor:
        cursor.execute("CREATE SEQUENCE taken_anyway")

    def from_sequence(_seller, _series, *, day):
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval('taken_anyway')")
            number = cursor.fetchone()[0]
        return numbering.Numbered(day.year, number, numbering.reference_of(1, number))

    try:
        with patch.object(issuing, "next_number", from_sequence):
            issued_by_processes(finance, processes=2, aborts=0.4)
        gaps, doubles = gaps_and_doubles(university)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP SEQUENCE taken_anyway")
    assert gaps > 0
    assert doubles == 0


def test_of_8_who_issue_one_draft_at_once_one_does_and_the_others_are_told(university):
    finance = officer_of(university)
    drafts_of(university, 1)
    draft = university.invoices.get()
    results = in_threads([lambda: issuing.issue_draft(Invoice(pk=draft.pk), by=finance)] * 8)
    assert sum(isinstance(each, Invoice) for each in results) == 1
    refused = [each.refusals[0].code for each in results if isinstance(each, Refused)]
    assert refused == ["wrong_state"] * 7
    assert InvoiceCounter.objects.get().last == 1


def paid_by_8(university, finance):
    """Eight receipts of 30 yuan for an invoice of 106, at once; how many went through, what the invoice says."""
    drafts_of(university, 1)
    invoice = issuing.issue_draft(university.invoices.get(), by=finance)
    amount = Decimal(30)
    results = in_threads([lambda: record_payment(university, amount=amount, by=finance, invoice=invoice)] * 8)
    invoice.refresh_from_db()
    return sum(not isinstance(each, Exception) for each in results), invoice.paid


def test_of_8_payments_of_30_for_an_invoice_of_106_at_once_3_are_taken(university):
    assert paid_by_8(university, officer_of(university)) == (3, 90)


def test_without_the_invoices_lock_more_would_be_taken_than_it_says(university):
    """The negative control: all have looked before anybody has written."""
    together = Barrier(8)

    def unlocked(invoice):
        found = Invoice.objects.with_everything().get(pk=invoice.pk)
        together.wait(timeout=30)
        return found

    with patch("billing.services.paying.lock_invoice", unlocked):
        taken, said = paid_by_8(university, officer_of(university))
    assert taken * 30 > said
