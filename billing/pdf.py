"""What finance prints: the invoice (结算单) and the credit note (红字结算单). In Chinese only."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from fpdf import FPDF
from fpdf.fonts import FontFace

from billing.states import SettlementKind
from common.numerals import in_capitals
from common.pdf import document
from common.words import money

NO_FAPIAO = "本单不是发票，不作为报销凭证。发票由开票系统另行开具。"
GREY, LINE = 110, 5.5
HEADS = FontFace(emphasis=None, fill_color=(236, 240, 244))  # the font has no bold


def statement(invoice: Any, lines: Iterable[Any]) -> bytes:
    """An invoice on A4: from whom, to whom, its lines, VAT, the fund's share, the sum in capitals, how to pay."""
    internal = invoice.settlement == SettlementKind.INTERNAL
    seller = invoice.seller_words or {"name_zh": invoice.seller.name_zh}
    heading = "校内结算单" if internal else "结算单"
    number = f"{invoice.year}-{invoice.number:05}" if invoice.number else "（草稿，未编号）"
    pdf = document(title=f"{heading} {number}")
    _head(pdf, seller["name_zh"], f"{heading}", NO_FAPIAO)
    _pairs(
        pdf,
        [
            ("编号", number),
            ("开具日期", _day(invoice.issued_on)),
            ("使用期间", f"{_day(invoice.from_day)} 至 {_day(invoice.to_day)}"),
            ("付款期限", _day(invoice.due_on)),
            *_of_payer(invoice),
        ],
    )
    _lines(pdf, lines, with_vat=not internal)
    _sums(pdf, invoice, with_vat=not internal)
    _how_to_pay(pdf, invoice, seller, internal=internal)
    return bytes(pdf.output())


def credit_sheet(note: Any) -> bytes:
    """A credit note: which invoice, which lines, how much is taken back, why."""
    invoice = note.invoice
    pdf = document(title=f"红字结算单 {note.year}-{note.number:05}")
    _head(pdf, invoice.seller_words.get("name_zh", ""), "红字结算单", NO_FAPIAO)
    about = [
        ("编号", f"红字 {note.year}-{note.number:05}"),
        ("开具日期", _day(note.made_at.date())),
        ("原结算单", f"{invoice.year}-{invoice.number:05}（{invoice.reference}）"),
        *_of_payer(invoice),
        ("冲减原因", note.reason),
    ]
    _pairs(pdf, about)
    with pdf.table(col_widths=(14, 92, 26, 26, 28), text_align="LEFT", line_height=6, headings_style=HEADS) as table:
        _row(table, ("序号", "项目", "不含税", "税额", "冲减金额"))
        for each in note.lines:
            amounts = (money(-Decimal(each[name])) for name in ("net", "vat", "to_pay"))
            _row(table, (str(each["position"]), each.get("name_zh", ""), *amounts))
    pdf.ln(3)
    _total(pdf, "冲减合计", -note.to_pay)
    return bytes(pdf.output())


