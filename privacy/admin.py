from django.contrib import admin

from common.reading_room import ReadingRoom
from privacy.models import Erasure


@admin.register(Erasure)
class ErasureAdmin(ReadingRoom):
    list_display = ["asked_at", "person", "state", "due_at", "ended_at"]
    list_filter = ["state"]
