"""What something costs: pure. `price` is what a price is, `by_rates` what published rates make of time and samples."""

from billing.pricing.by_rates import Peak, Share, UnitRate, borne, in_words, peaks_from, priced, unborne
from billing.pricing.price import (
    FEN,
    USUAL_VAT,
    ZERO,
    Factor,
    Price,
    PriceLine,
    in_fen,
    price_of_lines,
    split_vat,
)

__all__ = [
    "FEN",
    "USUAL_VAT",
    "ZERO",
    "Factor",
    "Peak",
    "Price",
    "PriceLine",
    "Share",
    "UnitRate",
    "borne",
    "in_fen",
    "in_words",
    "peaks_from",
    "price_of_lines",
    "priced",
    "split_vat",
    "unborne",
]