def _head(pdf: FPDF, seller: str, heading: str, remark: str) -> None:
    pdf.set_font_size(11)
    pdf.multi_cell(0, 6, seller, align="C", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font_size(20)
    pdf.multi_cell(0, 11, heading, align="C", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font_size(9)
    pdf.set_text_color(GREY)
    pdf.multi_cell(0, 5, remark, align="C", new_x="LMARGIN", new_y="NEXT")
    pdf.set_text_color(0)
    pdf.ln(3)


def _day(day: Any) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else "—"


def _of_payer(invoice: Any) -> list[tuple[str, str]]:
    payer = invoice.payer_words or {"name_zh": invoice.wallet.name}
    name = " · ".join(part for part in (payer.get("organisation_zh", ""), payer["name_zh"]) if part)
    found = [("付款方", name)]
    if payer.get("uscc"):
        found.append(("统一社会信用代码", payer["uscc"]))
    if payer.get("person"):
        found.append(("负责人", payer["person"]))
    if payer.get("fund_code"):
        found.append(("经费项目号", f"{payer['fund_code']} {payer.get('fund_zh', '')}".strip()))
    return found


def _pairs(pdf: FPDF, pairs: list[tuple[str, str]]) -> None:
    pdf.set_font_size(9.5)
    for name, value in pairs:
        pdf.set_text_color(GREY)
        pdf.cell(36, LINE, name)
        pdf.set_text_color(0)
        pdf.multi_cell(0, LINE, value, new_x="LMARGIN", new_y="NEXT", align="L")
    pdf.ln(3)


def _lines(pdf: FPDF, lines: Iterable[Any], *, with_vat: bool) -> None:
    heads = ["序号", "使用日期", "项目", *(["不含税", "税率", "税额"] if with_vat else []), "金额", "补贴承担", "应付"]
    widths = [11, 21, 57 if with_vat else 100, *([20, 12, 18] if with_vat else []), 20, 18, 20]
    pdf.set_font_size(8)
    places = ["CENTER", "LEFT", "LEFT", *["RIGHT"] * (len(heads) - 3)]
    with pdf.table(col_widths=widths, text_align=places, line_height=5, headings_style=HEADS) as table:
        _row(table, heads)
        for number, line in enumerate(lines, start=1):
            vat = [_plain(line.net), f"{line.vat_rate.normalize():f}%", _plain(line.vat)] if with_vat else []
            cells = [str(number), line.used_on.isoformat(), line.name_zh, *vat]
            _row(table, [*cells, _plain(line.gross), _plain(line.covered), _plain(line.to_pay)])
    pdf.ln(3)


def _row(table: Any, cells: Iterable[str]) -> None:
    row = table.row()
    for cell in cells:
        row.cell(cell)


def _plain(amount: Decimal) -> str:
    return f"{amount:,.2f}"


def _sums(pdf: FPDF, invoice: Any, *, with_vat: bool) -> None:
    pdf.set_font_size(9.5)
    if with_vat:
        vat = f"不含税金额 {money(invoice.net)}　税额 {money(invoice.vat)}　价税合计 {money(invoice.gross)}"
        pdf.multi_cell(0, LINE, vat, align="R", new_x="LMARGIN", new_y="NEXT")
    if invoice.covered:
        words = f"其中由补贴政策承担 {money(invoice.covered)}"
        pdf.multi_cell(0, LINE, words, align="R", new_x="LMARGIN", new_y="NEXT")
    _total(pdf, "应付合计", invoice.to_pay)


def _total(pdf: FPDF, word: str, amount: Decimal) -> None:
    pdf.set_font_size(12)
    pdf.multi_cell(0, 8, f"{word}　{money(amount)}", align="R", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font_size(10.5)
    pdf.multi_cell(0, 6, f"（大写）人民币{in_capitals(amount)}", align="R", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(4)


def _how_to_pay(pdf: FPDF, invoice: Any, seller: dict[str, str], *, internal: bool) -> None:
    pdf.set_font_size(11)
    reference = invoice.reference or "（开具后生成）"
    words = "转账凭证请注明付款识别码" if internal else "汇款附言请注明付款识别码"
    if invoice.settlement == SettlementKind.PREPAID:
        words = "已从预存款中扣除，无需付款；查询时请提供识别码"
    pdf.multi_cell(0, 7, f"{words}：{reference}", new_x="LMARGIN", new_y="NEXT")
    about = [("收款单位", seller["name_zh"])]
    if internal:
        about.append(("结算方式", "校内转账（不计增值税，不开具发票）"))
    else:
        about += [("开户银行", seller.get("bank", "")), ("银行账号", seller.get("account", ""))]
    about += [
        ("统一社会信用代码", "" if internal else seller.get("uscc", "")),
        ("地址、电话", " ".join(part for part in (seller.get("address", ""), seller.get("phone", "")) if part)),
        ("财务咨询", seller.get("office", "")),
    ]
    _pairs(pdf, [(name, value) for name, value in about if value])
