"""The life of what is sent, a mail or a webhook's delivery.

waiting ──sent──▶ sent
   │ ▲
   │ └── asked again by staff (a mail) or by its owner (a delivery, also one that was sent)
   └──tried too often──▶ dead
"""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class DeliveryState(TextChoices):
    WAITING = "waiting", _("waiting")
    SENT = "sent", _("sent")
    DEAD = "dead", _("given up")


class Family(TextChoices):
    """What people may choose about: events of one kind (`notifications.rules.FAMILY_OF`)."""

    BOOKINGS = "bookings", _("my bookings and trainings")
    REMINDERS = "reminders", _("reminders")
    LABORATORY = "laboratory", _("what waits in my laboratory")
    MESSAGES = "messages", _("messages and questions")
    ORDERS = "orders", _("requests, offers and orders")
    MONEY = "money", _("invoices and fapiao")
    COURSES = "courses", _("courses and camps")


class Way(TextChoices):
    """How somebody is told, beside the bell."""

    MAIL = "mail", _("by e-mail")
    TEXT = "text", _("by text message")
    BOTH = "both", _("by e-mail and text message")
    BELL = "bell", _("only here, behind the bell")


class EventKind(TextChoices):
    """What programs are told of, by the `type` that they read."""

    BOOKING_REQUESTED = "booking.requested"
    BOOKING_CONFIRMED = "booking.confirmed"
    BOOKING_DECLINED = "booking.declined"
    BOOKING_NEEDS_INFO = "booking.needs_info"
    BOOKING_CANCELLED = "booking.cancelled"
    BOOKING_EXPIRED = "booking.expired"
    BOOKING_CHANGED = "booking.changed"
    BOOKING_STARTED = "booking.started"
    BOOKING_COMPLETED = "booking.completed"
    BOOKING_NO_SHOW = "booking.no_show"
    REQUEST_SUBMITTED = "request.submitted"
    REQUEST_OFFERED = "request.offered"
    ORDER_PLACED = "order.placed"
    ORDER_CHANGED = "order.changed"
    ENROLMENT_MADE = "enrolment.made"
    ENROLMENT_CHANGED = "enrolment.changed"
    CHARGE_MADE = "charge.made"
    CHARGE_CHANGED = "charge.changed"
    INVOICE_ISSUED = "invoice.issued"
    INVOICE_PAID = "invoice.paid"
    INVOICE_CREDITED = "invoice.credited"
    PING = "webhook.ping"  # asked for by whoever tries a webhook; in nobody's changes
