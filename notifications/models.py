"""What is told: to people behind the bell and by mail, to programs as events."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.ids import new_id
from notifications.querysets import EventQuerySet, MailQuerySet, NoticeQuerySet, TransactionId
from notifications.states import MailState

LONGEST_MESSAGE = 4000


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


class Mail(models.Model):
    """A mail to be sent, written in the transaction that is the reason for it and sent by the worker."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="mails")
    address = models.EmailField()
    event = models.SlugField()
    occasion = models.CharField(max_length=120, blank=True)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    state = models.CharField(max_length=10, choices=MailState.choices, default=MailState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail")
        constraints = [
            models.UniqueConstraint(
                fields=["reader", "event", "occasion"], condition=~Q(occasion=""), name="mail_once"
            ),
            models.CheckConstraint(condition=Q(state__in=MailState.values), name="mail_state"),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(state=MailState.WAITING), name="mail_due")]

    def __str__(self) -> str:
        return f"{self.address}: {self.subject}"


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

    objects = EventQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["xid", "id"], name="event_order"),
            GinIndex(fields=["audience"], name="event_audience"),
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
