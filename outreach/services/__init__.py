"""What changes programmes, sessions and enrolments: each function is one transaction."""

from outreach.services.attend import check_in, complete_past
from outreach.services.enrol import accept, consent, enrol, pay, refuse_consent
from outreach.services.facts import current_text, session_facts
from outreach.services.family import (
    ChildWords,
    Contact,
    change_child,
    enter_child,
    erase,
    health_of,
    is_needed,
    name_of,
    remove_child,
    say_health,
    seal_children_anew,
    words_of,
)
from outreach.services.guide import assign, assign_by_mail, enter_mentor, unassign
from outreach.services.leave import cancel_enrolment, lapse_due, refund_if_cancelled, withdraw_consent
from outreach.services.looking import looked_at
from outreach.services.plan import (
    cancel_session,
    claim_time,
    drop_need,
    name_safety_officer,
    plan_session,
    publish,
    publish_consent_text,
    set_itinerary,
    set_places,
    write_programme,
)
from outreach.services.watch import erase_due, sweep_keys, watch_sessions

__all__ = [
    "ChildWords",
    "Contact",
    "accept",
    "assign",
    "assign_by_mail",
    "cancel_enrolment",
    "cancel_session",
    "change_child",
    "check_in",
    "claim_time",
    "complete_past",
    "consent",
    "current_text",
    "drop_need",
    "enrol",
    "enter_child",
    "enter_mentor",
    "erase",
    "erase_due",
    "health_of",
    "is_needed",
    "lapse_due",
    "looked_at",
    "name_of",
    "name_safety_officer",
    "pay",
    "plan_session",
    "publish",
    "publish_consent_text",
    "refund_if_cancelled",
    "refuse_consent",
    "remove_child",
    "say_health",
    "seal_children_anew",
    "session_facts",
    "set_itinerary",
    "set_places",
    "sweep_keys",
    "unassign",
    "watch_sessions",
    "withdraw_consent",
    "words_of",
    "write_programme",
]
