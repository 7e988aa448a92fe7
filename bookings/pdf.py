"""What a laboratory prints: the label at an instrument, the logbook of a month."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from common.interval import Interval
from common.pdf import document, qr
from common.text import in_reading_language
from common.words import hours, in_zone, length, short_day, span, zone_name

A5, PAIR = (148, 210), ("label", "answer")


def label(instrument: Any, *, address: str) -> bytes:
    """An A6 label: the instrument's name and number, and a QR code of `address`, which is printed too."""
    pdf = document(title=str(instrument.name), paper=(105, 148))
    pdf.set_auto_page_break(auto=False)
    pdf.set_font_size(18)
    pdf.multi_cell(0, 9, instrument.name_zh, align="C", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font_size(10)
    pdf.multi_cell(0, 5, instrument.name_en, align="C", new_x="LMARGIN", new_y="NEXT")
    number = " ".join(part for part in (instrument.inner_number, instrument.room) if part)
    pdf.multi_cell(0, 5, number, align="C", new_x="LMARGIN", new_y="NEXT")
    qr(pdf, address, x=22.5, y=46, size=60)
    pdf.set_y(110)
    pdf.set_font_size(12)
    words = _("Scan to check in or out, or to report a fault")
    pdf.multi_cell(0, 6, words, align="C", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font_size(7)
    pdf.multi_cell(0, 4, address, align="C", new_x="LMARGIN", new_y="NEXT")
    facility = instrument.facility
    pdf.multi_cell(0, 4, f"{facility.organisation.name} · {facility.name}", align="C")
    return bytes(pdf.output())


def slip(booking: Any, *, address: str) -> bytes:
    """A booking on an A5 sheet to bring along: what, when, where, who, what was answered, a QR code of `address`."""
    instrument, zone = booking.instrument, booking.instrument.facility.time_zone
    facility = instrument.facility
    heading = _("Booking slip")
    pdf = document(title=f"{heading} {instrument.name}", paper=A5)
    pdf.set_font_size(10)
    pdf.multi_cell(88, 5, f"{facility.organisation.name} · {facility.name}", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font_size(17)
    pdf.multi_cell(88, 9, str(instrument.name), new_x="LMARGIN", new_y="NEXT")
    pdf.set_font_size(13)
    pdf.multi_cell(88, 7, span(booking.starts_at, booking.ends_at, zone), new_x="LMARGIN", new_y="NEXT")
    pdf.set_font_size(9)
    pdf.multi_cell(88, 5, f"{zone_name(zone)} · {booking.get_state_display()}", new_x="LMARGIN", new_y="NEXT")
    qr(pdf, address, x=104, y=10, size=34)
    pdf.set_y(max(pdf.get_y(), 44) + 4)
    with pdf.table(col_widths=(32, 92), text_align="LEFT", first_row_as_headings=False, line_height=6) as table:
        for name, value in _of_slip(booking):
            row = table.row()
            row.cell(name)
            row.cell(value)
    pdf.ln(4)
    pdf.set_font_size(7)
    scan = _("Scan for the booking as it is now:")
    pdf.multi_cell(0, 4, f"{scan} {address}", align="L")
    return bytes(pdf.output())


def _of_slip(booking: Any) -> Iterator[tuple[str, str]]:
    facility = booking.instrument.facility
    yield _("Where"), " ".join(part for part in (facility.building, booking.instrument.room or facility.room) if part)
    yield _("Requester"), booking.user.name
    yield _("Purpose"), " · ".join(part for part in (booking.get_purpose_display(), booking.title) if part)
    yield _("Length"), length(booking.interval.length)
    if booking.operator:
        yield _("Operator"), booking.operator.name
    for answer in booking.answers:
        said = {name: in_reading_language(answer.get(f"{name}_zh", ""), answer.get(f"{name}_en", "")) for name in PAIR}
        yield said["label"], said["answer"]
    contact = " · ".join(part for part in (facility.contact_phone, facility.contact_email) if part)
    yield _("Contact"), contact


def logbook(instrument: Any, month: Interval, records: Iterable[Any]) -> bytes:
    """The logbook of a month as a table, A4 across: who, when, how long, how many samples, in what condition."""
    zone = instrument.facility.time_zone
    title = f"{_('Logbook')} {instrument.name} {in_zone(month.start, zone):%Y-%m}"
    pdf = document(title=title, paper="A4", orientation="landscape")
    pdf.set_font_size(15)
    pdf.multi_cell(0, 9, title, align="C", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font_size(9)
    about = (instrument.facility.organisation.name, instrument.facility.name, instrument.inner_number, instrument.model)
    pdf.multi_cell(0, 6, " · ".join(str(part) for part in about if part), align="C", new_x="LMARGIN", new_y="NEXT")
    heads = (_("Day"), _("From–to"), _("Length"), _("Used by"), _("Operator"), _("Samples"), _("Condition, remarks"))
    with pdf.table(col_widths=(22, 26, 18, 34, 26, 16, 90), text_align="LEFT", first_row_as_headings=False) as table:
        for cells in (heads, *(_line(record, zone) for record in records)):
            row = table.row()
            for cell in cells:
                row.cell(cell)
    pdf.ln(6)
    pdf.multi_cell(0, 6, _("Checked by: ____________________    Date: ______________"), align="R")
    return bytes(pdf.output())


def _line(record: Any, zone: str) -> tuple[str, ...]:
    start = in_zone(record.starts_at, zone)
    ends = record.ends_at
    return (
        short_day(start),
        hours(record.starts_at, ends, zone) if ends else f"{start:%H:%M}–",
        length(ends - record.starts_at) if ends else "",
        record.user.name if record.user else record.user_name,
        record.operator.name if record.operator else "",
        "" if record.samples is None else str(record.samples),
        " ".join(part for part in (record.note, record.problem) if part),
    )
