"""What a facility, an institution or the city has to say: notices that come and go, pages that stay."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from common.ids import new_id
from common.text import Bilingual
from instruments.models.facility import Facility
from instruments.querysets import BoardNoticeQuerySet, GuideQuerySet

# Neither a facility nor an organisation: the whole city's.
ONE_OWNER = Q(facility=None) | Q(organisation=None)


class BoardNotice(models.Model):
    """A notice on the board of a facility, an institution or (with neither) the city."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    facility = models.ForeignKey(Facility, models.CASCADE, null=True, blank=True, related_name="notices")
    organisation = models.ForeignKey(Organisation, models.CASCADE, null=True, blank=True, related_name="notices")
    title_zh = models.CharField(_("title (Chinese)"), max_length=120)
    title_en = models.CharField(_("title (English)"), max_length=160, blank=True)
    body_zh = models.TextField(_("text (Chinese)"), max_length=10_000, blank=True)
    body_en = models.TextField(_("text (English)"), max_length=10_000, blank=True)
    is_pinned = models.BooleanField(_("pinned"), default=False)
    shown_from = models.DateTimeField(_("shown from"), default=timezone.now)
    shown_until = models.DateTimeField(_("shown until"), null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    updated_at = models.DateTimeField(default=timezone.now)

    title = Bilingual("title")
    body = Bilingual("body")
    objects = BoardNoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-is_pinned", "-shown_from"]
        constraints = [
            models.CheckConstraint(condition=ONE_OWNER, name="notice_one_owner"),
            models.CheckConstraint(
                condition=Q(shown_until=None) | Q(shown_until__gt=F("shown_from")), name="notice_not_over_before"
            ),
        ]

    def __str__(self) -> str:
        return str(self.title)


class Guide(models.Model):
    """A page of rules or guidance of a facility, an institution or (with neither) the city."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    facility = models.ForeignKey(Facility, models.CASCADE, null=True, blank=True, related_name="guides")
    organisation = models.ForeignKey(Organisation, models.CASCADE, null=True, blank=True, related_name="guides")
    slug = models.SlugField(unique=True)
    position = models.PositiveSmallIntegerField(_("place in the list"), default=0)
    title_zh = models.CharField(_("title (Chinese)"), max_length=120)
    title_en = models.CharField(_("title (English)"), max_length=160, blank=True)
    body_zh = models.TextField(_("text (Chinese)"), max_length=50_000)
    body_en = models.TextField(_("text (English)"), max_length=50_000, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    updated_at = models.DateTimeField(default=timezone.now)

    title = Bilingual("title")
    body = Bilingual("body")
    objects = GuideQuerySet.as_manager()

    class Meta:
        ordering = ["position", "slug"]
        constraints = [models.CheckConstraint(condition=ONE_OWNER, name="guide_one_owner")]

    def __str__(self) -> str:
        return str(self.title)
