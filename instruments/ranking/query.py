"""What a query means: its words, what they may also mean, and readings from the strict to the generous."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from common.text import folded
from instruments.ranking.pinyin import INITIALS, SOUND
from instruments.ranking.thesaurus import DONE_TO_IT, SAID_BETWEEN, Form, Thesaurus
from instruments.ranking.tokens import RUN, atoms, is_han, joined, parts_of, sound_of

MOST_WORDS = 12
A_SENTENCE = 3  # from so many words on, a few hits with all of them are too few
KNOWN, UNKNOWN = 1.5, 1.0


@dataclass(frozen=True)
class Piece:
    """A part of a query that counts by itself: a tsquery, and what a match is worth."""

    tsquery: str
    worth: float


@dataclass(frozen=True)
class Reading:
    """One way to take a query: what has to match, and what makes one match better than another.

    `how` is exact, wide (by sound or beginning), partly (some of the words) or similar (mistyped).
    """

    how: str
    tsquery: str
    pieces: tuple[Piece, ...] = ()
    similar_to: str = ""


@dataclass(frozen=True)
class Word:
    """A word of a query as it was written, and whether the thesaurus knows it."""

    form: Form
    senses: tuple[Form, ...] = ()

    @property
    def written(self) -> str:
        return all_of(self.form)

    @property
    def alternatives(self) -> list[str]:
        return [all_of(form) for form in (self.form, *self.senses)]

    @property
    def meant(self) -> str:
        return any_of(self.alternatives)


@dataclass(frozen=True)
class Sought:
    """A query, cut into words."""

    text: str
    literal: str
    words: tuple[Word, ...]
    known: Thesaurus

    @property
    def enough(self) -> int:
        """So many records with all the words are enough; of a sentence one asks for more than one."""
        return 1 if len(self.words) < A_SENTENCE else 3

    @property
    def exact(self) -> Reading:
        written = tuple(word.written for word in self.words)
        alone = self.words[0].alternatives if len(self.words) == 1 else []
        meant = alone or [" & ".join(word.meant for word in self.words)]
        is_said_by_words = bool(written) and _terms(" & ".join(written)) <= _terms(self.literal)
        both = any_of(meant if is_said_by_words else [self.literal, *meant])
        return Reading("exact", both, tuple(Piece(each, UNKNOWN) for each in written))

    @property
    def wide(self) -> Reading:
        words = " & ".join(any_of([word.meant, *_by_sound_or_beginning(word, self.known)]) for word in self.words)
        spelled = "".join(atoms(self.text))
        apart = [f"'{SOUND}{spelled}':*"] if spelled.isascii() and spelled.isalpha() and len(self.words) > 1 else []
        apart += [all_of(form) for form in self.known.heard_as(SOUND + spelled)] if apart else []
        return Reading("wide", any_of([self.literal, words, *apart]), self.exact.pieces)

    @property
    def partly(self) -> Reading:
        pieces = tuple(piece for word in self.words for piece in _pieces_of(word))[:MOST_WORDS]
        return Reading("partly", any_of(piece.tsquery for piece in pieces) or self.literal, pieces)

    @property
    def similar(self) -> Reading:
        """For what is found in no other way: the nearest known words, and names that look alike."""
        meant = [self.known.nearest("".join(word.form)) for word in self.words if not word.senses]
        known = [Word(form, tuple(self.known.senses[form])) for form in meant if form]
        pieces = tuple(Piece(word.meant, KNOWN) for word in known)
        return Reading("similar", any_of(piece.tsquery for piece in pieces), pieces, similar_to=folded(self.text))


def understand(text: str, thesaurus: Thesaurus) -> Sought:
    """Cut a query into the words that carry its meaning; of a query that carries none, all words count as written."""
    runs = [atoms(run) for run in RUN.findall(folded(text))]
    pieces = [atom for run in runs for atom in run][:60]
    begins = {sum(map(len, runs[:n])) for n in range(len(runs))}
    literal = " & ".join(dict.fromkeys(all_of(run) for run in runs[:MOST_WORDS]))
    words = tuple(dict.fromkeys(_words(pieces, begins, thesaurus)))[:MOST_WORDS]
    return Sought(text, literal, words, thesaurus)


def _words(pieces: Sequence[str], begins: set[int], thesaurus: Thesaurus) -> Iterable[Word]:
    at, unknown = 0, 0  # what lies between the two is not known
    while at < len(pieces):
        form = thesaurus.longest_known(pieces, at)
        if at in begins or form or at == unknown:
            yield from _unknown(pieces[unknown:at])
            unknown = at
        if form:
            if form in thesaurus.senses:
                yield Word(form, tuple(thesaurus.senses[form]))
            at = unknown = at + len(form)
        elif _said_between(pieces, at, thesaurus) or (at == unknown and _done_to_it(pieces, at)):
            yield from _unknown(pieces[unknown:at])
            at = unknown = at + 1
        else:
            at += 1
    yield from _unknown(pieces[unknown:])


def _said_between(pieces: Sequence[str], at: int, thesaurus: Thesaurus) -> bool:
    if pieces[at] not in SAID_BETWEEN or len(pieces) == 1:
        return False
    return at + 1 == len(pieces) or thesaurus.longest_known(pieces, at + 1) is not None


def _done_to_it(pieces: Sequence[str], at: int) -> bool:
    """测 in 测塑料, at the beginning of what is not known."""
    return pieces[at] in DONE_TO_IT and all(is_han(piece) for piece in pieces[at + 1 : at + 3]) and len(pieces) > at + 2


def _unknown(form: Sequence[str]) -> Iterable[Word]:
    return [Word(tuple(form))] if form else []


def any_of(tsqueries: Iterable[str]) -> str:
    """A tsquery that matches what any of them matches.

    One that asks for more than another adds nothing and is left out: every term costs a look at the index.
    """
    asked = {each: _terms(each) for each in tsqueries if each}
    several = [each for each, terms in asked.items() if not any(less < terms for less in asked.values())]
    return several[0] if len(several) == 1 else f"({' | '.join(f'({each})' for each in several)})" if several else ""


def _terms(tsquery: str) -> frozenset[str]:
    """What all has to match; of a tsquery with alternatives in it only the whole."""
    return frozenset([tsquery] if "(" in tsquery else tsquery.split(" & "))


def all_of(form: Sequence[str]) -> str:
    """A tsquery that matches the pieces of a text, side by side where they are words."""
    terms = []
    for han, group in groupby(form, key=is_han):
        together = list(group)
        terms.append(_letters("".join(together)) if han else _side_by_side(together))
    return " & ".join(terms)


def _letters(run: str) -> str:
    if len(run) == 1:
        return f"'{run}':*"
    return " & ".join(f"'{run[n : n + 2]}'" for n in range(len(run) - 1))


def _side_by_side(words: list[str]) -> str:
    if len(words) == 1:
        return _word(words[0])
    return any_of([" <-> ".join(_word(word) for word in words), f"'{joined(words)}'"])


def _word(word: str) -> str:
    """A word; a model number also in its parts: su8220, SU 8220 and SU-8220 are one."""
    return any_of([f"'{word}'", " <-> ".join(f"'{part}'" for part in parts_of(word))])


def _by_sound_or_beginning(word: Word, known: Thesaurus) -> Iterable[str]:
    written = "".join(word.form)
    if word.senses:
        return
    if not written.isascii():
        sounds = [sound] if (sound := sound_of(written)) else []
    else:
        if len(written) > 2 or parts_of(written):
            yield f"'{written}':*"
        sounds = [INITIALS + written, SOUND + written] if written.isalpha() and len(written) > 1 else []
    for sound in sounds:
        yield f"'{sound}':*"
        yield from (all_of(form) for form in known.heard_as(sound))


def _pieces_of(word: Word) -> Iterable[Piece]:
    """A known word counts as a whole; of an unknown one each pair of letters has its share."""
    if word.senses or not is_han(word.form[0]) or len(word.form) < 3:
        worth = KNOWN if word.senses else UNKNOWN
        return [Piece(word.meant, worth if len("".join(word.form)) > 1 else worth / 4)]
    letters = "".join(word.form)
    pairs = [letters[n : n + 2] for n in range(len(letters) - 1)]
    return [Piece(f"'{pair}'", UNKNOWN / len(pairs)) for pair in pairs]
