"""How time may be booked: rows of a facility and of its instruments, for everybody or for one customer category."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.states import CustomerCategory
from bookings.models.owner import ONE_OWNER, OfFacilityOrInstrument
from bookings.states import ChargeBasis, Measure, OperatorUse, Period, Subject, TrainingLevel

STEPS = [5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440]
LONGEST = 30 * 1440
WHAT_COUNTS = ["category", "subject", "measure", "period"]
NO_LIMIT = _("0: no limit")


def up_to(greatest: int, least: int = 0) -> list[MinValueValidator | MaxValueValidator]:
    """Bounds that are checked where a number is entered; the database has them too."""
    return [MinValueValidator(least), MaxValueValidator(greatest)]


class Policy(OfFacilityOrInstrument):
    """One row of rules. A field that is empty is inherited: see `bookings.rules.policy.resolved`.

    The row with an empty `category` is for everybody; another one is for that customer category alone.
    """

    category = models.CharField(_("for"), max_length=16, choices=CustomerCategory.choices, blank=True)
    step_minutes = models.PositiveSmallIntegerField(
        _("step (min)"), null=True, blank=True, choices=[(step, str(step)) for step in STEPS]
    )
    shortest_minutes = models.PositiveIntegerField(
        _("shortest booking (min)"), null=True, blank=True, validators=up_to(LONGEST, 5)
    )
    longest_minutes = models.PositiveIntegerField(
        _("longest booking (min)"), null=True, blank=True, validators=up_to(LONGEST, 5)
    )
    lead_minutes = models.PositiveIntegerField(_("lead time (min)"), null=True, blank=True, validators=up_to(90 * 1440))
    horizon_days = models.PositiveSmallIntegerField(
        _("horizon (days)"), null=True, blank=True, validators=up_to(730, 1)
    )
    buffer_before_minutes = models.PositiveSmallIntegerField(
        _("buffer before (min)"), null=True, blank=True, validators=up_to(720)
    )
    buffer_after_minutes = models.PositiveSmallIntegerField(
        _("buffer after (min)"), null=True, blank=True, validators=up_to(720)
    )
    needs_approval = models.BooleanField(_("needs approval"), null=True, blank=True)
    approval_over_minutes = models.PositiveIntegerField(
        _("approval when longer than (min)"), null=True, blank=True, validators=up_to(LONGEST), help_text=NO_LIMIT
    )
    approval_before_minute = models.PositiveSmallIntegerField(
        _("approval when it begins before (minutes after midnight)"), null=True, blank=True, validators=up_to(1440)
    )
    approval_after_minute = models.PositiveSmallIntegerField(
        _("approval when it ends after (minutes after midnight)"), null=True, blank=True, validators=up_to(1440)
    )
    decide_within_hours = models.PositiveSmallIntegerField(
        _("requests wait for (h)"), null=True, blank=True, validators=up_to(720), help_text=_("0: until they begin")
    )
    training_level = models.PositiveSmallIntegerField(
        _("training"), null=True, blank=True, choices=TrainingLevel.choices
    )
    max_coming = models.PositiveSmallIntegerField(
        _("coming bookings at once"), null=True, blank=True, validators=up_to(500), help_text=NO_LIMIT
    )
    cancel_deadline_minutes = models.PositiveIntegerField(
        _("free cancellation until (min before)"), null=True, blank=True, validators=up_to(30 * 1440)
    )
    asks_check_in = models.BooleanField(_("asks for check-in"), null=True, blank=True)
    grace_minutes = models.PositiveSmallIntegerField(
        _("no-show after (min)"), null=True, blank=True, validators=up_to(720, 5)
    )
    operator = models.CharField(_("operator"), max_length=8, choices=OperatorUse.choices, blank=True)
    staff_only = models.BooleanField(_("only the laboratory books"), null=True, blank=True)
    open_on_holidays = models.BooleanField(_("open on public holidays"), null=True, blank=True)
    shows_names = models.BooleanField(_("names show in the calendar"), null=True, blank=True)
    allows_hand_over = models.BooleanField(_("may be handed over"), null=True, blank=True)
    asks_feedback = models.BooleanField(_("asks for feedback"), null=True, blank=True)
    charge_basis = models.CharField(
        _("charged by"), max_length=8, choices=ChargeBasis.choices, blank=True, db_default=""
    )
    late_fee_percent = models.PositiveSmallIntegerField(
        _("fee for cancelling late (percent of the price)"), null=True, blank=True, validators=up_to(100)
    )
    no_show_percent = models.PositiveSmallIntegerField(
        _("fee for not coming (percent of the price)"), null=True, blank=True, validators=up_to(100)
    )

    class Meta:
        verbose_name_plural = "policies"
        constraints = [
            models.UniqueConstraint(
                fields=["facility", "category"], condition=Q(instrument=None), name="policy_once_per_facility"
            ),
            models.UniqueConstraint(
                fields=["instrument", "category"], condition=Q(facility=None), name="policy_once_per_instrument"
            ),
            models.CheckConstraint(condition=ONE_OWNER, name="policy_one_owner"),
            models.CheckConstraint(condition=Q(step_minutes__in=STEPS), name="policy_step_divides_a_day"),
            models.CheckConstraint(
                condition=Q(shortest_minutes__gte=F("step_minutes")) & Q(longest_minutes__gte=F("shortest_minutes")),
                name="policy_lengths",
                violation_error_message=_(
                    "The step is at most the shortest booking, and the shortest at most the longest."
                ),
            ),
            models.CheckConstraint(condition=Q(longest_minutes__lte=LONGEST), name="policy_longest"),
            models.CheckConstraint(condition=Q(horizon_days__range=(1, 730)), name="policy_horizon"),
            models.CheckConstraint(
                condition=Q(buffer_before_minutes__lte=720, buffer_after_minutes__lte=720), name="policy_buffers"
            ),
            models.CheckConstraint(condition=Q(grace_minutes__range=(5, 720)), name="policy_grace"),
            models.CheckConstraint(condition=Q(training_level__in=TrainingLevel.values), name="policy_training_level"),
            models.CheckConstraint(
                condition=Q(late_fee_percent__lte=100, no_show_percent__lte=100), name="policy_fees"
            ),
            models.CheckConstraint(condition=Q(charge_basis__in=["", *ChargeBasis.values]), name="policy_charge_basis"),
        ]

    def __str__(self) -> str:
        return f"{self.owner} {self.category}".strip()


class Quota(OfFacilityOrInstrument):
    """At most `amount` hours or bookings in a day, week or month, for a person or a research group.

    A facility's quota counts all its instruments together; all quotas that apply must hold.
    """

    category = models.CharField(_("for"), max_length=16, choices=CustomerCategory.choices, blank=True)
    subject = models.CharField(_("each"), max_length=8, choices=Subject.choices)
    measure = models.CharField(_("counted in"), max_length=8, choices=Measure.choices)
    period = models.CharField(_("per"), max_length=8, choices=Period.choices)
    amount = models.PositiveSmallIntegerField(_("at most"), validators=up_to(2000, 1))

    class Meta:
        constraints = [
            models.CheckConstraint(condition=ONE_OWNER, name="quota_one_owner"),
            models.CheckConstraint(condition=Q(amount__range=(1, 2000)), name="quota_amount"),
            models.UniqueConstraint(fields=["facility", *WHAT_COUNTS], name="quota_once_per_facility"),
            models.UniqueConstraint(fields=["instrument", *WHAT_COUNTS], name="quota_once_per_instrument"),
        ]

    def __str__(self) -> str:
        return f"{self.owner}: {self.amount} {self.measure} / {self.period}"
