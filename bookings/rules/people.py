"""Objections to who asks, and to what they ask for."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.rules import not_verified
from accounts.states import Audience
from bookings.rules.circumstances import Circumstances, Need
from bookings.states import TrainingLevel
from common.errors import Refusal
from common.text import in_reading_language
from instruments.states import TAKES_BOOKINGS, BookedWhere, Status


def objections_of_instrument(given: Circumstances) -> list[Refusal]:
    """Retired, under maintenance, booked elsewhere."""
    if given.status == Status.RETIRED:
        return [Refusal("retired", _("This instrument is retired."))]
    found = []
    if given.status not in TAKES_BOOKINGS:
        found.append(Refusal("out_of_order", _("This instrument is under maintenance and takes no bookings.")))
    if given.booked_where == BookedWhere.OWNER:
        found.append(Refusal("booked_elsewhere", _("This instrument is booked at its owner's site.")))
    if given.booked_where == BookedWhere.ENQUIRY:
        found.append(Refusal("by_enquiry", _("This instrument is not booked by the hour: ask its laboratory.")))
    return found


def objections_of_people(given: Circumstances) -> list[Refusal]:
    """Not confirmed, not open to them, not trained; who runs an instrument may always use it."""
    if given.runs_it:
        return []
    return [*_objections_of_belonging(given), *_reserved_for_staff(given), *objections_of_training(given)]


def _reserved_for_staff(given: Circumstances) -> list[Refusal]:
    if not given.terms.staff_only or given.by_staff:
        return []
    sentence = _("Only the laboratory itself books time here. Send samples, or ask it.")
    return [Refusal("staff_only", sentence)]


def _objections_of_belonging(given: Circumstances) -> list[Refusal]:
    if not given.asks_as and given.unverified_firm:
        return [not_verified(given.unverified_firm.answer_by)]
    if not given.asks_as:
        sentence = _("Your organisation has not confirmed yet that you belong to it. You can book once it has.")
        return [Refusal("not_confirmed", sentence)]
    if given.asks_as & given.shared_with:
        return []
    audiences = [label for value, label in Audience.choices if value in given.shared_with]
    sentence = _("This instrument is open to: %(audiences)s.") % {
        "audiences": ", ".join(str(each) for each in audiences) or _("nobody outside its laboratory")
    }
    return [Refusal("not_shared", sentence, values={"open_to": sorted(given.shared_with)})]


def objections_of_training(given: Circumstances) -> list[Refusal]:
    """Every training that is needed and missing, lapsed or of too low a level; not when an operator does the work."""
    if given.assisted:
        return []
    return [_not_trained(need) for need in given.needs if given.trained.get(need.place, 0) < need.level]


def _not_trained(need: Need) -> Refusal:
    level = TrainingLevel(need.level).label
    values = {"place": need.place, "level": need.level}
    if not need.name_zh:
        sentence = _("Training on this instrument comes before booking it (%(level)s). Ask its laboratory for it.")
        return Refusal("not_trained", sentence % {"level": level}, values=values)
    sentence = _("This training comes first: %(training)s (%(level)s).")
    words = {"training": in_reading_language(need.name_zh, need.name_en), "level": level}
    return Refusal("not_trained", sentence % words, values=values)
