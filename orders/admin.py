from django.contrib import admin

from common.reading_room import ReadingRoom
from orders.models import Offer, Order, Request, Sample


@admin.register(Request)
class RequestAdmin(ReadingRoom):
    list_display = ["created_at", "asked_by", "organisation", "state", "submitted_at"]
    list_filter = ["state"]
    list_select_related = ["asked_by", "organisation"]


@admin.register(Offer)
class OfferAdmin(ReadingRoom):
    list_display = ["created_at", "enquiry", "number", "state", "to_pay", "expires_at", "accepted_at"]
    list_filter = ["state"]
    list_select_related = ["enquiry__facility", "enquiry__request"]


@admin.register(Order)
class OrderAdmin(ReadingRoom):
    list_display = ["created_at", "facility", "ordered_by", "organisation", "state", "results_by"]
    list_filter = ["state"]
    list_select_related = ["facility", "ordered_by", "organisation"]


@admin.register(Sample)
class SampleAdmin(ReadingRoom):
    list_display = ["__str__", "name", "state", "condition"]
    list_filter = ["state"]
    list_select_related = ["order"]
