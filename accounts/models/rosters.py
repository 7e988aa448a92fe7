"""What organisations hand in about who belongs to them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.people import Organisation, User
from accounts.states import Role
from common.ids import new_id


class RosterImport(models.Model):
    """A roster that was read and is looked at before it counts; gone once it was applied, or after a day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="roster_imports")
    by = models.ForeignKey(User, models.CASCADE, related_name="+")
    content = models.BinaryField(help_text="the table as it was handed in")
    made_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.organisation} {self.made_at:%Y-%m-%d %H:%M}"


class RosterEntry(models.Model):
    """Somebody of a roster: who proves the address or the phone belongs there, now or when they join."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="roster")
    role = models.CharField(max_length=12, choices=Role.choices)
    name = models.CharField(max_length=80, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=20, blank=True)
    number = models.CharField(max_length=40, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(email="", phone=""), name="roster_entry_reachable"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="roster_entry_role"),
            models.UniqueConstraint(
                fields=["organisation", "role", "email"], condition=~Q(email=""), name="roster_entry_email_once"
            ),
            models.UniqueConstraint(
                fields=["organisation", "role", "phone"], condition=~Q(phone=""), name="roster_entry_phone_once"
            ),
        ]
        indexes = [
            models.Index(fields=["email"], condition=~Q(email=""), name="roster_entry_at_email"),
            models.Index(fields=["phone"], condition=~Q(phone=""), name="roster_entry_at_phone"),
        ]

    def __str__(self) -> str:
        return f"{self.email or self.phone} · {self.organisation}"
