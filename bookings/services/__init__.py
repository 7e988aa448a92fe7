"""What changes bookings. Each function is one transaction: lock, gather, rule, write, tell."""

from bookings.services.book import book, objections_to
from bookings.services.decide import confirm, decline
from bookings.services.gather import terms_of, with_terms
from bookings.services.look import alternatives_to, facts_about, free_on, terms_for, week_of
from bookings.services.move import cancel
from bookings.services.remind import remind_of_coming
from bookings.services.set_up import grant_training, set_hours, set_policy
from bookings.services.use import complete_past, expire_unanswered

__all__ = [
    "alternatives_to",
    "book",
    "cancel",
    "complete_past",
    "confirm",
    "decline",
    "expire_unanswered",
    "facts_about",
    "free_on",
    "grant_training",
    "objections_to",
    "remind_of_coming",
    "set_hours",
    "set_policy",
    "terms_for",
    "terms_of",
    "week_of",
    "with_terms",
]
