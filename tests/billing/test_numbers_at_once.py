"""Numbers without gaps, from several processes, some of whose transactions are aborted.

The full count is run by `./portal prove money`.
"""

from unittest.mock import patch

import pytest
from django.db import connection

from billing.models import InvoiceCounter
from billing.services import issuing, numbering
from billing.states import InvoiceState
from tests.billing.books import officer_of
from tests.billing.numbers import drafts_of, gaps_and_doubles, issued_by_processes

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
