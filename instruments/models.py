"""The catalogue: facilities, who runs them, and their instruments."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, ResearchGroup
from accounts.states import Audience
from common.ids import new_id
from common.text import Bilingual
from instruments.querysets import FacilityRoleQuerySet, InstrumentQuerySet
from instruments.states import BookedWhere, FacilityDuty, Kind, Status


class Facility(models.Model):
    """A laboratory or analysis centre of an organisation: where instruments stand and who runs them."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="facilities")
    slug = models.SlugField(unique=True)
    name_zh = models.CharField(_("Chinese name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=160, blank=True)
    building_zh = models.CharField(max_length=80, blank=True)
    building_en = models.CharField(max_length=80, blank=True)
    room = models.CharField(max_length=40, blank=True)
    time_zone = models.CharField(max_length=40, default="Asia/Shanghai")
    contact_email = models.EmailField(blank=True)
    contact_phone = models.CharField(max_length=40, blank=True)

    name = Bilingual("name")
    building = Bilingual("building")

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


class Category(models.Model):
    """A class of instruments in a scheme of classes; schemes are data, since published lists disagree."""

    scheme = models.SlugField(max_length=20)
    code = models.CharField(max_length=12)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    name_zh = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120)

    name = Bilingual("name")

    class Meta:
        verbose_name_plural = "categories"
        ordering = ["scheme", "code"]
        constraints = [models.UniqueConstraint(fields=["scheme", "code"], name="category_code_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Instrument(models.Model):
    """Something whose time is shared: an instrument, a room or an end station."""

    slug = models.SlugField(unique=True)
    facility = models.ForeignKey(Facility, models.PROTECT, related_name="instruments")
    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True, related_name="instruments")
    research_group = models.ForeignKey(
        ResearchGroup, models.SET_NULL, null=True, blank=True, related_name="instruments", verbose_name=_("group")
    )
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.INSTRUMENT)
    name_zh = models.CharField(_("Chinese name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=160, blank=True)
    summary_zh = models.TextField(_("what it is good for (Chinese)"), blank=True)
    summary_en = models.TextField(_("what it is good for (English)"), blank=True)
    indicators_zh = models.TextField(_("technical indicators (Chinese)"), blank=True)
    indicators_en = models.TextField(_("technical indicators (English)"), blank=True)
    requirement_zh = models.TextField(_("requirements (Chinese)"), blank=True)
    requirement_en = models.TextField(_("requirements (English)"), blank=True)
    inner_number = models.CharField(_("inner number"), max_length=40, blank=True)
    manufacturer = models.CharField(_("manufacturer"), max_length=120, blank=True)
    model = models.CharField(_("model"), max_length=120, blank=True)
    serial_number = models.CharField(_("serial number"), max_length=80, blank=True)
    original_value = models.DecimalField(
        _("original value (CNY)"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    commissioned_on = models.DateField(_("commissioned on"), null=True, blank=True)
    room = models.CharField(_("room"), max_length=40, blank=True)
    keywords = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    techniques = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    sharing = ArrayField(models.CharField(max_length=12, choices=Audience.choices), default=list, blank=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.OPEN)
    booked_where = models.CharField(max_length=10, choices=BookedWhere.choices, default=BookedWhere.HERE)
    booked_url = models.URLField(blank=True)
    takes_samples = models.BooleanField(_("takes samples"), default=False)
    needs_operator = models.BooleanField(_("only with an operator"), default=False)
    fit_for_youth = models.BooleanField(_("fit for young people"), default=False)
    questions = models.JSONField(
        default=list, blank=True, help_text="what a requester is asked; the shape is `instruments.rules.Question`"
    )
    search_document = models.TextField(blank=True, editable=False)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    name = Bilingual("name")
    summary = Bilingual("summary")
    indicators = Bilingual("indicators")
    requirement = Bilingual("requirement")
    objects = InstrumentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                F("facility"), F("inner_number"), condition=~Q(inner_number=""), name="instrument_inner_number"
            ),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="instrument_status"),
            models.CheckConstraint(condition=Q(booked_where__in=BookedWhere.values), name="instrument_booked_where"),
            models.CheckConstraint(
                condition=~Q(booked_where=BookedWhere.OWNER) | ~Q(booked_url=""), name="instrument_owner_has_url"
            ),
        ]
        indexes = [
            GinIndex(OpClass(F("search_document"), name="gin_trgm_ops"), name="instrument_search"),
        ]

    def __str__(self) -> str:
        return str(self.name)

    def get_absolute_url(self) -> str:
        return reverse("instrument", args=[self.slug])


class InstrumentEvent(
    pghistory.create_event_model(  # type: ignore[misc]
        Instrument,
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(condition=pghistory.AnyChange(exclude=["version", "updated_at", "search_document"])),
        exclude=["search_document"],
        append_only=True,
    )
):
    """What an instrument's record said, one row a change; the database's own trigger writes it."""
