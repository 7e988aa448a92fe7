from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from common.reading_room import ReadingRoom
from notifications import services
from notifications.models import Mail, Notice, Sms, WebhookDelivery, WebhookEndpoint


class OutboxAdmin(ReadingRoom):
    """The outbox; filter by state "given up" to see the dead letters."""

    list_display = ["created_at", "address", "event", "state", "attempts", "due_at", "sent_at", "last_error"]
    list_filter = ["state", "event"]
    search_fields = ["address"]
    actions = ["send_again"]

    @admin.action(description=_("Send again"))
    def send_again(self, request: HttpRequest, chosen: QuerySet[Mail] | QuerySet[Sms]) -> None:
        for row in chosen:
            services.send_again(row)


@admin.register(Mail)
class MailAdmin(OutboxAdmin):
    """A body may hold a link that lets its reader sign in."""

    exclude = ["body"]


@admin.register(Sms)
class SmsAdmin(OutboxAdmin):
    """A text may hold a code."""

    exclude = ["text"]


@admin.register(Notice)
class NoticeAdmin(ReadingRoom):
    list_display = ["created_at", "reader", "event", "read_at"]
    list_filter = ["event"]


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(ReadingRoom):
    list_display = ["created_at", "owner", "url", "active"]
    list_filter = ["active"]
    search_fields = ["url"]
    exclude = ["secret", "previous_secret"]


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadingRoom):
    list_display = ["created_at", "endpoint", "event", "state", "attempts", "due_at", "last_status", "last_error"]
    list_filter = ["state"]
