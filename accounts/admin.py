from django.contrib import admin

from accounts.models import (
    ApiToken,
    HolidayYear,
    Membership,
    Organisation,
    OrganisationDay,
    ResearchGroup,
    Tier,
    TierKind,
    User,
    Verification,
)
from common.reading_room import ReadingRoom


@admin.register(User)
class UserAdmin(ReadingRoom):
    list_display = ["name", "email", "language", "is_active", "is_staff", "date_joined"]
    search_fields = ["name", "email"]
    exclude = ["password"]


@admin.register(Organisation)
class OrganisationAdmin(ReadingRoom):
    list_display = ["name_zh", "name_en", "kind", "uscc"]
    list_filter = ["kind"]


@admin.register(Membership)
class MembershipAdmin(ReadingRoom):
    list_display = ["person", "organisation", "role", "state", "confirmed_at"]
    list_filter = ["state", "role"]


@admin.register(HolidayYear)
class HolidayYearAdmin(ReadingRoom):
    list_display = ["year", "source", "announced_by", "announced_at"]


@admin.register(OrganisationDay)
class OrganisationDayAdmin(ReadingRoom):
    list_display = ["organisation", "day", "kind", "follows", "name_zh"]
    list_filter = ["kind"]
    date_hierarchy = "day"


@admin.register(ResearchGroup)
class ResearchGroupAdmin(ReadingRoom):
    list_display = ["name_zh", "pi", "organisation"]


@admin.register(ApiToken)
class ApiTokenAdmin(ReadingRoom):
    list_display = ["name", "user", "public", "scopes", "expires_at", "last_used_at", "revoked_at"]
    exclude = ["digest"]


@admin.register(Verification)
class VerificationAdmin(ReadingRoom):
    list_display = ["organisation", "state", "asked_at", "due_on", "decided_by", "decided_at", "until"]
    list_filter = ["state"]
    list_select_related = ["organisation", "decided_by"]


@admin.register(TierKind)
class TierKindAdmin(ReadingRoom):
    list_display = ["name_zh", "step", "begins", "ends"]


@admin.register(Tier)
class TierAdmin(ReadingRoom):
    list_display = ["organisation", "kind", "number", "issuer", "begins", "ends", "checked_by"]
    list_filter = ["kind"]
    list_select_related = ["organisation", "kind", "checked_by"]
