"""Who runs the instrument for somebody else."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.utils.translation import gettext as _

from bookings.rules.circumstances import Circumstances, OperatorFacts
from bookings.states import OperatorUse
from common.errors import Refusal
from common.interval import Interval


def freest(operators: Iterable[OperatorFacts], interval: Interval, *, wanted: UUID | None = None) -> UUID | None:
    """Who is free then and has the least to do; `wanted` alone where somebody was named. None when nobody is."""
    free = [each for each in operators if each.is_free(interval) and wanted in {None, each.user_id}]
    return min(free, key=lambda each: (each.load(), each.user_id)).user_id if free else None


def objections_to_assistance(given: Circumstances) -> list[Refusal]:
    """An operator is wished for where there is none."""
    if given.assisted and given.terms.operator == OperatorUse.NEVER and not given.by_staff:
        return [Refusal("no_operator_here", _("This instrument is not run by an operator."), "assisted")]
    return []


def objections_of_operators(given: Circumstances) -> list[Refusal]:
    """An operator is wanted and none is free.

    Where the laboratory has entered no operators, nobody is claimed and the request goes to it for approval.
    """
    if not given.assisted or not given.operators:
        return []
    if freest(given.operators, given.interval, wanted=given.wanted_operator):
        return []
    if given.wanted_operator:
        return [Refusal("operator_taken", _("This operator is not free or not at work then."), "start")]
    return [Refusal("no_operator_free", _("No operator is free then. Choose another time."), "start")]
