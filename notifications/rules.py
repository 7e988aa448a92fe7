"""By which ways somebody is told; how many webhooks one may have, and when one is called."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from common.errors import Refusal
from notifications.states import Family, Way

MOST_WEBHOOKS = 20

FAMILIES = {
    Family.BOOKINGS: (
        "booking_confirmed booking_declined booking_change_accepted booking_change_declined booking_expired "
        "booking_handed_over booking_reassigned booking_delayed booking_overruns fault_mended training_granted "
        "training_declined training_ended"
    ),
    Family.REMINDERS: "booking_reminder feedback_asked training_lapses round_reminder",
    Family.LABORATORY: (
        "booking_requested booking_answered booking_change_requested fault_reported usage_problem training_asked "
        "round_opened request_asked request_withdrawn offer_passed_over"
    ),
    Family.MESSAGES: "message_to_booked thread_message request_question",
    Family.ORDERS: "request_offered request_infeasible offer_taken_back offer_lapsed order_moved",
    Family.MONEY: "invoice_issued invoice_credited invoice_paid invoice_overdue fapiao_issued",
    Family.COURSES: (
        "youth_enrolled youth_waitlisted youth_confirmed youth_paid youth_certificate youth_assigned "
        "youth_session_flagged"
    ),
}
FAMILY_OF = {event: family for family, events in FAMILIES.items() for event in events.split()}
# Of these everybody is told: time that one counts on is gone or moved, an answer awaited, the account changed.
ALWAYS_TOLD = {
    "booking_cancelled", "booking_moved", "booking_offered", "booking_asked", "booking_no_show", "booking_passed_on",
    "booking_given_back", "closure_hits", "fault_closes", "day_differs",
    "youth_place_offered", "youth_lapsed", "youth_cancelled",
    "membership_claimed", "membership_confirmed", "membership_over", "role_given", "role_ended",
    "second_step_taken_away", "erasure_asked", "erasure_put_off", "export_ready",
    "firm_asks", "firm_verified", "firm_rejected", "firm_expired",
}  # fmt: skip


def ways_to_tell(event: str, chosen: Mapping[str, str], *, has_mail: bool, has_phone: bool) -> tuple[bool, bool]:
    """Whether by mail, and whether by text message. Who chose nothing is told by mail, or else by text message.

    A way that somebody does not have (any more) is taken by the other one: only who chose the bell hears nothing.
    """
    way = chosen.get(FAMILY_OF.get(event, ""), "")
    if way == Way.BELL:
        return False, False
    by_text = has_phone and (way in {Way.TEXT, Way.BOTH} or not has_mail)
    return has_mail and not (way == Way.TEXT and by_text), by_text


def ways_open(*, has_mail: bool, has_phone: bool) -> list[Way]:
    """Among what somebody may choose; the first is what they have who choose nothing."""
    both = [Way.MAIL, Way.TEXT, Way.BOTH] if has_mail and has_phone else []
    return [*(both or [Way.MAIL] * has_mail or [Way.TEXT] * has_phone), Way.BELL]


def objections_to_webhook(*, others: int) -> list[Refusal]:
    """Against one more, of somebody who has `others`."""
    if others < MOST_WEBHOOKS:
        return []
    detail = _("You have %(most)s webhooks already; delete one first.") % {"most": MOST_WEBHOOKS}
    return [Refusal("too_many_webhooks", detail, values={"most": MOST_WEBHOOKS})]


def objections_to_call(*, active: bool) -> list[Refusal]:
    """Against calling a webhook at somebody's wish."""
    if active:
        return []
    return [Refusal("paused", _("The webhook is paused: let it go on first."))]
