"""Children and those who answer for them. What is said of a child is sealed (`common/sealed.py`)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.ids import new_id
from outreach.querysets import ChildQuerySet
from outreach.states import Relation


class Child(models.Model):
    """A child, sealed with a key of its own that lies outside the database.

    `identity` holds name, birth date, grade and the emergency contacts; `health` what the guardian wrote after a
    place was confirmed. Only the initials are readable here. Who destroys the key has erased the child, in every
    backup of the database too.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    initials = models.CharField(max_length=20)
    identity = models.BinaryField()
    health = models.BinaryField(default=bytes, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    touched_at = models.DateTimeField(default=timezone.now, help_text="when a guardian last entered something")
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = ChildQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "children"
        constraints = [
            models.CheckConstraint(
                condition=Q(erased_at=None) | Q(identity=b"", health=b""), name="child_erased_is_empty"
            ),
        ]

    def __str__(self) -> str:
        return self.initials

    def get_absolute_url(self) -> str:
        return reverse("edit_child", args=[self.pk])


class Guardian(models.Model):
    """That a person answers for a child."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="guardian_of")
    child = models.ForeignKey(Child, models.CASCADE, related_name="guardians")
    relation = models.CharField(_("you are the child's"), max_length=12, choices=Relation.choices)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "child"], name="guardian_once"),
            models.CheckConstraint(condition=Q(relation__in=Relation.values), name="guardian_relation"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} · {self.child_id}"
