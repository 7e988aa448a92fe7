"""What changes people, organisations and tokens."""

from accounts.services.membership import (
    claim_membership,
    confirm_membership,
    end_membership,
    register_organisation,
    trust_address,
)
from accounts.services.people import admit, dismiss, person_at, prefer_language, set_profile
from accounts.services.signing_in import expect_failure, forget_old_failures, forgive
from accounts.services.tokens import make_service_account, make_token, note_use, revoke_token, token_of
from accounts.services.working_days import (
    CalendarImport,
    announce_from_file,
    announce_year,
    calendar_of,
    import_calendar,
    remove_calendar_day,
)

__all__ = [
    "CalendarImport",
    "admit",
    "announce_from_file",
    "announce_year",
    "calendar_of",
    "claim_membership",
    "confirm_membership",
    "dismiss",
    "end_membership",
    "expect_failure",
    "forget_old_failures",
    "forgive",
    "import_calendar",
    "make_service_account",
    "make_token",
    "note_use",
    "person_at",
    "prefer_language",
    "register_organisation",
    "remove_calendar_day",
    "revoke_token",
    "set_profile",
    "token_of",
    "trust_address",
]
