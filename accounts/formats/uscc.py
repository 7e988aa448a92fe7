"""The unified social credit code (统一社会信用代码)."""

import unicodedata

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_LENGTH = 18


def tidy_uscc(text: str) -> str:
    """A unified social credit code as it is stored: plain letters and digits, upper case, no spaces."""
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def is_uscc(code: str) -> bool:
    """Whether `code` has the structure and the check character of GB 32100-2015.

    Check = (31 - sum of c_i * 3^(i-1) mod 31) mod 31 over the first 17 characters. python-stdnum's `cn.uscc` wrongly
    rejects codes that begin with a letter (N rural, Y other, A military), hence these lines. A valid structure is no
    proof that the organisation exists.
    """
    if len(code) != USCC_LENGTH or any(character not in USCC_ALPHABET for character in code):
        return False
    if not code[2:8].isdigit():
        return False
    values = [USCC_ALPHABET.index(character) for character in code]
    total = sum(value * pow(3, position, 31) for position, value in enumerate(values[:17]))
    return (31 - total % 31) % 31 == values[17]
