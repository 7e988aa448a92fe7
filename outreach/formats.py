"""How a child's name is shortened."""

from __future__ import annotations

import os
import re

# As in the catalogue: its table of phrases costs 43 MB a process.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")

from pypinyin import Style, lazy_pinyin

from common.text import tidy

# Surnames that are not read as the letter usually is.
AS_SURNAME = {
    "单": "S",
    "曾": "Z",
    "解": "X",
    "仇": "Q",
    "查": "Z",
    "盖": "G",
    "朴": "P",
    "翟": "Z",
    "乐": "Y",
    "区": "O",
}


def initials_of(name: str) -> str:
    """W.X.M. for 王小明: all that mails and public pages say of a child."""
    parts = [part for part in re.split(r"[\s·]+", tidy(name)) if part]
    letters: list[str] = []
    for part in parts:
        letters += lazy_pinyin(part, style=Style.FIRST_LETTER) if not part.isascii() else [part]
    found = [each[0].upper() for each in letters if each and each[0].isalpha()]
    if found and tidy(name)[:1] in AS_SURNAME:
        found[0] = AS_SURNAME[tidy(name)[0]]
    return "".join(f"{letter}." for letter in found)[:20]
