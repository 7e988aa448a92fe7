"""What the pages of programmes need beside the house's own filters."""

from __future__ import annotations

from decimal import Decimal

import segno
from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common.words import speaks_english

register = template.Library()

GRADES_ZH = ["一年级", "二年级", "三年级", "四年级", "五年级", "六年级", "初一", "初二", "初三", "高一", "高二", "高三"]


@register.filter
def grade_name(grade: int | None) -> str:
    """四年级, or Grade 4."""
    if not grade or not 1 <= grade <= len(GRADES_ZH):
        return ""
    return f"Grade {grade}" if speaks_english() else GRADES_ZH[grade - 1]


@register.filter
def yuan(amount: Decimal | str | None) -> str:
    """¥1,234.50, or 免费."""
    value = Decimal(amount or 0)
    return f"¥{value:,.2f}" if value else _("free of charge")


@register.simple_tag
def qr(text: str, says: str, scale: int = 5) -> SafeString:
    """A QR code of `text` as a picture that prints sharply."""
    code = segno.make(text, error="m")
    side = code.symbol_size(scale=scale)[0]
    picture = '<img class="qr" src="{}" alt="{}" width="{}" height="{}">'
    return format_html(picture, code.png_data_uri(scale=scale * 2), says, side, side)
