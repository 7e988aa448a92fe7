"""How words become tokens, what a query means, and how much a match is worth: pure, no database."""

from instruments.ranking.query import Piece, Reading, Sought, understand
from instruments.ranking.record import AROUND, AROUND_INSTRUMENT, names_around, of_instrument, of_test_item
from instruments.ranking.thesaurus import Thesaurus

__all__ = [
    "AROUND",
    "AROUND_INSTRUMENT",
    "Piece",
    "Reading",
    "Sought",
    "Thesaurus",
    "names_around",
    "of_instrument",
    "of_test_item",
    "understand",
]
