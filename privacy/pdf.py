"""The yearly audit on paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from common.pdf import document


def minors(sections: Sequence[Any], *, year: int, of: str, made_on: str) -> bytes:
    """A4: the figures by section, and lines for what people have to add and sign."""
    title = _("Handling of minors' personal information in %(year)s") % {"year": year}
    pdf = document(title=title)
    pdf.set_font_size(16)
    pdf.multi_cell(0, 9, title, new_x="LMARGIN", new_y="NEXT")
    pdf.set_font_size(10)
    pdf.multi_cell(0, 6, f"{of} · {made_on}", new_x="LMARGIN", new_y="NEXT")
    for section in sections:
        pdf.ln(3)
        pdf.set_font_size(12)
        pdf.multi_cell(0, 7, section.title, new_x="LMARGIN", new_y="NEXT")
        pdf.set_font_size(10)
        for figure in section.figures:
            pdf.cell(120, 6, figure.what)
            pdf.cell(0, 6, str(figure.count), align="R", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(6)
    for line in (_("Incidents outside of the portal:"), _("Measures:"), _("Audited by, date:")):
        pdf.multi_cell(0, 12, f"{line} ________________________________________", new_x="LMARGIN", new_y="NEXT")
    return bytes(pdf.output())
