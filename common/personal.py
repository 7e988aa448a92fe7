"""What a table keeps of a person, said once: what they are given of it, and what becomes of it when they go.

Each room says so of its tables in `services/personal.py`. The export, the erasure and the data map of docs/privacy.md
read the same lines; a test refuses a table that names a person and is in none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pgtrigger
from django.conf import settings
from django.db.models import BinaryField, ForeignKey, Model, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from pghistory.models import Event

Words = str | Promise

GONE, BLANKED, STAYS = "gone", "blanked", "stays"  # what becomes of it at an erasure
REDACTED = "[…]"

OFFICE = _("Done in office: it belongs to the institution's records, and names an id only.")
HISTORY = _("The history of a table that is given: the same words, one row a change.")
BOOKS = _("Accounting records must be kept for as long as the law says; they name an id only.")
CONTRACT = _("What was agreed and done stays as long as claims can be made; it names an id only.")
PROOF = _("Proof of what was agreed or taught; it names an id only.")


@dataclass(frozen=True)
class Kept:
    """Rows of one table that name a person in the fields `by`.

    `leave_out` are columns that are not given (secrets, other people). `blank` are the columns that an erasure
    overwrites, and with what; `when` narrows that to some rows. `because` says why it is not given, or why it stays.
    """

    model: type[Model]
    by: tuple[str, ...]
    what: Words = ""
    given: bool = True
    leave_out: tuple[str, ...] = ()
    at_erasure: str = STAYS
    blank: Mapping[str, Any] = field(default_factory=dict)
    when: Mapping[str, Any] = field(default_factory=dict)
    because: Words = ""

    @property
    def name(self) -> str:
        return self.model._meta.label_lower.replace(".", "_")

    def of(self, person: Model) -> QuerySet[Model]:
        named = Q()
        for each in self.by:
            named |= Q(**{each: person.pk})
        return self.model._default_manager.filter(named).distinct()

    def columns(self) -> list[str]:
        """What is given: no bytes, no secrets, and nobody else than the person."""
        return [
            each.name
            for each in self.model._meta.concrete_fields
            if each.name not in self.leave_out
            and not isinstance(each, BinaryField)
            and not (_names_a_person(each) and each.name not in self.by)
        ]

    def rows(self, person: Model) -> Iterator[dict[str, Any]]:
        yield from self.of(person).order_by("pk").values(*self.columns()).iterator()

    def erase(self, person: Model) -> int:
        """Delete or overwrite, as it says; histories too, which nothing else may change. Returns how many rows."""
        if self.at_erasure == STAYS:
            return 0
        found = self.of(person).filter(**self.when)
        if self.at_erasure == GONE:
            return found.model._default_manager.filter(pk__in=found.values("pk")).delete()[0]
        if not self.blank:
            return 0  # the room's own service does it
        rows = found.model._default_manager.filter(pk__in=list(found.values_list("pk", flat=True)))
        if not issubclass(self.model, Event):
            return rows.update(**self.blank)
        with pgtrigger.ignore(f"{self.model._meta.label}:append_only"):
            return rows.update(**self.blank)


def _names_a_person(column: Any) -> bool:
    return isinstance(column, ForeignKey) and column.related_model._meta.label == settings.AUTH_USER_MODEL


def in_office(model: type[Model], *by: str) -> Kept:
    """Somebody acted for an institution: not theirs to take along, and not theirs to erase."""
    return Kept(model, by, given=False, because=OFFICE)


def history(model: type[Model], *by: str, **blank: Any) -> Kept:
    """The history of a table: `blank` are the same columns as there."""
    at_erasure = BLANKED if blank else STAYS
    return Kept(model, by, given=False, at_erasure=at_erasure, blank=blank, because=HISTORY)
