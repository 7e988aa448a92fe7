"""What is offered to young people, and what their parents are told of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from common.ids import new_id
from common.text import Bilingual
from instruments.models import Facility
from outreach.querysets import ProgrammeQuerySet
from outreach.states import GRADES, ProgrammeKind


def long_text(name: Any) -> models.TextField[Any, Any]:
    return models.TextField(name, blank=True, max_length=4000)


class Programme(models.Model):
    """A course, a camp, an open day: described once, held as sessions.

    The fields are what 教基一〔2016〕8号 wants parents to be told. The refund table is a list of
    {days_before, percent}: who cancels at least so many days before the first day gets so much of the fee back.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="programmes")
    facility = models.ForeignKey(
        Facility, models.PROTECT, null=True, blank=True, related_name="programmes", verbose_name=_("laboratory")
    )
    slug = models.SlugField(_("address (letters, digits and hyphens)"), unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=ProgrammeKind.choices)
    name_zh = models.CharField(_("Chinese name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=160, blank=True)
    summary_zh = models.CharField(_("in one sentence (Chinese)"), max_length=200, blank=True)
    summary_en = models.CharField(_("in one sentence (English)"), max_length=240, blank=True)
    about_zh = long_text(_("what happens there (Chinese)"))
    about_en = long_text(_("what happens there (English)"))
    fee = models.DecimalField(_("fee for each child (CNY, tax included)"), max_digits=8, decimal_places=2, default=0)
    includes_zh = long_text(_("included in the fee (Chinese)"))
    includes_en = long_text(_("included in the fee (English)"))
    excludes_zh = long_text(_("not included (Chinese)"))
    excludes_en = long_text(_("not included (English)"))
    age_from = models.PositiveSmallIntegerField(_("from the age of, on the first day"))
    age_to = models.PositiveSmallIntegerField(_("to the age of"))
    grade_from = models.PositiveSmallIntegerField(_("from grade"), null=True, blank=True)
    grade_to = models.PositiveSmallIntegerField(_("to grade"), null=True, blank=True)
    lodging_zh = models.CharField(_("lodging (Chinese)"), max_length=300, blank=True)
    lodging_en = models.CharField(_("lodging (English)"), max_length=300, blank=True)
    meals_zh = models.CharField(_("meals (Chinese)"), max_length=300, blank=True)
    meals_en = models.CharField(_("meals (English)"), max_length=300, blank=True)
    meeting_point_zh = models.CharField(_("meeting point (Chinese)"), max_length=300, blank=True)
    meeting_point_en = models.CharField(_("meeting point (English)"), max_length=300, blank=True)
    packing_zh = long_text(_("what to bring (Chinese)"))
    packing_en = long_text(_("what to bring (English)"))
    unsuitable_zh = long_text(_("for whom it is not suitable (Chinese)"))
    unsuitable_en = long_text(_("for whom it is not suitable (English)"))
    insurance_zh = models.CharField(_("insurance (Chinese)"), max_length=300, blank=True)
    insurance_en = models.CharField(_("insurance (English)"), max_length=300, blank=True)
    filing_number = models.CharField(_("filing number with the education authority"), max_length=60, blank=True)
    emergency_phone = models.CharField(_("emergency phone during the programme"), max_length=40, blank=True)
    refund_table = models.JSONField(default=list, blank=True, help_text="[{days_before, percent}]")
    children_per_mentor = models.PositiveSmallIntegerField(_("children for each mentor, at most"), default=15)
    offer_hours = models.PositiveSmallIntegerField(_("hours to accept an offered place and to consent"), default=14)
    pay_hours = models.PositiveSmallIntegerField(_("hours to pay"), default=42)
    keep_days = models.PositiveSmallIntegerField(
        _("days after a session until the children's data is erased"), default=90
    )
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    name = Bilingual("name")
    summary = Bilingual("summary")
    about = Bilingual("about")
    includes = Bilingual("includes")
    excludes = Bilingual("excludes")
    lodging = Bilingual("lodging")
    meals = Bilingual("meals")
    meeting_point = Bilingual("meeting_point")
    packing = Bilingual("packing")
    unsuitable = Bilingual("unsuitable")
    insurance = Bilingual("insurance")
    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ProgrammeKind.values), name="programme_kind"),
            models.CheckConstraint(
                condition=Q(age_from__gte=3, age_to__lte=19, age_from__lte=F("age_to")), name="programme_ages"
            ),
            models.CheckConstraint(
                condition=Q(grade_from=None) | Q(grade_from__range=(GRADES[0], GRADES[-1])), name="programme_grade_from"
            ),
            models.CheckConstraint(
                condition=Q(grade_to=None) | Q(grade_to__range=(GRADES[0], GRADES[-1])), name="programme_grade_to"
            ),
            models.CheckConstraint(condition=Q(fee__gte=Decimal(0)), name="programme_fee_not_negative"),
            models.CheckConstraint(condition=Q(children_per_mentor__range=(1, 15)), name="programme_ratio"),
            models.CheckConstraint(condition=Q(offer_hours__range=(1, 140)), name="programme_offer_hours"),
            models.CheckConstraint(condition=Q(pay_hours__range=(1, 140)), name="programme_pay_hours"),
            models.CheckConstraint(condition=Q(keep_days__range=(1, 366)), name="programme_keep_days"),
        ]
        indexes = [models.Index(fields=["-created_at", "-id"], name="programme_pages")]

    def __str__(self) -> str:
        return str(self.name)

    def get_absolute_url(self) -> str:
        return reverse("programme", args=[self.slug])


class ItineraryItem(models.Model):
    """One thing that happens: on which day of the programme, from when to when, where."""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="itinerary")
    day = models.PositiveSmallIntegerField(_("day"), default=1)
    starts_minute = models.PositiveSmallIntegerField(help_text="minutes after midnight")
    ends_minute = models.PositiveSmallIntegerField()
    title_zh = models.CharField(_("what (Chinese)"), max_length=120)
    title_en = models.CharField(_("what (English)"), max_length=160, blank=True)
    place_zh = models.CharField(_("where (Chinese)"), max_length=120, blank=True)
    place_en = models.CharField(_("where (English)"), max_length=160, blank=True)

    title = Bilingual("title")
    place = Bilingual("place")

    class Meta:
        ordering = ["day", "starts_minute", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_minute__lt=F("ends_minute"), ends_minute__lte=1440), name="itinerary_in_order"
            ),
            models.CheckConstraint(condition=Q(day__range=(1, 31)), name="itinerary_day"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.title}"


class ConsentText(models.Model):
    """What a guardian of a child consents to, word for word; a change is a new version, and asks anew."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    programme = models.ForeignKey(Programme, models.CASCADE, related_name="consent_texts")
    version = models.PositiveSmallIntegerField()
    text_zh = models.TextField(_("consent and code of conduct (Chinese)"), max_length=8000)
    text_en = models.TextField(_("consent and code of conduct (English)"), max_length=8000, blank=True)
    published_at = models.DateTimeField(default=timezone.now)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    text = Bilingual("text")

    class Meta:
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["programme", "version"], name="consent_text_version_once")]

    def __str__(self) -> str:
        return f"{self.programme} v{self.version}"
