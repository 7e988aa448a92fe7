"""What is told: to people behind the bell and by mail, to programs as events."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.ids import new_id
from notifications.querysets import (
    EventQuerySet,
    MailQuerySet,
    NoticeQuerySet,
    SmsQuerySet,
    TransactionId,
    WebhookDeliveryQuerySet,
    WebhookEndpointQuerySet,
)
from notifications.states import DeliveryState

LONGEST_MESSAGE = 4000
OLD_SECRET_LIVES = timedelta(hours=24)


class Notice(models.Model):
    """One line behind the bell, in the reader's language, from `due_at` on; at most one for each occasion."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices")
    event = models.SlugField()
    occasion = models.CharField(max_length=120, help_text="what makes it unique: the object, and which time round")
    text = models.CharField(max_length=300)
    path = models.CharField(max_length=200)
    due_at = models.DateTimeField(default=timezone.now, db_default=Now())
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reader", "event", "occasion"], name="notice_once")]
        indexes = [models.Index(fields=["reader", "-created_at"], name="notice_reads")]

    def __str__(self) -> str:
        return self.text


class Outgoing(models.Model):
    """A row that the worker sends, again and again until it has left or is given up."""

    state = models.CharField(max_length=10, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        abstract = True


class Mail(Outgoing):
    """A mail to be sent, written in the transaction that is the reason for it and sent by the worker."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="mails")
    address = models.EmailField()
    event = models.SlugField()
    occasion = models.CharField(max_length=120, blank=True)
    subject = models.CharField(max_length=200)
    body = models.TextField()

    objects = MailQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail")
        constraints = [
            models.UniqueConstraint(
                fields=["reader", "event", "occasion"], condition=~Q(occasion=""), name="mail_once"
            ),
            models.CheckConstraint(condition=Q(state__in=DeliveryState.values), name="mail_state"),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(state=DeliveryState.WAITING), name="mail_due")]

    def __str__(self) -> str:
        return f"{self.address}: {self.subject}"


class Sms(Outgoing):
    """A text message to a phone: what is behind the bell too, or a code, which has no reader and no occasion."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="texts")
    address = models.CharField(max_length=20)
    event = models.SlugField()
    occasion = models.CharField(max_length=120, blank=True, db_default="")
    text = models.CharField(max_length=300)

    objects = SmsQuerySet.as_manager()

    class Meta:
        verbose_name = _("text message")
        constraints = [
            models.UniqueConstraint(fields=["reader", "event", "occasion"], condition=~Q(occasion=""), name="sms_once"),
            models.CheckConstraint(condition=Q(state__in=DeliveryState.values), name="sms_state"),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(state=DeliveryState.WAITING), name="sms_due")]

    def __str__(self) -> str:
        return self.address


class Event(models.Model):
    """Something that happened, as programs are told of it: its kind and where to look, written where it happened."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=40)
    href = models.CharField(max_length=200)
    audience = ArrayField(models.UUIDField(), help_text="the users who may see it")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    # Of two events the one with the later id may be committed first: only this tells which may still be followed.
    xid = models.BigIntegerField(db_default=TransactionId(), editable=False)
    passed_on = models.BooleanField(default=False, db_default=False, help_text="whether its webhooks are known")

    objects = EventQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["xid", "id"], name="event_order"),
            GinIndex(fields=["audience"], name="event_audience"),
            models.Index(fields=["xid", "id"], condition=Q(passed_on=False), name="event_to_pass_on"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"

    @property
    def link(self) -> str:
        """Where its subject is to be read, for a program that may be anywhere."""
        return settings.SITE_URL + self.href


class Thread(models.Model):
    """What the parties write to each other about one thing."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    subject_id = models.CharField(max_length=40, unique=True)
    path = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.path

    def get_absolute_url(self) -> str:
        return self.path


class Message(models.Model):
    """What one of them wrote; it stays when the account goes."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    thread = models.ForeignKey(Thread, models.CASCADE, related_name="messages")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="messages")
    text = models.CharField(max_length=LONGEST_MESSAGE)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.text[:40]


class WebhookEndpoint(models.Model):
    """An address of somebody's program that is called when something happens that they may see."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="webhooks")
    url = models.URLField(max_length=500)
    description = models.CharField(max_length=200, blank=True)
    kinds = ArrayField(models.CharField(max_length=40), help_text="the kinds of events that it is called for")
    secret = models.CharField(max_length=80)
    previous_secret = models.CharField(max_length=80, blank=True)
    rotated_at = models.DateTimeField(null=True, blank=True)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = WebhookEndpointQuerySet.as_manager()

    def __str__(self) -> str:
        return self.url

    def wants(self, event: Event) -> bool:
        """Whether it is to be called for what happened: seen by its owner, of its kinds, and since it is there."""
        is_new = event.created_at > self.created_at
        return is_new and event.kind in self.kinds and self.owner_id in event.audience

    @property
    def secret_tail(self) -> str:
        """What may be shown of the secret, to tell it from another."""
        return self.secret[-4:]

    def live_secrets(self, at: datetime) -> list[str]:
        """With what to sign: the secret, and for a day after it was changed also the one before."""
        overlaps = self.rotated_at and at < self.rotated_at + OLD_SECRET_LIVES
        return [self.secret, self.previous_secret] if overlaps else [self.secret]


class WebhookDelivery(Outgoing):
    """That an endpoint is to be told of an event, and how that went."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    endpoint = models.ForeignKey(WebhookEndpoint, models.CASCADE, related_name="deliveries")
    event = models.ForeignKey(Event, models.CASCADE, related_name="deliveries")
    tried_at = models.DateTimeField(null=True, blank=True, help_text="when it was called last")
    duration_ms = models.PositiveIntegerField(null=True, blank=True, help_text="how long the last call took")
    last_status = models.PositiveSmallIntegerField(null=True, blank=True)
    answer = models.CharField(max_length=500, blank=True, help_text="how the last answer begins")

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "webhook deliveries"
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event"], name="webhook_delivery_once"),
            models.CheckConstraint(condition=Q(state__in=DeliveryState.values), name="webhook_delivery_state"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state=DeliveryState.WAITING), name="webhook_delivery_due")
        ]

    def __str__(self) -> str:
        return f"{self.endpoint_id} {self.event_id}"
