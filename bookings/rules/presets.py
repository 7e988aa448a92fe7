"""Five ways to begin: a policy that fits a kind of instrument, to be changed afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bookings.states import Measure, OperatorUse, Period, Subject, TrainingLevel

HOUR, DAY = 60, 1440


@dataclass(frozen=True)
class Preset:
    """Values of `Policy` and rows of `Quota`, with a name and a sentence that says for what."""

    name: str | Promise
    says: str | Promise
    values: dict[str, Any]
    quotas: list[dict[str, Any]] = field(default_factory=list)


PRESETS: dict[str, Preset] = {
    "busy": Preset(
        _("Busy instrument"),
        _("Many want it: approval, training, short bookings, a weekly quota, no-shows are released."),
        {
            "step_minutes": 30,
            "shortest_minutes": HOUR,
            "longest_minutes": 4 * HOUR,
            "horizon_days": 14,
            "buffer_after_minutes": 15,
            "needs_approval": True,
            "decide_within_hours": 24,
            "training_level": TrainingLevel.INDEPENDENT,
            "max_coming": 3,
            "cancel_deadline_minutes": DAY,
            "asks_check_in": True,
            "grace_minutes": 30,
            "asks_feedback": False,
        },
        [{"subject": Subject.PERSON, "measure": Measure.HOURS, "period": Period.WEEK, "amount": 8}],
    ),
    "self_service": Preset(
        _("Free self-service"),
        _("Whoever is trained books at once, from half an hour to a day."),
        {
            "step_minutes": 30,
            "shortest_minutes": 30,
            "longest_minutes": DAY,
            "horizon_days": 60,
            "needs_approval": False,
            "training_level": TrainingLevel.INTRODUCED,
            "cancel_deadline_minutes": 2 * HOUR,
            "shows_names": True,
            "allows_hand_over": True,
        },
    ),
    "samples": Preset(
        _("Samples only"),
        _("Only the laboratory books time; everybody else sends samples."),
        {"step_minutes": 30, "shortest_minutes": 30, "longest_minutes": DAY, "staff_only": True},
    ),
    "operator": Preset(
        _("With an operator"),
        _("Each booking takes an operator's time too, a day ahead and with approval."),
        {
            "step_minutes": HOUR,
            "shortest_minutes": HOUR,
            "longest_minutes": 8 * HOUR,
            "lead_minutes": DAY,
            "horizon_days": 30,
            "needs_approval": True,
            "decide_within_hours": 48,
            "operator": OperatorUse.ALWAYS,
            "cancel_deadline_minutes": DAY,
        },
    ),
    "overnight": Preset(
        _("Overnight and long runs"),
        _("Runs of up to three days, holidays too; longer than twelve hours needs approval."),
        {
            "step_minutes": HOUR,
            "shortest_minutes": 2 * HOUR,
            "longest_minutes": 3 * DAY,
            "horizon_days": 60,
            "needs_approval": False,
            "approval_over_minutes": 12 * HOUR,
            "training_level": TrainingLevel.INDEPENDENT,
            "open_on_holidays": True,
            "cancel_deadline_minutes": DAY,
        },
    ),
}
