"""Where instruments stand and who runs them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from common.ids import new_id
from common.text import Bilingual
from instruments.querysets import FacilityRoleQuerySet
from instruments.states import FacilityDuty
from records.models import StoredFile


class Facility(models.Model):
    """A laboratory or analysis centre of an organisation: where instruments stand and who runs them."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="facilities")
    slug = models.SlugField(unique=True)
    name_zh = models.CharField(_("Chinese name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=160, blank=True)
    building_zh = models.CharField(_("building (Chinese)"), max_length=80, blank=True)
    building_en = models.CharField(_("building (English)"), max_length=80, blank=True)
    room = models.CharField(_("room"), max_length=40, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=40, default="Asia/Shanghai")
    contact_email = models.EmailField(_("contact e-mail"), blank=True)
    contact_phone = models.CharField(_("contact phone"), max_length=40, blank=True)
    contact_name = models.CharField(_("whom to ask for"), max_length=80, blank=True)
    contact_hours_zh = models.CharField(_("when to call (Chinese)"), max_length=120, blank=True)
    contact_hours_en = models.CharField(_("when to call (English)"), max_length=160, blank=True)
    contact_note_zh = models.TextField(_("how to reach us (Chinese)"), max_length=2000, blank=True)
    contact_note_en = models.TextField(_("how to reach us (English)"), max_length=2000, blank=True)
    website = models.URLField(_("website"), blank=True)
    qr_picture = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("QR picture")
    )

    name = Bilingual("name")
    building = Bilingual("building")
    contact_hours = Bilingual("contact_hours")
    contact_note = Bilingual("contact_note")

    class Meta:
        verbose_name_plural = "facilities"

    def __str__(self) -> str:
        return str(self.name)


class FacilityRole(models.Model):
    """That a person (or a program) runs a facility: as its lab admin or as an operator."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="facility_roles")
    facility = models.ForeignKey(Facility, models.CASCADE, related_name="roles")
    duty = models.CharField(max_length=10, choices=FacilityDuty.choices)
    until = models.DateField(null=True, blank=True)

    objects = FacilityRoleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "facility", "duty"], name="facility_role_once"),
            models.CheckConstraint(condition=Q(duty__in=FacilityDuty.values), name="facility_role_duty"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.facility}"

    def get_absolute_url(self) -> str:
        return reverse("laboratories")
