"""What is printed of orders: the agreement that is accepted, the slip that goes with samples, their labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from fpdf import FPDF

from common.pdf import document, qr
from common.text import in_reading_language
from common.words import day, moment
from common.words import money as in_yuan


def agreement(offer: Any, *, by: Any, at: datetime) -> bytes:
    """The agreement on a test (委托检测协议) as it was accepted, A4: parties, problem, lines, price, terms."""
    request, facility = offer.request, offer.enquiry.facility
    pdf = document(title=_("Agreement on testing"))
    _heading(pdf, _("Agreement on testing"), f"{offer.pk.hex[-12:].upper()} · {_('version')} {offer.number}")
    customer = request.organisation or request.group or request.asked_by
    _facts(pdf, [
        (_("Customer"), f"{customer} · {request.asked_by.name}"),
        (_("Unified social credit code"), getattr(customer, "uscc", "") or "—"),
        (_("Laboratory"), f"{facility.organisation.name} · {facility.name}"),
        (_("What is to be found out"), request.problem),
        (_("Result or standard wanted"), request.wanted or "—"),
        (pgettext("order", "Samples"), _samples_of(request)),
        (_("Standard"), offer.standard or "—"),
        (_("Accreditation"), offer.accreditation or "—"),
        (_("Leaves out"), offer.leaves_out or "—"),
        (_("Report"), request.get_report_display()),
        (_("Results by"), day(offer.results_by)),
    ])  # fmt: skip
    _price(pdf, offer.price)
    pdf.ln(3)
    pdf.set_font_size(9)
    for line in _terms(offer, request):
        pdf.multi_cell(0, 5, line, align="L", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(4)
    pdf.set_font_size(10)
    words = {"who": by.name, "when": moment(at), "lab": offer.offered_by.name, "made": moment(offer.created_at)}
    pdf.multi_cell(0, 6, _("Offered for the laboratory by %(lab)s, %(made)s.") % words, new_x="LMARGIN", new_y="NEXT")
    pdf.multi_cell(
        0, 6, _("Accepted for the customer by %(who)s, %(when)s, by click.") % words, new_x="LMARGIN", new_y="NEXT"
    )
    return bytes(pdf.output())


def _samples_of(request: Any) -> str:
    parts = [request.sample_kind, request.get_sample_form_display() if request.sample_form else ""]
    count = _("%(n)s pieces") % {"n": request.sample_count} if request.sample_count else ""
    hazard = _("hazard: %(what)s") % {"what": request.hazard} if request.hazard else ""
    return " · ".join(part for part in (*parts, count, hazard) if part) or "—"


def _terms(offer: Any, request: Any) -> Iterator[str]:
    yield _("1. The laboratory does the work named above at the price named above, VAT included.")
    yield _("2. More than 10 % above that price needs a new version of this offer, accepted anew.")
    yield _("3. Samples after the work: %(what)s.") % {"what": request.get_sample_after_display()}
    yield _("4. Payment: %(when)s.") % {"when": offer.get_pay_when_display()}
    yield _("5. Results count as confirmed when nobody objects within 10 working days after their release.")
    if request.confidential:
        yield _("6. The customer asks for confidentiality: the laboratory shows the results to nobody else.")


def slip(order: Any, *, address: str, samples: Sequence[Any]) -> bytes:
    """The A4 slip that goes with the samples (送样单): where to, from whom, what, a QR code of the order's page."""
    facility = order.facility
    pdf = document(title=f"{_('Sample slip')} {order.code}")
    qr(pdf, address, x=164, y=10, size=34)
    _heading(pdf, _("Sample slip"), order.code, width=148)
    place = " ".join(part for part in (facility.building, facility.room) if part)
    contact = " · ".join(
        part for part in (facility.contact_name, facility.contact_phone, facility.contact_email) if part
    )
    pdf.set_y(max(pdf.get_y(), 46))
    customer = order.organisation or order.group or order.ordered_by
    _facts(pdf, [
        (_("To"), f"{facility.organisation.name} · {facility.name}"),
        (_("Where"), place or "—"),
        (_("Contact"), contact or "—"),
        (_("From"), f"{customer} · {order.ordered_by.name}"),
        (_("Phone or e-mail"), order.ordered_by.phone or order.ordered_by.email or "—"),
        (_("What"), order.title),
        (_("Hazard"), order.hazard or _("none is known")),
        (_("After the work"), order.get_sample_after_display()),
        (_("Results by"), day(order.results_by) if order.results_by else "—"),
        *_answers_of(order),
        (_("Remark"), order.note or "—"),
    ])  # fmt: skip
    heads = (_("No."), _("Name"), _("Label"), _("Condition at receipt"))
    rows = [(f"{each.number}", each.name, f"{order.code}-{each.number:02}", "") for each in samples]
    _table(pdf, (14, 70, 50, 52), [heads, *rows])
    pdf.ln(8)
    for words in (
        _("Handed over by: ______________  Date: __________"),
        _("Received by: ______________  Date: __________"),
    ):
        pdf.multi_cell(0, 9, words, new_x="LMARGIN", new_y="NEXT")
    pdf.set_font_size(7)
    pdf.multi_cell(0, 4, f"{_('Scan for the order as it is now:')} {address}", align="L")
    return bytes(pdf.output())


