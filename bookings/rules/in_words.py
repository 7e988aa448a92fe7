"""A policy in sentences: what a page says before anybody runs into a rule."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from bookings.rules.circumstances import Need, QuotaRule, Terms
from bookings.rules.policy import UNITS
from bookings.rules.quota import quota_in_words
from bookings.states import ChargeBasis, OperatorUse, TrainingLevel
from common.text import in_reading_language
from common.words import clock_of, length


def policy_in_words(terms: Terms, *, quotas: Iterable[QuotaRule], needs: Iterable[Need]) -> list[str]:
    """Every rule that binds somebody, one sentence each, in the order in which a booking meets them."""
    return [
        *_who(terms, needs),
        *_when(terms),
        *_how_much(terms, quotas),
        *_approval(terms),
        *_afterwards(terms),
    ]


def value_in_words(name: str, value: Any) -> str:
    """The value of one field of a policy as a person reads it."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name in {"approval_before_minute", "approval_after_minute"}:
        return clock_of(value)
    if name == "training_level":
        return str(TrainingLevel(value).label)
    if name == "operator":
        return str(OperatorUse(value).label)
    unit = next((each for ending, each in UNITS.items() if name.endswith(ending)), None)
    if unit and value:
        return length(value * unit)
    return str(value)


def _who(terms: Terms, needs: Iterable[Need]) -> list[str]:
    said = []
    if terms.staff_only:
        said.append(_("Only the laboratory books time; others send samples."))
    if terms.operator == OperatorUse.ALWAYS:
        said.append(_("An operator runs the instrument for you."))
    elif terms.operator == OperatorUse.OPTIONAL:
        said.append(_("You may ask for an operator."))
    for need in needs:
        name = in_reading_language(need.name_zh, need.name_en) or _("training on this instrument")
        words = {"training": name, "level": TrainingLevel(need.level).label}
        said.append(_("Needed before the first booking: %(training)s (%(level)s).") % words)
    return said


def _when(terms: Terms) -> list[str]:
    words = {"step": length(terms.step), "shortest": length(terms.shortest), "longest": length(terms.longest)}
    said = [_("From %(shortest)s to %(longest)s, in steps of %(step)s.") % words]
    if terms.lead:
        said.append(_("Book at least %(lead)s ahead.") % {"lead": length(terms.lead)})
    said.append(_("Bookable up to %(days)s days ahead.") % {"days": terms.horizon.days})
    buffers = terms.buffer_before + terms.buffer_after
    if buffers:
        said.append(_("%(buffer)s between two bookings are kept free.") % {"buffer": length(buffers)})
    if terms.open_on_holidays:
        said.append(_("Open on public holidays too."))
    return said


def _how_much(terms: Terms, quotas: Iterable[QuotaRule]) -> list[str]:
    said = [_("At most %(quota)s.") % {"quota": quota_in_words(quota)} for quota in quotas]
    if terms.max_coming:
        said.append(_("At most %(count)s coming bookings at once.") % {"count": terms.max_coming})
    return said


def _approval(terms: Terms) -> list[str]:
    said = []
    if terms.needs_approval:
        said.append(_("The laboratory approves each booking."))
    else:
        said.append(_("Booked at once, without approval."))
        if terms.approval_over:
            said.append(_("Longer than %(limit)s needs approval.") % {"limit": length(terms.approval_over)})
        if terms.approval_before_minute > 0 or terms.approval_after_minute < 1440:
            words = {"from": clock_of(terms.approval_before_minute), "to": clock_of(terms.approval_after_minute)}
            said.append(_("Outside %(from)s–%(to)s needs approval.") % words)
    if terms.decide_within:
        said.append(
            _("A request that is not answered within %(limit)s lapses.") % {"limit": length(terms.decide_within)}
        )
    return said


def _afterwards(terms: Terms) -> list[str]:
    said = []
    if terms.cancel_deadline:
        words = {"deadline": length(terms.cancel_deadline)}
        said.append(_("Free cancellation until %(deadline)s before; later it is marked as late.") % words)
    if terms.asks_check_in:
        words = {"grace": length(terms.grace)}
        said.append(_("Check in at the instrument; %(grace)s after the start the time is given to others.") % words)
    if terms.allows_hand_over:
        said.append(_("A booking may be handed over to somebody who could have booked it."))
    if terms.shows_names:
        said.append(_("Names show in the calendar to people who are signed in."))
    if terms.asks_feedback:
        said.append(_("You are asked for feedback after the use."))
    return [*said, *_charged(terms)]


def _charged(terms: Terms) -> list[str]:
    said = []
    if terms.charge_basis != ChargeBasis.BOOKED:
        said.append(_("Charged by: %(basis)s.") % {"basis": ChargeBasis(terms.charge_basis).label})
    if terms.late_fee_percent:
        said.append(_("Cancelling late costs %(percent)s %% of the price.") % {"percent": terms.late_fee_percent})
    if terms.no_show_percent:
        said.append(_("Not coming costs %(percent)s %% of the price.") % {"percent": terms.no_show_percent})
    return said
