"""How Chinese letters sound: initials (smdj), syllables (saomiaodianjing): for those who type or mistype by sound."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Sequence
from functools import lru_cache

# Its table of phrases costs 43 MB a process and tells readings apart that we index side by side anyway.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")

from pypinyin import Style, pinyin

# Signs that no word begins with: a token by sound never meets a word that is written alike.
INITIALS, SOUND = "~", "="
LONGEST_RUN = 20
MOST_READINGS = 4


@lru_cache(maxsize=8192)
def _readings(letter: str) -> tuple[str, ...]:
    """The syllables of a letter, the usual one first; a word that is none stays as it is."""
    found = pinyin(letter, style=Style.NORMAL, heteronym=True, errors="default")
    return tuple(dict.fromkeys(found[0])) if found else (letter,)


def initials_and_sounds(atoms: Sequence[str]) -> Iterator[str]:
    """The tokens by sound of a run of letters, from each letter to the end: a search by beginnings finds any part."""
    readings = [_readings(atom) for atom in atoms[:LONGEST_RUN]]
    for start in range(len(readings) - 1):
        rest = readings[start:]
        yield SOUND + "".join(syllables[0] for syllables in rest)
        choices = [_first_letters(atom) for atom in atoms[start:LONGEST_RUN]]
        for spelled in itertools.islice(itertools.product(*choices), MOST_READINGS):
            yield INITIALS + "".join(spelled)


def sounds_of_all(atoms: Sequence[str]) -> list[str]:
    """The tokens by sound of the whole run; initials from three letters on, since two are anybody's."""
    whole = SOUND + "".join(_readings(atom)[0] for atom in atoms)
    spelled = itertools.product(*map(_first_letters, atoms)) if 2 < len(atoms) <= LONGEST_RUN else ()
    return [whole, *(INITIALS + "".join(each) for each in itertools.islice(spelled, MOST_READINGS))]


def _first_letters(atom: str) -> list[str]:
    return [atom] if atom.isascii() else list(dict.fromkeys(syllable[:1] for syllable in _readings(atom)))


def by_name(text: str) -> str:
    """The key under which a Chinese name is sorted; other letters stay as they are."""
    return " ".join(_readings(letter)[0] for letter in text)
