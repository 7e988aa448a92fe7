"""The certificate that a child takes home."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from common.pdf import document, qr
from common.words import day


def certificate(certificate: Any, session: Any, *, name: str, address: str) -> bytes:
    """A4 across: who took part in what, for how many days, and a QR code of `address`, where that can be checked."""
    programme, days = session.programme, session.days
    heading = _("Certificate")
    pdf = document(title=f"{heading} {certificate.code}", orientation="landscape")
    pdf.set_auto_page_break(auto=False)
    pdf.set_draw_color(13, 108, 116)
    pdf.set_line_width(1.2)
    pdf.rect(10, 10, 277, 190)
    pdf.set_line_width(0.3)
    pdf.rect(13, 13, 271, 184)
    middle: dict[str, Any] = {"align": "C", "new_x": "LMARGIN", "new_y": "NEXT"}
    lines = [
        (32, 34, heading),
        (66, 24, name),
        (86, 13, _("took part in")),
        (97, 20, str(programme.name)),
        (114, 12, f"{day(days[0])}" + (f" – {day(days[-1])}" if len(days) > 1 else "")),
        (124, 12, _("present on %(n)s of %(all)s days") % {"n": certificate.days, "all": len(days)}),
        (142, 14, str(programme.organisation.name)),
        (151, 10, day(certificate.issued_at)),
    ]
    for top, size, text in lines:
        pdf.set_y(top)
        pdf.set_font_size(size)
        pdf.multi_cell(0, size * 0.5, text, **middle)
    qr(pdf, address, x=241, y=152, size=34)
    pdf.set_font_size(8)
    pdf.set_xy(16, 184)
    pdf.cell(0, 5, f"{_('To check this certificate:')} {address}")
    return bytes(pdf.output())
