"""Phone numbers as they are typed and as they are stored."""

import re

from common.text import folded

MAINLAND, ABROAD = re.compile(r"1[3-9][0-9]{9}"), re.compile(r"\+[1-9][0-9]{6,14}")


def tidy_phone(typed: str) -> str:
    """A number without what people put between its digits; one of the mainland without its country."""
    bare = re.sub(r"[\s().-]", "", folded(typed))
    bare = re.sub(r"^00", "+", bare)
    mainland = bare.removeprefix("+86")
    return mainland if MAINLAND.fullmatch(mainland) else bare


def is_phone(number: str) -> bool:
    """Whether text messages can reach a tidy number: a mobile one of the mainland, or any with its country."""
    return bool(MAINLAND.fullmatch(number) or ABROAD.fullmatch(number))
