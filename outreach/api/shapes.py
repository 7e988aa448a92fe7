"""The shapes of what goes in and out."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from common.api import AwareDateTimeField, StrictSerializer
from outreach.forms.desk import COLUMNS
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


class NewStepSerializer(StrictSerializer):
    days_before = serializers.IntegerField(min_value=0, max_value=365)
    percent = serializers.IntegerField(min_value=0, max_value=100)


class NewItemSerializer(StrictSerializer):
    day = serializers.IntegerField(min_value=1, max_value=60, help_text="1: the first")
    starts = serializers.IntegerField(min_value=0, max_value=1439, help_text="minutes after midnight")
    ends = serializers.IntegerField(min_value=1, max_value=1440, help_text="minutes after midnight")
    title_zh = serializers.CharField(max_length=120)
    title_en = serializers.CharField(max_length=160, default="", allow_blank=True)
    place_zh = serializers.CharField(max_length=120, default="", allow_blank=True)
    place_en = serializers.CharField(max_length=160, default="", allow_blank=True)

    def to_internal_value(self, data: Any) -> Any:
        found = super().to_internal_value(data)
        minutes = {"starts_minute": found.pop("starts"), "ends_minute": found.pop("ends")}
        return {**found, **minutes}


class NewTextSerializer(StrictSerializer):
    text_zh = serializers.CharField(max_length=8000)
    text_en = serializers.CharField(max_length=8000, default="", allow_blank=True)


class NewProgrammeSerializer(StrictSerializer, serializers.ModelSerializer[Programme]):
    """What a coordinator says of a programme; the columns' own rules are the model's."""

    organisation = serializers.UUIDField(required=False, help_text="default: the first that the caller coordinates")
    refund_table = NewStepSerializer(many=True, required=False)
    itinerary = NewItemSerializer(many=True, required=False, help_text="instead of the one that is there")
    consent_text = NewTextSerializer(required=False, help_text="a new version of what guardians consent to")

    class Meta:
        model = Programme
        fields = ["organisation", *COLUMNS, "refund_table", "itinerary", "consent_text"]
        extra_kwargs: dict[str, Any] = {"slug": {"validators": []}}


class ChangedProgrammeSerializer(NewProgrammeSerializer):
    """The same, with what changes alone."""

    organisation = None

    class Meta(NewProgrammeSerializer.Meta):
        fields = [*COLUMNS, "refund_table", "itinerary", "consent_text"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, partial=True, **kwargs)


class NewSessionSerializer(StrictSerializer):
    programme = serializers.SlugField()
    start = AwareDateTimeField()
    end = AwareDateTimeField()
    places = serializers.IntegerField(min_value=1, max_value=500)


class LackSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField()


class SessionAtDeskSerializer(SessionSerializer):
    missing = LackSerializer(many=True, help_text="what it needs before it can be published, or is safe to hold")


class NeedSerializer(StrictSerializer):
    instrument = serializers.SlugField(help_text="or a room; fit for young people")
    start = AwareDateTimeField(required=False)
    end = AwareDateTimeField(required=False)


class MentorSerializer(StrictSerializer):
    email = serializers.EmailField()
    checked_on = serializers.DateField(allow_null=True, default=None, help_text="when the background was checked")


class SafetySerializer(StrictSerializer):
    day = serializers.DateField()
    name = serializers.CharField(max_length=80)
    phone = serializers.CharField(max_length=40)


class PlacesSerializer(StrictSerializer):
    places = serializers.IntegerField(min_value=1, max_value=500)


class CancelSessionSerializer(StrictSerializer):
    reason = serializers.CharField(max_length=500)
