"""Requests that are sent, and orders by a published price."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from common.errors import Refusal

MOST_SAMPLES = 200
MOST_ASKED = 8


def objections_to_sending(
    *, has_sample_words: bool, is_hazardous_unsaid: bool, asked: int, wanted_on: date | None, deadline: date | None,
    on: date,
) -> list[Refusal]:  # fmt: skip
    """What is missing before laboratories can answer a request, in the order of the form."""
    found = []
    if not has_sample_words:
        sentence = _("Say what the samples are: without it no laboratory can tell whether it can do it.")
        found.append(Refusal("samples_unsaid", sentence, field="sample_kind"))
    if is_hazardous_unsaid:
        found.append(Refusal("hazard_unsaid", _("Say which hazard the samples have."), field="hazard"))
    for field, day in (("wanted_on", wanted_on), ("deadline", deadline)):
        if day and day < on:
            found.append(Refusal("day_past", _("This day is past."), field=field))
    if wanted_on and deadline and deadline < wanted_on:
        found.append(Refusal("deadline_before", _("The latest day lies before the wanted one."), field="deadline"))
    if asked > MOST_ASKED:
        sentence = _("Ask at most %(n)s laboratories at once.") % {"n": MOST_ASKED}
        found.append(Refusal("too_many_asked", sentence, field="facilities", values={"most": MOST_ASKED}))
    return found


def objections_to_order(
    *, offered: bool, belongs: bool, is_firm: bool, price: Decimal | None, names: Sequence[str]
) -> list[Refusal]:
    """Against ordering by the published price."""
    if not offered:
        return [Refusal("not_offered", _("This test is not offered any more."))]
    found = []
    if is_firm:
        sentence = _("Firms order by an offer: describe what you need, and the laboratory answers with a price.")
        found.append(Refusal("by_offer", sentence))
    elif not belongs:
        sentence = _("Your organisation has not confirmed yet that you belong to it. You can order once it has.")
        found.append(Refusal("not_confirmed", sentence))
    if price is None and not is_firm:
        sentence = _("No price is published for you. Describe what you need, and the laboratory makes an offer.")
        found.append(Refusal("no_price", sentence))
    if not names:
        found.append(Refusal("no_samples", _("Say how many samples you send."), field="sample_count"))
    if len(names) > MOST_SAMPLES:
        sentence = _("At most %(n)s samples in one order.") % {"n": MOST_SAMPLES}
        found.append(Refusal("too_many_samples", sentence, field="sample_count", values={"most": MOST_SAMPLES}))
    return found
