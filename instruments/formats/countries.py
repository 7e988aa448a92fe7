"""Countries as people write them, and their two-letter codes (ISO 3166-1)."""

from __future__ import annotations

import re
from functools import cache

from babel import Locale

from common.text import folded

# Short or old ways of writing that the Unicode consortium's lists do not have.
ALSO = {
    "CN": ["中国大陆", "国产", "中华人民共和国", "PRC", "P.R. China", "CHN", "People's Republic of China"],
    "US": ["USA", "U.S.A.", "U.S.", "America", "United States of America"],
    "GB": ["UK", "U.K.", "Great Britain", "England", "GBR", "英格兰"],
    "DE": ["DEU", "GER"], "JP": ["JPN"], "FR": ["FRA"], "CH": ["CHE"], "CZ": ["捷克共和国", "Czech Republic"],
    "KR": ["KOR", "Korea", "南韩", "大韩民国", "Republic of Korea"], "RU": ["俄国", "Russian Federation"],
    "TW": ["台湾", "中国台湾", "Taiwan, China"], "HK": ["香港", "中国香港", "Hong Kong"], "MO": ["澳门", "中国澳门"],
    "NL": ["Holland", "The Netherlands"], "AE": ["阿联酋"], "AU": ["澳洲"],
}  # fmt: skip


@cache
def _codes() -> dict[str, str]:
    found: dict[str, str] = {}
    for tag in ("zh_Hans", "en"):
        for code, name in Locale.parse(tag).territories.items():
            if re.fullmatch("[A-Z]{2}", code) and code not in {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}:
                found |= {folded(code): code, folded(name): code}
    return found | {folded(word): code for code, words in ALSO.items() for word in words}


def country_of(text: str) -> str | None:
    """The code of a country by its code or its name in Chinese or English; None for neither."""
    return _codes().get(folded(text))
