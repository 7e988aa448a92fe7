"""Numbers without gaps, and what a payer writes on a transfer so that it is found again."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from accounts.models import Organisation
from billing.models import InvoiceCounter
from billing.states import Series

REFERENCE = re.compile(r"JS(\d{5})(\d{6})(\d\d)", re.IGNORECASE)


@dataclass(frozen=True)
class Numbered:
    """A number that was given, and the reference made of it."""

    year: int
    number: int
    reference: str


def next_number(seller: Organisation, series: Series, *, day: date) -> Numbered:
    """The next number of an institution's series in the year of `day`; call it inside the transaction that uses it.

    The counter's row stays locked until that transaction ends: who comes next waits, and what is rolled back gives its
    number back. So there are neither gaps nor doubles.
    """
    key = {"seller": seller, "series": series, "year": day.year}
    InvoiceCounter.objects.bulk_create([InvoiceCounter(**key)], ignore_conflicts=True)
    counter = InvoiceCounter.objects.select_for_update(no_key=True).get(**key)
    counter.last += 1
    counter.save(update_fields=["last"])
    return Numbered(day.year, counter.last, reference_of(counter.pk, counter.last))


def reference_of(counter: int, number: int) -> str:
    """JS, the counter (so the institution and the year), the number, two check digits by ISO 7064 MOD 97-10."""
    digits = f"{counter:05}{number:06}"
    return f"JS{digits}{98 - int(digits) * 100 % 97:02}"


def reference_in(text: str) -> str:
    """The first reference in what a bank passes on, whatever stands between its digits; '' when there is none.

    One that was mistyped has wrong check digits and is none.
    """
    plain = re.sub(r"[\s\-_.·]", "", unicodedata.normalize("NFKC", text))
    for found in REFERENCE.finditer(plain):
        if found[0].upper() == reference_of(int(found[1]), int(found[2])):
            return found[0].upper()
    return ""
