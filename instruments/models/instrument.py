"""What is shared: instruments, what is said of them, and when their owner's own system has them busy."""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Left
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, ResearchGroup
from accounts.states import Audience
from common.text import Bilingual
from instruments.models.category import Category
from instruments.models.facility import Facility
from instruments.querysets import NAME_SORTS_BY, InstrumentQuerySet
from instruments.states import AcquiredBy, BookedWhere, Kind, Status, YouthUse

ONE_NUMBER = "instrument_number_of_organisation"


def words(name: Any) -> ArrayField[Any, Any]:
    """A list of short words or names."""
    return ArrayField(models.CharField(max_length=60), default=list, blank=True, verbose_name=name)


class Instrument(models.Model):
    """Something whose time is shared: an instrument, a room or an end station."""

    slug = models.SlugField(unique=True)
    facility = models.ForeignKey(Facility, models.PROTECT, related_name="instruments")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, editable=False, related_name="+")
    category = models.ForeignKey(
        Category, models.PROTECT, null=True, blank=True, related_name="instruments", verbose_name=_("category")
    )
    research_group = models.ForeignKey(
        ResearchGroup, models.SET_NULL, null=True, blank=True, related_name="instruments", verbose_name=_("group")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.INSTRUMENT)
    name_zh = models.CharField(_("Chinese name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=160, blank=True)
    summary_zh = models.TextField(_("what it is good for (Chinese)"), blank=True)
    summary_en = models.TextField(_("what it is good for (English)"), blank=True)
    indicators_zh = models.TextField(_("technical indicators (Chinese)"), blank=True)
    indicators_en = models.TextField(_("technical indicators (English)"), blank=True)
    functions_zh = models.TextField(_("functions (Chinese)"), blank=True)
    functions_en = models.TextField(_("functions (English)"), blank=True)
    accessories_zh = models.TextField(_("accessories (Chinese)"), blank=True)
    accessories_en = models.TextField(_("accessories (English)"), blank=True)
    requirement_zh = models.TextField(_("requirements (Chinese)"), blank=True)
    requirement_en = models.TextField(_("requirements (English)"), blank=True)
    inner_number = models.CharField(_("inner number"), max_length=40, blank=True)
    manufacturer = models.CharField(_("manufacturer"), max_length=120, blank=True)
    model = models.CharField(_("model"), max_length=120, blank=True)
    serial_number = models.CharField(_("serial number"), max_length=80, blank=True)
    country = models.CharField(_("country of manufacture"), max_length=2, blank=True, help_text="ISO 3166-1 alpha-2")
    original_value = models.DecimalField(
        _("original value (CNY)"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    acquired_by = models.CharField(_("acquired by"), max_length=10, choices=AcquiredBy.choices, blank=True)
    funding_source = models.CharField(_("funding source"), max_length=160, blank=True)
    customs_supervised = models.BooleanField(_("under customs supervision"), default=False)
    commissioned_on = models.DateField(_("commissioned on"), null=True, blank=True)
    decommissioned_on = models.DateField(_("decommissioned on"), null=True, blank=True)
    room = models.CharField(_("room"), max_length=40, blank=True)
    keywords = words(_("keywords"))
    techniques = words(_("techniques"))
    materials = words(_("materials"))
    standards = words(_("standards"))
    sharing = ArrayField(
        models.CharField(max_length=12, choices=Audience.choices),
        default=list,
        blank=True,
        verbose_name=_("open to"),
    )
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.OPEN)
    booked_where = models.CharField(
        _("booked where"), max_length=10, choices=BookedWhere.choices, default=BookedWhere.HERE
    )
    booked_url = models.URLField(_("the owner's booking page"), blank=True)
    takes_samples = models.BooleanField(_("takes samples"), default=False)
    needs_operator = models.BooleanField(_("only with an operator"), default=False)
    fit_for_youth = models.BooleanField(_("fit for young people"), default=False)
    youth_use = models.CharField(_("young people may"), max_length=8, choices=YouthUse.choices, blank=True)
    youth_age_from = models.PositiveSmallIntegerField(_("from the age of"), null=True, blank=True)
    youth_ppe_zh = models.CharField(_("protective equipment (Chinese)"), max_length=200, blank=True)
    youth_ppe_en = models.CharField(_("protective equipment (English)"), max_length=240, blank=True)
    questions = models.JSONField(
        default=list, blank=True, help_text="what a requester is asked; the shape is `instruments.rules.Question`"
    )
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged")
    confirmed_at = models.DateTimeField(_("record confirmed"), null=True, blank=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    search_document = models.TextField(blank=True, editable=False)
    search_vector = SearchVectorField(null=True, editable=False)
    indexed_under = models.CharField(max_length=32, blank=True, editable=False, help_text="MD5 of `names_around`")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    name = Bilingual("name")
    summary = Bilingual("summary")
    indicators = Bilingual("indicators")
    functions = Bilingual("functions")
    accessories = Bilingual("accessories")
    requirement = Bilingual("requirement")
    youth_ppe = Bilingual("youth_ppe")
    objects = InstrumentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                F("organisation"), F("inner_number"), condition=~Q(inner_number=""), name=ONE_NUMBER
            ),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="instrument_status"),
            models.CheckConstraint(condition=Q(booked_where__in=BookedWhere.values), name="instrument_booked_where"),
            models.CheckConstraint(
                condition=~Q(booked_where=BookedWhere.OWNER) | ~Q(booked_url=""), name="instrument_owner_has_url"
            ),
            models.CheckConstraint(
                condition=Q(acquired_by__in=["", *AcquiredBy.values]),
                name="instrument_acquired_by",
            ),
            models.CheckConstraint(condition=Q(country="") | Q(country__regex="^[A-Z]{2}$"), name="instrument_country"),
            models.CheckConstraint(
                condition=Q(original_value=None) | Q(original_value__gte=0), name="instrument_value_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(commissioned_on=None)
                | Q(decommissioned_on=None)
                | Q(commissioned_on__lte=F("decommissioned_on")),
                name="instrument_years_in_order",
            ),
            models.CheckConstraint(
                condition=Q(youth_use__in=["", *YouthUse.values], fit_for_youth=True) | Q(youth_use=""),
                name="instrument_youth_use",
            ),
            models.CheckConstraint(
                condition=Q(youth_age_from=None) | Q(youth_age_from__range=(3, 18)), name="instrument_youth_age"
            ),
            models.CheckConstraint(condition=Q(merged_into=None) | Q(status=Status.RETIRED), name="merged_is_retired"),
        ]
        indexes = [
            GinIndex(OpClass(F("search_document"), name="gin_trgm_ops"), name="instrument_search"),
            # Without its list of what is pending, which every search after an import would read to its end.
            GinIndex(fields=["search_vector"], name="instrument_words", fastupdate=False),
            GinIndex(
                OpClass(F("name_zh"), name="gin_trgm_ops"),
                OpClass(F("name_en"), name="gin_trgm_ops"),
                name="instrument_names",
            ),
            models.Index(Left("search_document", NAME_SORTS_BY), "id", name="instrument_by_name"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="organisation_of_facility",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("facility_id", "organisation_id"),
                func="""
                    SELECT organisation_id INTO NEW.organisation_id
                    FROM instruments_facility WHERE id = NEW.facility_id;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return str(self.name)

    def get_absolute_url(self) -> str:
        return reverse("instrument", args=[self.slug])

    @property
    def told_apart(self) -> str:
        """The name with what tells it from others of its kind."""
        return " · ".join(part for part in (str(self.name), self.model, self.inner_number, self.room) if part)


class Specification(models.Model):
    """One line of an instrument's data sheet: 分辨率 0.8 nm."""

    instrument = models.ForeignKey(Instrument, models.CASCADE, related_name="specifications")
    position = models.PositiveSmallIntegerField(default=0)
    name_zh = models.CharField(_("Chinese name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)
    value = models.CharField(_("value"), max_length=120)
    unit = models.CharField(_("unit"), max_length=20, blank=True)

    name = Bilingual("name")

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return f"{self.name} {self.value} {self.unit}".strip()


class BusyFeed(models.Model):
    """The iCal address under which an owner's own system says when an instrument is busy."""

    instrument = models.OneToOneField(Instrument, models.CASCADE, related_name="busy_feed")
    url = models.URLField(_("iCal address"), max_length=500)
    due_at = models.DateTimeField(default=timezone.now, db_index=True)
    read_at = models.DateTimeField(_("read"), null=True, blank=True)
    fault = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return self.url


class BusyTime(models.Model):
    """Time in which the owner's own system has the instrument busy, as it said when it was read."""

    feed = models.ForeignKey(BusyFeed, models.CASCADE, related_name="times")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="busy_time_not_empty")]
        indexes = [models.Index(fields=["feed", "starts_at"], name="busy_time_reads")]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M}"
