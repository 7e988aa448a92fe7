from django.contrib import admin

from billing.models import Charge, FundCode, Hold, LedgerEntry, LedgerLeg, Rate, Scheme, SchemeEntry, Settlement, Wallet
from common.reading_room import ReadingRoom


@admin.register(Rate)
class RateAdmin(ReadingRoom):
    list_display = ["__str__", "category", "basis", "begins", "amount", "first_used_at"]
    list_filter = ["category", "basis"]
    list_select_related = ["instrument", "test_item"]


@admin.register(Wallet)
class WalletAdmin(ReadingRoom):
    list_display = ["__str__", "balance", "held", "credit_line"]
    list_select_related = ["group", "organisation", "person"]


@admin.register(FundCode)
class FundCodeAdmin(ReadingRoom):
    list_display = ["code", "institution", "holder", "kind", "until", "limit"]
    list_select_related = ["institution", "holder"]


@admin.register(Hold)
class HoldAdmin(ReadingRoom):
    list_display = ["wallet", "seller", "amount", "state", "made_at"]
    list_filter = ["state"]
    list_select_related = ["wallet__group", "wallet__organisation", "wallet__person", "seller"]


@admin.register(Charge)
class ChargeAdmin(ReadingRoom):
    list_display = ["used_on", "name_zh", "seller", "wallet", "gross", "to_pay", "state"]
    list_filter = ["state"]
    list_select_related = ["seller", "wallet__group", "wallet__organisation", "wallet__person"]


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadingRoom):
    list_display = ["booked_on", "kind", "charge", "made_by", "made_at"]
    list_filter = ["kind"]
    list_select_related = ["charge", "made_by"]


@admin.register(LedgerLeg)
class LedgerLegAdmin(ReadingRoom):
    list_display = ["entry", "account", "amount"]
    list_filter = ["account"]
    list_select_related = ["entry"]


@admin.register(Settlement)
class SettlementAdmin(ReadingRoom):
    list_display = ["seller", "payer_kind", "wallet", "kind", "pay_when", "overdue_days"]
    list_select_related = ["seller", "wallet__group", "wallet__organisation", "wallet__person"]


@admin.register(Scheme)
class SchemeAdmin(ReadingRoom):
    list_display = ["name_zh", "fund", "begins", "ends", "share", "budget", "reserved", "spent"]
    list_select_related = ["fund"]


@admin.register(SchemeEntry)
class SchemeEntryAdmin(ReadingRoom):
    list_display = ["scheme", "kind", "amount", "year", "made_at"]
    list_filter = ["kind"]
    list_select_related = ["scheme"]
