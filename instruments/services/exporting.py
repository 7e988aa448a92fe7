"""Records as tables, piece by piece: the portal's own format, which reads back without loss, and UNIQUIP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from accounts.models import Organisation, User
from common.tables import lines_of_csv
from instruments.formats import jishi, uniquip
from instruments.formats.fields import BY_NAME
from instruments.formats.reasons import label
from instruments.formats.values import sent_back
from instruments.models import ImportRow, Instrument, InstrumentImport
from instruments.permissions import may_edit_for
from instruments.services.judge import record_of
from instruments.states import TableFormat, Verdict

AT_A_TIME = 500
RELATED = ("facility__organisation", "category", "research_group")


def table_of_records(instruments: QuerySet[Instrument], *, format: str) -> Iterator[bytes]:  # noqa: A002
    """The records as CSV; however many there are, some hundreds are held at a time."""
    rows = instruments.select_related(*RELATED).order_by("pk").iterator(chunk_size=AT_A_TIME)
    if format == TableFormat.UNIQUIP:
        return lines_of_csv(uniquip.HEADERS, (uniquip.written(_for_uniquip(each)) for each in rows))
    return lines_of_csv(jishi.written_headers(), (jishi.written(_for_own(each)) for each in rows))


def records_of(organisation: Organisation, *, seen_by: Any) -> QuerySet[Instrument]:
    """An institution's records as somebody may see them: all, to those who keep them."""
    own = Instrument.objects.filter(organisation=organisation)
    if isinstance(seen_by, User) and may_edit_for(seen_by, organisation):
        return own
    return Instrument.objects.visible_to(seen_by).filter(organisation=organisation)


def _for_own(instrument: Instrument) -> dict[str, Any]:
    return {**record_of(instrument), "organisation": instrument.facility.organisation.name_zh}


def _for_uniquip(instrument: Instrument) -> dict[str, Any]:
    facility = instrument.facility
    of_facility = ("room", "contact_name", "contact_phone", "website", "contact_email")
    return {
        **record_of(instrument),
        **{f"facility_{name}": getattr(facility, name) for name in of_facility},
        "facility_name": facility.name_en or facility.name_zh,
        "facility_building": facility.building_en or facility.building_zh,
        "organisation": facility.organisation.name_en or facility.organisation.name_zh,
        "service_level": str(instrument.get_booked_where_display()),
        "address": settings.SITE_URL + instrument.get_absolute_url(),
    }


def wrong_rows_of(source: InstrumentImport, *, line: str, why: str, in_words: Any) -> Iterator[bytes]:
    """The wrong rows as they came, with their line and reasons (under these headers), to be mended and sent again."""
    headers = [*(each for each in source.headers if each not in (line, why)), line, why]
    rows = source.rows.filter(verdict=Verdict.WRONG).order_by("line").iterator(chunk_size=AT_A_TIME)
    return lines_of_csv(headers, (_sent_back(each, line, why, in_words) for each in rows))


def _sent_back(row: ImportRow, line: str, why: str, in_words: Any) -> dict[str, object]:
    cells = {header: sent_back(cell) for header, cell in row.cells.items()}
    return {**cells, line: row.line, why: " ".join(in_words(each) for each in row.reasons)}


def fields_to_choose(format: str) -> list[tuple[str, str]]:  # noqa: A002
    """What a column may stand for, with the word for it in the reader's language."""
    names = uniquip.MEANS.values() if format == TableFormat.UNIQUIP else BY_NAME
    return [(name, uniquip_label(name)) for name in names]


def uniquip_label(name: str) -> str:
    """A field's word; UNIQUIP's own three fields have the standard's."""
    theirs = {field: header for header, field in uniquip.MEANS.items() if field in uniquip.OF_THEIRS}
    return theirs.get(name) or label(name)
