"""Who was shown how: trainings, what must be shown, and who asks to be shown."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.lookups import IsNull
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from bookings.querysets import TrainingQuerySet, TrainingRequestQuerySet
from bookings.states import RequestState, TrainingLevel
from common.ids import new_id
from common.text import Bilingual
from instruments.models import Facility, Instrument

NO_PLACE = Q(instrument=None, facility=None, organisation=None)
AT_MOST_ONE_PLACE = (
    Q(facility=None, organisation=None) | Q(instrument=None, organisation=None) | Q(instrument=None, facility=None)
)


class Training(models.Model):
    """That a person was trained: for one instrument, a facility, an institution, or (none named) the whole city."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="trainings")
    instrument = models.ForeignKey(Instrument, models.CASCADE, null=True, blank=True, related_name="trainings")
    facility = models.ForeignKey(Facility, models.CASCADE, null=True, blank=True, related_name="trainings")
    organisation = models.ForeignKey(Organisation, models.CASCADE, null=True, blank=True, related_name="trainings")
    level = models.PositiveSmallIntegerField(
        _("level"), choices=TrainingLevel.choices, default=TrainingLevel.INDEPENDENT, db_default=2
    )
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    granted_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(_("valid until"), null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)

    objects = TrainingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "instrument"], name="training_once"),
            models.UniqueConstraint(fields=["user", "facility"], name="training_once_per_facility"),
            models.UniqueConstraint(fields=["user", "organisation"], name="training_once_per_organisation"),
            models.UniqueConstraint(fields=["user"], condition=NO_PLACE, name="training_once_for_the_city"),
            models.CheckConstraint(condition=AT_MOST_ONE_PLACE, name="training_at_most_one_place"),
            models.CheckConstraint(condition=Q(level__in=[1, 2, 3]), name="training_level"),
        ]
        indexes = [models.Index(fields=["expires_at"], condition=Q(reminded_at=None), name="training_to_remind")]

    def __str__(self) -> str:
        return f"{self.user} · {self.place or _('the whole city')}"

    def get_absolute_url(self) -> str:
        return reverse("my_trainings")

    @property
    def place(self) -> Instrument | Facility | Organisation | None:
        return self.instrument or self.facility or self.organisation


class TrainingNeed(models.Model):
    """That everybody needs a training first: at a facility, an institution, or (none named) in the whole city.

    What one instrument asks for is in its policy.
    """

    facility = models.OneToOneField(Facility, models.CASCADE, null=True, blank=True, related_name="training_need")
    organisation = models.OneToOneField(
        Organisation, models.CASCADE, null=True, blank=True, related_name="training_need"
    )
    name_zh = models.CharField(_("Chinese name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)
    level = models.PositiveSmallIntegerField(
        _("level"), choices=TrainingLevel.choices, default=TrainingLevel.INTRODUCED
    )
    valid_days = models.PositiveSmallIntegerField(
        _("valid for (days)"), null=True, blank=True, validators=[MaxValueValidator(3660)]
    )

    name = Bilingual("name")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(facility=None) | Q(organisation=None), name="training_need_one_place"),
            models.UniqueConstraint(
                IsNull(F("facility"), True),  # noqa: FBT003 (Django's own lookup)
                condition=Q(facility=None, organisation=None),
                name="training_need_once_for_the_city",
            ),
        ]

    def __str__(self) -> str:
        return str(self.name)


class TrainingRequest(models.Model):
    """That somebody wants to be trained on an instrument."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="training_requests")
    instrument = models.ForeignKey(Instrument, models.CASCADE, related_name="training_requests")
    note = models.CharField(_("what you want to do, and when you could come"), max_length=500, blank=True)
    state = models.CharField(max_length=8, choices=RequestState.choices, default=RequestState.WAITING)
    reason = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = TrainingRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "instrument"], condition=Q(state="waiting"), name="training_asked_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.instrument}"

    def get_absolute_url(self) -> str:
        return reverse("facility_training", args=[self.instrument.facility.slug])