def _answers_of(order: Any) -> Iterator[tuple[str, str]]:
    for each in order.answers:
        said = [
            in_reading_language(each.get(f"{name}_zh", ""), each.get(f"{name}_en", "")) for name in ("label", "answer")
        ]
        yield said[0], said[1]


def labels(order: Any, *, address: str, samples: Sequence[Any]) -> bytes:
    """A label for each sample, three in a row on A4: its code, what it is, a QR code."""
    pdf = document(title=f"{_('Labels')} {order.code}")
    pdf.set_auto_page_break(auto=False)
    width, height, columns = 62.0, 30.0, 3
    rows = int((297 - 24) / height)
    for place, sample in enumerate(samples):
        if place and place % (columns * rows) == 0:
            pdf.add_page()
        at = place % (columns * rows)
        x, y = 12 + (at % columns) * width, 12 + (at // columns) * height
        pdf.set_draw_color(190)
        pdf.rect(x, y, width - 2, height - 2)
        code = f"{order.code}-{sample.number:02}"
        qr(pdf, f"{address}#sample-{sample.number}", x=x + 1, y=y + 1, size=25)
        pdf.set_xy(x + 26, y + 3)
        pdf.set_font_size(10)
        pdf.multi_cell(width - 29, 5, code, align="L", new_x="LEFT", new_y="NEXT")
        pdf.set_font_size(7)
        pdf.multi_cell(width - 29, 3.6, (sample.name or order.title)[:40], align="L", new_x="LEFT", new_y="NEXT")
        pdf.multi_cell(width - 29, 3.6, str(order.facility.name)[:30], align="L")
    return bytes(pdf.output())


def _heading(pdf: FPDF, title: str, under: str, *, width: float = 0) -> None:
    pdf.set_font_size(18)
    pdf.multi_cell(width, 10, title, align="L", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font_size(10)
    pdf.multi_cell(width, 6, under, align="L", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(2)


def _facts(pdf: FPDF, pairs: Sequence[tuple[str, str]]) -> None:
    _table(pdf, (44, 142), pairs)
    pdf.ln(4)


def _table(pdf: FPDF, widths: tuple[int, ...], rows: Sequence[Sequence[str]]) -> None:
    pdf.set_font_size(9)
    with pdf.table(col_widths=widths, text_align="LEFT", first_row_as_headings=False, line_height=6) as table:
        for cells in rows:
            row = table.row()
            for cell in cells:
                row.cell(str(cell))


def money(amount: object) -> str:
    return in_yuan(Decimal(str(amount)))


def _price(pdf: FPDF, price: Mapping[str, Any]) -> None:
    heads = (_("What"), _("Quantity"), _("Unit price"), _("Amount"))
    lines = [
        (
            in_reading_language(each["name_zh"], each["name_en"]),
            f"{Decimal(each['quantity']).normalize():f} {each['unit']}",
            money(each["unit_price"]),
            money(each["amount"]),
        )
        for each in price["lines"]
    ]
    sums = [
        ("", "", _("Net"), money(price["net"])),
        ("", "", _("VAT %(rate)s %%") % {"rate": f"{Decimal(price['vat_rate']).normalize():f}"}, money(price["vat"])),
        ("", "", _("Price incl. VAT"), money(price["gross"])),
        ("", "", _("Paid by a scheme"), money(price["covered"])),
        ("", "", _("You pay"), money(price["to_pay"])),
    ]
    _table(pdf, (96, 30, 32, 28), [heads, *lines, *sums])
