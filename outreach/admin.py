from django.contrib import admin

from common.reading_room import ReadingRoom
from outreach.models import Enrolment, Programme, Session

# Children are not here: what is sealed is read by those who need it, not by who runs the portal.


@admin.register(Programme)
class ProgrammeRoom(ReadingRoom):
    list_display = ("name_zh", "kind", "organisation", "age_from", "age_to", "fee")
    list_filter = ("kind",)


@admin.register(Session)
class SessionRoom(ReadingRoom):
    list_display = ("programme", "starts_at", "state", "taken", "places", "flagged_at", "erase_on", "erased_at")
    list_filter = ("state",)
    date_hierarchy = "starts_at"


@admin.register(Enrolment)
class EnrolmentRoom(ReadingRoom):
    list_display = ("session", "place_in_line", "state", "expires_at", "paid_at", "paid_how")
    list_filter = ("state", "paid_how")
    exclude = ("code", "child", "guardian")
