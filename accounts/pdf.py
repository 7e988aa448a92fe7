"""The letter by which a firm lets somebody act for it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from common.pdf import document


def letter_of_authorisation(firm: Any, *, person: Any) -> bytes:
    """An A4 letter to print, to be signed by the legal representative and stamped."""
    pdf = document(title=_("Letter of authorisation"))
    pdf.set_margins(24, 24)
    pdf.set_y(30)
    pdf.set_font_size(20)
    pdf.multi_cell(0, 12, _("Letter of authorisation"), align="C", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(10)
    pdf.set_font_size(12)
    words = {"firm": firm.name_zh, "code": firm.uscc or "—", "who": person.name,
             "reach": person.phone or person.email or ""}  # fmt: skip
    for sentence in (
        _("To the office of the science city:"),
        _("%(firm)s (unified social credit code %(code)s) authorises %(who)s (%(reach)s) to act for it on the portal "
          "Jishi: to register the firm, to book instruments, to send requests, to accept offers and to sign agreements "
          "on testing.") % words,
        _("This letter holds for one year from the day of its signature, unless it is revoked in writing before."),
    ):  # fmt: skip
        pdf.multi_cell(0, 9, sentence, align="L", new_x="LMARGIN", new_y="NEXT")
        pdf.ln(4)
    pdf.ln(14)
    for line in (
        _("Legal representative (name in print): ______________________"),
        _("Signature: ______________________"),
        _("Stamp of the firm:"),
        _("Date: ______________________"),
    ):
        pdf.multi_cell(0, 14, line, align="L", new_x="LMARGIN", new_y="NEXT")
    return bytes(pdf.output())
