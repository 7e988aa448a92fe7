"""The shapes of what goes in and out: use, faults, trainings, calendars, openings."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from bookings.api.shapes import WindowSerializer
from bookings.models import Fault, Feed, Training, UsageRecord
from bookings.states import FeedKind, Severity, Source, TrainingLevel
from common.api import AwareDateTimeField, StrictSerializer
from common.rows import RowSerializer


class UsageSerializer(serializers.Serializer[UsageRecord]):
    id = serializers.UUIDField()
    instrument = serializers.SlugField(source="instrument.slug")
    booking = serializers.UUIDField(source="booking_id", allow_null=True)
    user = serializers.CharField(source="user.name", allow_null=True, default=None)
    user_name = serializers.CharField()
    group = serializers.UUIDField(source="group_id", allow_null=True)
    start = AwareDateTimeField(source="starts_at")
    end = AwareDateTimeField(source="ends_at", allow_null=True)
    samples = serializers.IntegerField(allow_null=True)
    source = serializers.ChoiceField(Source.choices)
    reason = serializers.CharField()
    note = serializers.CharField()
    problem = serializers.CharField()
    external_ref = serializers.CharField()


class NewUsageSerializer(StrictSerializer):
    """`end`, or a number of `minutes` after `start`."""

    instrument = serializers.SlugField(max_length=50)
    start = AwareDateTimeField()
    end = AwareDateTimeField(required=False)
    minutes = serializers.IntegerField(min_value=1, max_value=31 * 1440, required=False)
    booking = serializers.UUIDField(required=False)
    user = serializers.EmailField(required=False)
    user_name = serializers.CharField(max_length=80, default="", allow_blank=True)
    group = serializers.UUIDField(required=False, help_text="a research group of the instrument's institution")
    samples = serializers.IntegerField(min_value=0, max_value=100_000, required=False)
    source = serializers.ChoiceField([Source.DEVICE, Source.ENTERED], default=Source.ENTERED)
    reason = serializers.CharField(max_length=200, default="", allow_blank=True)
    note = serializers.CharField(max_length=500, default="", allow_blank=True)
    problem = serializers.CharField(max_length=500, default="", allow_blank=True)
    external_ref = serializers.CharField(max_length=80, default="", allow_blank=True)


class FaultSerializer(serializers.Serializer[Fault]):
    id = serializers.UUIDField()
    instrument = serializers.SlugField(source="instrument.slug")
    severity = serializers.ChoiceField(Severity.choices)
    text = serializers.CharField()
    closes_instrument = serializers.BooleanField()
    reported_at = AwareDateTimeField()
    mended_at = AwareDateTimeField(allow_null=True)
    remedy = serializers.CharField()


class NewFaultSerializer(StrictSerializer):
    instrument = serializers.SlugField(max_length=50)
    severity = serializers.ChoiceField(Severity.choices)
    text = serializers.CharField(max_length=1000)


class MendSerializer(StrictSerializer):
    remedy = serializers.CharField(max_length=1000)


class NewMaintenanceSerializer(StrictSerializer):
    instrument = serializers.SlugField(max_length=50)
    start = AwareDateTimeField()
    end = AwareDateTimeField()
    title = serializers.CharField(max_length=120, default="", allow_blank=True)


class TrainingSerializer(serializers.Serializer[Training]):
    id = serializers.IntegerField()
    user = serializers.CharField(source="user.name")
    instrument = serializers.SlugField(source="instrument.slug", allow_null=True, default=None)
    facility = serializers.SlugField(source="facility.slug", allow_null=True, default=None)
    organisation = serializers.UUIDField(source="organisation_id", allow_null=True)
    level = serializers.ChoiceField(TrainingLevel.choices)
    granted_at = AwareDateTimeField()
    expires_at = AwareDateTimeField(allow_null=True)


class NewTrainingSerializer(StrictSerializer):
    user = serializers.EmailField()
    instrument = serializers.SlugField(max_length=50)
    level = serializers.ChoiceField(TrainingLevel.choices, default=TrainingLevel.INDEPENDENT)
    until = AwareDateTimeField(required=False)


class FeedSerializer(serializers.Serializer[Feed]):
    id = serializers.UUIDField()
    kind = serializers.CharField(help_text="calendar, or wall: a board for a screen")
    instrument = serializers.SlugField(source="instrument.slug", allow_null=True, default=None)
    facility = serializers.SlugField(source="facility.slug", allow_null=True, default=None)
    created_at = AwareDateTimeField()
    revoked_at = AwareDateTimeField(allow_null=True)


class NewFeedSerializer(StrictSerializer):
    """Nothing: one's own bookings. Else one instrument or facility that one runs; of a facility also a wall board."""

    kind = serializers.ChoiceField(choices=FeedKind.choices, required=False)
    instrument = serializers.SlugField(max_length=50, required=False)
    facility = serializers.SlugField(max_length=50, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if {"instrument", "facility"} <= attrs.keys():
            raise serializers.ValidationError(_("Name an instrument or a facility, not both."))
        return attrs


class NewFeedAnswerSerializer(FeedSerializer):
    address = serializers.CharField(allow_null=True, help_text="with the secret in it; null where that is not wanted")
    plain_address = serializers.CharField(help_text="opens with user_name and password (HTTP Basic)")
    user_name = serializers.CharField()
    password = serializers.CharField()


class OpeningSerializer(RowSerializer):
    instrument = serializers.SlugField(source="instrument.slug")
    name = serializers.CharField(source="instrument.name")
    organisation = serializers.CharField(source="instrument.facility.organisation.name")
    start = AwareDateTimeField(source="interval.start")
    end = AwareDateTimeField(source="interval.end")
    how = serializers.CharField(help_text="exact, shifted, shorter or next_day")


class OpeningsSerializer(serializers.Serializer[Any]):
    results = OpeningSerializer(many=True)
    near_misses = OpeningSerializer(many=True)


class OpeningsQuerySerializer(WindowSerializer):
    """What is asked of `openings/`."""

    def get_fields(self) -> dict[str, Any]:
        text = {"required": False, "allow_blank": True, "default": "", "max_length": 100}
        named = {name: serializers.CharField(**text) for name in ("q", "category", "organisation", "technique")}
        minutes = serializers.IntegerField(min_value=5, max_value=30 * 1440, default=60)
        return {**super().get_fields(), "minutes": minutes, **named}


class HeldTimeSerializer(serializers.Serializer[Any]):
    instrument = serializers.SlugField()
    start = AwareDateTimeField()
    end = AwareDateTimeField()
    kind = serializers.CharField(help_text="mine, taken, pending or maintenance")
    booking = serializers.UUIDField(allow_null=True, help_text="where the caller may see it")
    user = serializers.CharField(allow_null=True)
    title = serializers.CharField(allow_null=True)


class CalendarSerializer(serializers.Serializer[Any]):
    events = HeldTimeSerializer(many=True)
