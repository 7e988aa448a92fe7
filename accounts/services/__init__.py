"""What changes people, organisations and tokens."""

from accounts.services.membership import (
    claim_membership,
    confirm_membership,
    end_membership,
    register_organisation,
    trust_address,
)
from accounts.services.people import admit, dismiss, prefer_language, set_profile
from accounts.services.tokens import make_service_account, make_token, note_use, revoke_token, token_of
from accounts.services.working_days import announce_year, calendar_of

__all__ = [
    "admit",
    "announce_year",
    "calendar_of",
    "claim_membership",
    "confirm_membership",
    "dismiss",
    "end_membership",
    "make_service_account",
    "make_token",
    "note_use",
    "prefer_language",
    "register_organisation",
    "revoke_token",
    "set_profile",
    "token_of",
    "trust_address",
]
