"""What changes people, organisations and tokens."""

from accounts.services.contact import prove_contact, proven_contact, send_code
from accounts.services.firms import (
    ask_for_verification,
    expire_verifications,
    note_tier,
    reject_firm,
    standing_of,
    verify_firm,
)
from accounts.services.membership import (
    claim_membership,
    confirm_membership,
    end_membership,
    register_organisation,
    trust_address,
)
from accounts.services.people import admit, dismiss, person_at, prefer_language, set_profile
from accounts.services.personal import (
    close_account,
    end_sessions,
    forget_old_codes,
    forget_old_sessions,
    objections_to_closing,
)
from accounts.services.programs import add_webhook_for, put_in_care, retire_service_account
from accounts.services.signing_in import expect_failure, forget_old_failures, forgive
from accounts.services.tokens import make_service_account, make_token, note_use, revoke_token, rotate_token, token_of
from accounts.services.working_days import (
    CalendarImport,
    announce_from_file,
    announce_year,
    calendar_of,
    import_calendar,
    remove_calendar_day,
    working_days_after,
)

__all__ = [
    "CalendarImport",
    "add_webhook_for",
    "admit",
    "announce_from_file",
    "announce_year",
    "ask_for_verification",
    "calendar_of",
    "claim_membership",
    "close_account",
    "confirm_membership",
    "dismiss",
    "end_membership",
    "end_sessions",
    "expect_failure",
    "expire_verifications",
    "forget_old_codes",
    "forget_old_failures",
    "forget_old_sessions",
    "forgive",
    "import_calendar",
    "make_service_account",
    "make_token",
    "note_tier",
    "note_use",
    "objections_to_closing",
    "person_at",
    "prefer_language",
    "prove_contact",
    "proven_contact",
    "put_in_care",
    "register_organisation",
    "reject_firm",
    "remove_calendar_day",
    "retire_service_account",
    "revoke_token",
    "rotate_token",
    "send_code",
    "set_profile",
    "standing_of",
    "token_of",
    "trust_address",
    "verify_firm",
    "working_days_after",
]
