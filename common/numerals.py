"""Amounts in capital Chinese numerals (大写金额), as papers about money spell them out."""

from __future__ import annotations

from decimal import Decimal

DIGITS, PLACES, GROUPS = "零壹贰叁肆伍陆柒捌玖", ("", "拾", "佰", "仟"), ("", "万", "亿")
FEN = Decimal("0.01")


def in_capitals(amount: Decimal) -> str:
    """1234.50 is 壹仟贰佰叁拾肆元伍角整; below zero 负 stands in front.

    After the People's Bank's rules for bills (《支付结算办法》附件一): zeros in the middle are one 零, none
    stands before tens of fen that are not zero; an amount without fen ends in 整. Raises ValueError for parts of a fen,
    and from 10^12 on.
    """
    if amount != amount.quantize(FEN) or abs(amount) >= Decimal(10) ** 12:
        raise ValueError(f"{amount} cannot be written in capitals")
    yuan, fen = divmod(int(abs(amount) * 100), 100)
    sign, whole = "负" if amount < 0 else "", f"{_of_whole(yuan)}元" if yuan or not fen else ""
    return sign + whole + _of_fen(fen, after_yuan=bool(yuan))


def _of_fen(fen: int, *, after_yuan: bool) -> str:
    tens, ones = divmod(fen, 10)
    if not fen:
        return "整"
    if not ones:
        return f"{DIGITS[tens]}角整"
    if not tens:
        return f"{'零' if after_yuan else ''}{DIGITS[ones]}分"
    return f"{DIGITS[tens]}角{DIGITS[ones]}分"


def _of_whole(number: int) -> str:
    """In groups of four digits; 零 where a group is left out, or begins below its thousands."""
    words, gap = "", False
    for group in (2, 1, 0):
        four = number // 10_000**group % 10_000
        if four:
            words += ("零" if words and (gap or four < 1000) else "") + _of_four(four) + GROUPS[group]
        gap = bool(words) and not four
    return words or DIGITS[0]


def _of_four(number: int) -> str:
    words, gap = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            words += ("零" if gap and words else "") + DIGITS[digit] + PLACES[place]
        gap = not digit
    return words
