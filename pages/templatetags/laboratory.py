"""The head of every page on which a laboratory is set up: whose settings these are, and the other places of them."""

from __future__ import annotations

from typing import Any, NamedTuple

from django import template
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from instruments.models import Facility
from instruments.permissions import may_decide_at, may_edit_for, may_staff, runs

register = template.Library()


class Place(NamedTuple):
    """A page of a laboratory: its route, icon and word, who is let in, and the routes that lie below it."""

    route: str
    icon: str
    word: str | Promise
    to: frozenset[str]
    below: frozenset[str] = frozenset()


DECIDES, RUNS, EDITS, STAFFS = (frozenset([each]) for each in ("decides", "runs", "edits", "staffs"))
ALL = DECIDES | RUNS | EDITS | STAFFS
PLACES = [
    Place("day_board", "calendar-check", _("Plan of the day"), RUNS),
    Place("lab_timeline", "calendar3", _("Timeline"), RUNS),
    Place("facility_hours", "clock", _("Opening hours"), DECIDES, frozenset(["instrument_hours"])),
    Place("facility_rules", "sliders", _("Rules"), DECIDES, frozenset(["instrument_rules"])),
    Place("facility_rates", "cash-coin", _("Prices"), DECIDES, frozenset(["instrument_rates", "item_rates"])),
    Place("facility_people", "people", _("People and roles"), STAFFS),
    Place("facility_training", "mortarboard", _("Training"), RUNS),
    Place("operators", "person-badge", _("Operators"), DECIDES),
    Place(
        "facility_board", "megaphone", pgettext_lazy("board", "Notices"), ALL, frozenset(["edit_notice", "edit_guide"])
    ),
    Place("facility_contact", "telephone", _("Contact"), EDITS),
    Place("records", "journal-text", _("Records"), EDITS),
    Place("import_use", "grid-3x3-gap", _("Tables"), RUNS),
    Place("problems", "exclamation-triangle", _("Problems"), RUNS),
]


@register.inclusion_tag("pages/laboratory.html", takes_context=True)
def laboratory(context: dict[str, Any], facility: Facility | None) -> dict[str, Any]:
    """The name of the laboratory and the row of its pages that the reader may open; nothing for everybody else."""
    user = context["request"].user
    may = _what(user, facility) if facility and isinstance(user, User) else frozenset()
    here = context["request"].resolver_match
    name = here.url_name if here else ""
    places = [
        {
            "url": reverse(each.route, args=[facility.slug]) if facility else "",
            "icon": each.icon,
            "word": each.word,
            "current": name == each.route or name in each.below,
        }
        for each in PLACES
        if may & each.to
    ]
    return {"facility": facility, "places": places, "runs": "runs" in may}


def _what(user: User, facility: Facility) -> frozenset[str]:
    """What the reader may there; whoever decides may everything, which one statement tells."""
    if may_decide_at(user, facility):
        return ALL
    asked = {
        "runs": runs(user, facility),
        "staffs": may_staff(user, facility),
        "edits": may_edit_for(user, facility.organisation),
    }
    return frozenset(name for name, may in asked.items() if may)
