"""What a laboratory tests for others: the second door (送样)."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Left
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.text import Bilingual
from instruments.models.facility import Facility
from instruments.models.instrument import Instrument, words
from instruments.querysets import NAME_SORTS_BY, TestItemQuerySet
from instruments.states import AccreditationScheme, PriceBasis


class TestItem(models.Model):
    """A test that a facility offers (检测项目): what it tells, by which standard, of what sample, how soon."""

    __test__ = False  # pytest would take the name for one of its own

    slug = models.SlugField(unique=True)
    facility = models.ForeignKey(Facility, models.PROTECT, related_name="test_items")
    instruments = models.ManyToManyField(Instrument, related_name="test_items", blank=True)
    name_zh = models.CharField(_("Chinese name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=160, blank=True)
    purpose_zh = models.TextField(_("what it tells, in plain words (Chinese)"), max_length=2000)
    purpose_en = models.TextField(_("what it tells, in plain words (English)"), max_length=2000, blank=True)
    standards = words(_("standards"))
    keywords = words(_("keywords"))
    techniques = words(_("techniques"))
    materials = words(_("materials"))
    sample_form_zh = models.CharField(_("form of the sample (Chinese)"), max_length=300, blank=True)
    sample_form_en = models.CharField(_("form of the sample (English)"), max_length=300, blank=True)
    sample_amount_zh = models.CharField(_("amount (Chinese)"), max_length=120, blank=True)
    sample_amount_en = models.CharField(_("amount (English)"), max_length=120, blank=True)
    sample_count = models.PositiveSmallIntegerField(_("pieces needed"), null=True, blank=True)
    turnaround_days = models.PositiveSmallIntegerField(_("turnaround (working days)"), null=True, blank=True)
    price_basis = models.CharField(_("priced by"), max_length=10, choices=PriceBasis.choices, default=PriceBasis.SAMPLE)
    questions = models.JSONField(
        default=list, blank=True, help_text="what a requester is asked; the shape is `instruments.rules.Question`"
    )
    is_offered = models.BooleanField(_("offered"), default=True)
    confirmed_at = models.DateTimeField(_("record confirmed"), null=True, blank=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    search_document = models.TextField(blank=True, editable=False)
    search_vector = SearchVectorField(null=True, editable=False)
    indexed_under = models.CharField(max_length=32, blank=True, editable=False, help_text="MD5 of `names_around`")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    name = Bilingual("name")
    purpose = Bilingual("purpose")
    sample_form = Bilingual("sample_form")
    sample_amount = Bilingual("sample_amount")
    objects = TestItemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(price_basis__in=PriceBasis.values), name="test_item_price_basis"),
            models.CheckConstraint(
                condition=Q(sample_count=None) | Q(sample_count__gte=1), name="test_item_sample_count"
            ),
            models.CheckConstraint(
                condition=Q(turnaround_days=None) | Q(turnaround_days__range=(1, 365)), name="test_item_turnaround"
            ),
        ]
        indexes = [
            GinIndex(OpClass(F("search_document"), name="gin_trgm_ops"), name="test_item_search"),
            # Without its list of what is pending, which every search after an import would read to its end.
            GinIndex(fields=["search_vector"], name="test_item_words", fastupdate=False),
            GinIndex(
                OpClass(F("name_zh"), name="gin_trgm_ops"),
                OpClass(F("name_en"), name="gin_trgm_ops"),
                name="test_item_names",
            ),
            models.Index(Left("search_document", NAME_SORTS_BY), "id", name="test_item_by_name"),
        ]

    def __str__(self) -> str:
        return str(self.name)

    def get_absolute_url(self) -> str:
        return reverse("test_item", args=[self.slug])


class Accreditation(models.Model):
    """That a test is accredited: by which scheme, with which certificate, for what, until when."""

    test_item = models.ForeignKey(TestItem, models.CASCADE, related_name="accreditations")
    scheme = models.CharField(_("scheme"), max_length=4, choices=AccreditationScheme.choices)
    certificate = models.CharField(_("certificate number"), max_length=60)
    scope = models.CharField(_("scope"), max_length=300, blank=True)
    until = models.DateField(_("valid until"), null=True, blank=True)

    class Meta:
        ordering = ["scheme", "certificate"]
        constraints = [
            models.UniqueConstraint(fields=["test_item", "scheme", "certificate"], name="accreditation_once"),
            models.CheckConstraint(condition=Q(scheme__in=AccreditationScheme.values), name="accreditation_scheme"),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} {self.certificate}"
