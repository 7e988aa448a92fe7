"""Who: people, organisations, who belongs where, the standing of firms, and the tokens of programs."""

from accounts.models.firms import ContactCode, Tier, TierKind, Verification
from accounts.models.history import TierEvent, VerificationEvent
from accounts.models.people import (
    ApiToken,
    GroupMember,
    HolidayYear,
    MailDomain,
    Membership,
    Organisation,
    OrganisationDay,
    ResearchGroup,
    SignInFailure,
    User,
    UserAccounts,
)
from accounts.models.rosters import RosterEntry, RosterImport

__all__ = [
    "ApiToken",
    "ContactCode",
    "GroupMember",
    "HolidayYear",
    "MailDomain",
    "Membership",
    "Organisation",
    "OrganisationDay",
    "ResearchGroup",
    "RosterEntry",
    "RosterImport",
    "SignInFailure",
    "Tier",
    "TierEvent",
    "TierKind",
    "User",
    "UserAccounts",
    "Verification",
    "VerificationEvent",
]
