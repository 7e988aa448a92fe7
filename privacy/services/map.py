"""The tables of the privacy page and of docs/privacy.md: what is kept of people, and how long what is kept."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from common.personal import BLANKED, GONE, STAYS, Kept
from privacy.services.personal import PERSONAL
from records.rules import RETENTION, Clock

AT_ERASURE = {
    GONE: gettext_lazy("deleted"),
    BLANKED: gettext_lazy("what says who it was is overwritten"),
    STAYS: gettext_lazy("stays, with an id only"),
}


@dataclass(frozen=True)
class DataRow:
    """A line of the data map."""

    table: str
    by: str
    what: str
    given: bool
    at_erasure: str
    because: str


def data_map() -> list[DataRow]:
    """Every table that names a person, by room and name, in the reader's language."""
    rows = [_line(each) for each in PERSONAL]
    return sorted(rows, key=lambda row: (row.table, not row.given, row.by))


def _line(kept: Kept) -> DataRow:
    return DataRow(
        kept.model._meta.label,
        ", ".join(kept.by),
        str(kept.what),
        kept.given,
        str(AT_ERASURE[kept.at_erasure]),
        str(kept.because),
    )


def retention_table() -> list[tuple[str, str, str, str, str]]:
    """What is kept, how long, why, by which rule, and which task ends it."""
    return [(str(each.what), length_of(each), str(each.why), each.basis, each.task) for each in RETENTION.values()]


def length_of(clock: Clock) -> str:
    """In words: days and years where there are, else hours or minutes."""
    if clock.words:
        return str(clock.words)
    assert clock.kept is not None
    days, minutes = clock.kept.days, int(clock.kept.total_seconds() // 60)
    if days and days % 365 == 0:
        return ngettext("%(count)s year", "%(count)s years", days // 365) % {"count": days // 365}
    if days and days != 3:
        return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}
    if minutes >= 60:
        return _("%(count)s hours") % {"count": minutes // 60}
    return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
