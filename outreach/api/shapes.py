"""The shapes of what goes in and out."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from common.api import AwareDateTimeField, StrictSerializer
from outreach.models import Child, Enrolment, ItineraryItem, Programme, Session
from outreach.states import (
    GRADES,
    RECORDED_BY_FINANCE,
    EnrolmentState,
    PaidHow,
    ProgrammeKind,
    Relation,
    SessionState,
)

CURRENCY = "CNY"
MONEY = {"max_digits": 8, "decimal_places": 2}
TOLD = ["includes", "excludes", "lodging", "meals", "meeting_point", "packing", "unsuitable", "insurance"]


class ProgrammeSerializer(serializers.Serializer[Programme]):
    id = serializers.UUIDField()
    slug = serializers.SlugField()
    kind = serializers.ChoiceField(ProgrammeKind.choices)
    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    summary_zh = serializers.CharField()
    summary_en = serializers.CharField()
    organisation = serializers.UUIDField(source="organisation_id")
    age_from = serializers.IntegerField(help_text="on the first day")
    age_to = serializers.IntegerField()
    grade_from = serializers.IntegerField(allow_null=True)
    grade_to = serializers.IntegerField(allow_null=True)
    fee = serializers.DecimalField(**MONEY, help_text="for each child, tax included")  # type: ignore[arg-type]
    currency = serializers.CharField(default=CURRENCY, read_only=True)


class ItinerarySerializer(serializers.Serializer[ItineraryItem]):
    day = serializers.IntegerField()
    starts = serializers.IntegerField(source="starts_minute", help_text="minutes after midnight")
    ends = serializers.IntegerField(source="ends_minute", help_text="minutes after midnight")
    title_zh = serializers.CharField()
    title_en = serializers.CharField()
    place_zh = serializers.CharField()
    place_en = serializers.CharField()


class StepSerializer(serializers.Serializer[Any]):
    days_before = serializers.IntegerField()
    percent = serializers.IntegerField()


class OneProgrammeSerializer(ProgrammeSerializer):
    """With all that parents are told."""

    about_zh = serializers.CharField()
    about_en = serializers.CharField()
    itinerary = ItinerarySerializer(many=True, source="itinerary.all")
    refund_table = StepSerializer(many=True)
    emergency_phone = serializers.CharField()
    filing_number = serializers.CharField()
    children_per_mentor = serializers.IntegerField()
    keep_days = serializers.IntegerField(help_text="days after a session until the children's data is erased")

    def get_fields(self) -> dict[str, Any]:
        told = {f"{name}_{language}": serializers.CharField() for name in TOLD for language in ("zh", "en")}
        return {**super().get_fields(), **told}


class SessionSerializer(serializers.Serializer[Session]):
    id = serializers.UUIDField()
    programme = serializers.SlugField(source="programme.slug")
    state = serializers.ChoiceField(SessionState.choices)
    start = AwareDateTimeField(source="starts_at")
    end = AwareDateTimeField(source="ends_at")
    places = serializers.IntegerField()
    places_left = serializers.IntegerField(help_text="0: whoever enrols is put on the waitlist")


class ChildSerializer(serializers.Serializer[Child]):
    id = serializers.UUIDField()
    initials = serializers.CharField()


class OneChildSerializer(ChildSerializer):
    """With what is sealed; only for a guardian, and for tokens with the scope `outreach`."""

    name = serializers.CharField()
    born = serializers.DateField()
    grade = serializers.IntegerField(allow_null=True)


class ContactSerializer(StrictSerializer):
    name = serializers.CharField(max_length=80)
    phone = serializers.CharField(max_length=40)


class NewChildSerializer(StrictSerializer):
    name = serializers.CharField(max_length=80)
    born = serializers.DateField()
    grade = serializers.IntegerField(min_value=GRADES[0], max_value=GRADES[-1], allow_null=True, default=None)
    relation = serializers.ChoiceField(Relation.choices)
    contacts = ContactSerializer(many=True, help_text="two people to call in an emergency")


class EnrolmentSerializer(serializers.Serializer[Enrolment]):
    id = serializers.UUIDField()
    session = serializers.UUIDField(source="session_id")
    programme = serializers.SlugField(source="session.programme.slug")
    child = ChildSerializer()
    state = serializers.ChoiceField(EnrolmentState.choices)
    place_in_line = serializers.IntegerField(help_text="the order in which they came")
    expires_at = AwareDateTimeField(allow_null=True, help_text="until when the guardian must accept, consent or pay")
    fee = serializers.DecimalField(**MONEY)  # type: ignore[arg-type]
    currency = serializers.CharField(default=CURRENCY, read_only=True)
    paid_at = AwareDateTimeField(allow_null=True)
    paid_how = serializers.ChoiceField(PaidHow.choices, allow_blank=True)
    refunded = serializers.DecimalField(**MONEY)  # type: ignore[arg-type]
    consent_version = serializers.IntegerField(
        source="consent.text.version", default=None, allow_null=True, help_text="the version that was consented to"
    )
    version = serializers.IntegerField()


class TextSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    version = serializers.IntegerField()
    text_zh = serializers.CharField()
    text_en = serializers.CharField()


class OneEnrolmentSerializer(EnrolmentSerializer):
    consent_text = TextSerializer(allow_null=True, help_text="what a guardian consents to today")


class NewEnrolmentSerializer(StrictSerializer):
    session = serializers.UUIDField()
    child = serializers.UUIDField()


class ConsentSerializer(StrictSerializer):
    text = serializers.UUIDField(help_text="the id of the current `consent_text`, which the guardian has read")
    agree = serializers.BooleanField(help_text="false: the guardian does not consent; the place goes to the next")


class PaySerializer(StrictSerializer):
    how = serializers.ChoiceField(
        [PaidHow.SIMULATOR, *RECORDED_BY_FINANCE],
        help_text="`simulator` by a guardian (moves no money); the others as finance saw it",
    )
    reference = serializers.CharField(max_length=80, default="", allow_blank=True)


class CancelPlaceSerializer(StrictSerializer):
    reason = serializers.CharField(max_length=500, default="", allow_blank=True)


class NoFieldsSerializer(StrictSerializer):
    """Nothing is sent."""
