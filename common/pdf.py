"""PDFs with Chinese letters, and QR codes on them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pylopdf_fonts_zh_cn
import segno
from fpdf import FPDF

FAMILY = "Noto Sans SC"
FONT = Path(pylopdf_fonts_zh_cn.__file__).with_name("NotoSansSC-Regular.otf")
MARGIN = 12  # millimetres


def document(
    *, title: str, paper: str | tuple[float, float] = "A4", orientation: Literal["portrait", "landscape"] = "portrait"
) -> FPDF:
    """An empty first page in the Chinese font, 10 points; `paper` is a name or (width, height) in millimetres.

    Only the letters that are used are embedded. Parsing the font takes about 0.3 s a document.
    """
    pdf = FPDF(orientation=orientation, format=paper)  # type: ignore[arg-type]
    pdf.set_title(title)
    pdf.set_creator("Jishi")
    pdf.set_margins(MARGIN, MARGIN)
    pdf.set_auto_page_break(auto=True, margin=MARGIN)
    pdf.add_font(FAMILY, fname=FONT)
    pdf.set_font(FAMILY, size=10)
    pdf.add_page()
    return pdf


def qr(pdf: FPDF, text: str, *, x: float, y: float, size: float) -> None:
    """A QR code of `text` as filled squares, `size` millimetres wide with its quiet zone: sharp at any resolution."""
    rows = list(segno.make(text, error="m").matrix_iter(border=4))
    module = size / len(rows)
    pdf.set_fill_color(0)
    for line, row in enumerate(rows):
        for column, dark in enumerate(row):
            if dark:
                pdf.rect(x + column * module, y + line * module, module, module, style="F")
