from django.contrib import admin

from bookings.models import Booking, Claim, OpeningHours, Policy, Training
from common.reading_room import ReadingRoom


@admin.register(Booking)
class BookingAdmin(ReadingRoom):
    list_display = ["starts_at", "ends_at", "instrument", "user", "state", "created_at"]
    list_filter = ["state", "purpose"]
    list_select_related = ["instrument", "user"]


@admin.register(Claim)
class ClaimAdmin(ReadingRoom):
    list_display = ["instrument", "unit", "starts_at", "ends_at", "booking"]
    list_select_related = ["instrument", "booking__instrument"]


@admin.register(Policy)
class PolicyAdmin(ReadingRoom):
    list_display = ["__str__", "step_minutes", "category", "longest_minutes", "needs_approval", "training_level"]


@admin.register(OpeningHours)
class OpeningHoursAdmin(ReadingRoom):
    list_display = ["__str__", "weekday", "opens_minute", "closes_minute"]


@admin.register(Training)
class TrainingAdmin(ReadingRoom):
    list_display = ["user", "instrument", "level", "granted_by", "granted_at", "expires_at"]
    list_select_related = ["user", "instrument", "granted_by"]
