from django.contrib import admin

from common.reading_room import ReadingRoom
from instruments.models import Category, Facility, FacilityRole, Instrument


@admin.register(Facility)
class FacilityAdmin(ReadingRoom):
    list_display = ["name_zh", "organisation", "time_zone"]


@admin.register(FacilityRole)
class FacilityRoleAdmin(ReadingRoom):
    list_display = ["user", "facility", "duty", "until"]


@admin.register(Category)
class CategoryAdmin(ReadingRoom):
    list_display = ["scheme", "code", "name_zh", "name_en"]


@admin.register(Instrument)
class InstrumentAdmin(ReadingRoom):
    list_display = ["slug", "name_zh", "facility", "status", "booked_where"]
    list_filter = ["status", "booked_where"]
    search_fields = ["search_document"]
