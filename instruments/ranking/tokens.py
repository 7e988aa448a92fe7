"""Text cut into tokens: pairs of Chinese letters, folded words, model numbers whole and in parts, pinyin."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from common.text import folded
from instruments.ranking.pinyin import SOUND, initials_and_sounds

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
# Chinese letters without a gap, or a word with what hyphens, slashes and points hang on it: icp-ms, su-8220.
RUN = re.compile(rf"[{HAN}]+|[^\W_{HAN}]+(?:[-/.‐‑–·][^\W_{HAN}]+)*")
ATOM = re.compile(rf"[{HAN}]|[^\W_{HAN}]+")
PART = re.compile(r"\d+|[^\W\d]+")
IS_HAN = re.compile(rf"[{HAN}]")
LONGEST_TOKEN = 40
MOST_POSITIONS = 16_000  # PostgreSQL knows 16,383
BETWEEN_TEXTS = 5  # so that no phrase reaches from one text into the next


def plain(text: str) -> str:
    """Folded, and without accents."""
    apart = unicodedata.normalize("NFKD", folded(text))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def singular(word: str) -> str:
    """English plurals told apart from singulars no longer; nothing else is cut off."""
    if len(word) < 4 or not word.isascii() or not word.isalpha() or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word.removesuffix("s")


def atoms(text: str) -> list[str]:
    """The smallest pieces of a text: each Chinese letter, each word."""
    return [singular(atom)[:LONGEST_TOKEN] for atom in ATOM.findall(plain(text))]


def joined(words: Iterable[str]) -> str:
    """Words that a hyphen holds together as one: ICP-MS is looked for as icpms, too."""
    return singular("".join(words))[:LONGEST_TOKEN]


def is_han(atom: str) -> bool:
    return bool(IS_HAN.match(atom))


def parts_of(word: str) -> list[str]:
    """What a model number consists of: su8220 → su, 8220; nothing for a word of one kind."""
    found = PART.findall(word)
    return found if len(found) > 1 else []


def _placed(text: str) -> Iterator[tuple[str, int]]:
    """The tokens of a text, each with its place."""
    place = 0
    for run in RUN.findall(plain(text)):
        if is_han(run):
            # The last letter stands alone, so that a search for any one letter can go by beginnings.
            for n in range(len(run)):
                yield run[n : n + 2], place + n
            place += len(run)
            continue
        words = [singular(word)[:LONGEST_TOKEN] for word in ATOM.findall(run)]
        if len(words) > 1:
            yield joined(words), place
        for word in words:
            yield word, place
            parts = parts_of(word)
            yield from ((part, place + n) for n, part in enumerate(parts))
            place += max(len(parts), 1)


def vector_of(weighed: Iterable[tuple[str, Iterable[str]]], *, sounded: Iterable[str] = ()) -> str:
    """Texts with their weights (A to D) as PostgreSQL writes a tsvector; `sounded` are found by pinyin too.

    The weights sit at places, so that `ts_rank` can tell a name from a remark.
    """
    places: dict[str, list[str]] = {}
    begin = 1
    for weight, texts in weighed:
        for text in texts:
            last = begin
            for token, at in _placed(text):
                last = begin + at
                if last > MOST_POSITIONS:
                    break
                places.setdefault(token, []).append(f"{last}{weight}")
            begin = min(last + BETWEEN_TEXTS, MOST_POSITIONS)
    for text in sounded:
        for run in re.findall(rf"[^\W_]*[{HAN}][^\W_]*", plain(text)):
            for token in initials_and_sounds(ATOM.findall(run)):
                places.setdefault(token, [f"{begin}D"])
    # 255 places a token are as many as PostgreSQL keeps.
    return " ".join(f"'{token}':{','.join(where[:255])}" for token, where in places.items())


def sound_of(text: str) -> str:
    """The token under which a Chinese text is found by how it sounds."""
    return max((each for each in initials_and_sounds(atoms(text)) if each.startswith(SOUND)), key=len, default="")
