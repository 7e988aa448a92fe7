"""The shapes of what goes in and out: bookings and how they are made."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from billing.formats import PriceSerializer
from bookings.rules.policy import DEFAULTS
from bookings.states import (
    ASKED_CHOICES,
    CancelledAs,
    ChangeKind,
    ChangeState,
    ChargeBasis,
    OperatorUse,
    Purpose,
    State,
)
from common.api import AwareDateTimeField, IntervalSerializer, StrictSerializer
from common.rows import RowSerializer


class AvailabilitySerializer(serializers.Serializer[Any]):
    free = IntervalSerializer(many=True)
    held = IntervalSerializer(many=True)


class WindowSerializer(StrictSerializer):
    """`from` and `to` of an address; `from` is a word of Python's, hence no class attributes."""

    def get_fields(self) -> dict[str, Any]:
        return {"from": AwareDateTimeField(), "to": AwareDateTimeField()}


class OpenSerializer(serializers.Serializer[Any]):
    weekday = serializers.IntegerField(help_text="0 is Monday")
    opens = serializers.IntegerField(help_text="minutes after midnight")
    closes = serializers.IntegerField(help_text="minutes after midnight")


class QuotaSerializer(serializers.Serializer[Any]):
    subject = serializers.CharField()
    measure = serializers.CharField()
    period = serializers.CharField()
    amount = serializers.IntegerField()
    whole_facility = serializers.BooleanField()


class PolicySerializer(serializers.Serializer[Any]):
    """How the caller may book: every field resolved for the caller's own customer category."""

    time_zone = serializers.CharField()
    category = serializers.CharField(help_text="the caller's customer category; empty for a visitor")
    hours = OpenSerializer(many=True)
    quotas = QuotaSerializer(many=True)
    in_words = serializers.ListField(child=serializers.CharField())
    unannounced_years = serializers.ListField(
        child=serializers.IntegerField(), help_text="years whose public holidays are not announced: weekdays assumed"
    )
    needs_training = serializers.BooleanField()

    def get_fields(self) -> dict[str, Any]:
        kinds = {bool: serializers.BooleanField, int: serializers.IntegerField}
        rules = {name: kinds[type(value)]() for name, value in DEFAULTS.items() if type(value) in kinds}
        chosen = {
            "operator": serializers.ChoiceField(OperatorUse.choices),
            "charge_basis": serializers.ChoiceField(ChargeBasis.choices),
        }
        return {**super().get_fields(), **rules, **chosen}


class AnswerSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    label_zh = serializers.CharField()
    label_en = serializers.CharField()
    answer_zh = serializers.CharField()
    answer_en = serializers.CharField()


class OverruledSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField()


class ChangeSerializer(RowSerializer):
    kind = serializers.ChoiceField(ChangeKind.choices)
    state = serializers.ChoiceField(ChangeState.choices)
    instrument = serializers.SlugField(source="instrument.slug")
    start = AwareDateTimeField(source="starts_at")
    end = AwareDateTimeField(source="ends_at")
    note = serializers.CharField()
    expires_at = AwareDateTimeField()


class BookingSerializer(RowSerializer):
    id = serializers.UUIDField()
    instrument = serializers.SlugField(source="instrument.slug")
    user = serializers.CharField(source="user.name")
    start = AwareDateTimeField(source="starts_at")
    end = AwareDateTimeField(source="ends_at")
    state = serializers.ChoiceField(State.choices)
    purpose = serializers.ChoiceField(Purpose.choices)
    title = serializers.CharField()
    answers = AnswerSerializer(many=True)
    group = serializers.UUIDField(source="group_id", allow_null=True)
    flexible_minutes = serializers.IntegerField()
    assisted = serializers.BooleanField()
    operator = serializers.CharField(source="operator.name", allow_null=True, default=None)
    question = serializers.CharField()
    reason = serializers.CharField()
    overruled = OverruledSerializer(many=True)
    overruled_because = serializers.CharField()
    cancelled_as = serializers.ChoiceField([("", ""), *CancelledAs.choices])
    external_ref = serializers.CharField()
    payer = serializers.UUIDField(source="payer_id", allow_null=True, help_text="the wallet; null: free of charge")
    fund_code = serializers.UUIDField(source="fund_code_id", allow_null=True)
    price = PriceSerializer(allow_null=True, help_text="as it was frozen when it was booked; null: not priced")
    charge = serializers.UUIDField(source="charge_id", allow_null=True)
    expires_at = AwareDateTimeField(allow_null=True)
    decided_at = AwareDateTimeField(allow_null=True)
    created_at = AwareDateTimeField()
    updated_at = AwareDateTimeField()
    version = serializers.IntegerField()


class OneBookingSerializer(BookingSerializer):
    """With the change that waits for an answer, if there is one."""

    change = ChangeSerializer(allow_null=True)


class SaidSerializer(StrictSerializer):
    """What a requester says beside the time; what is left out keeps its value or its default."""

    purpose = serializers.ChoiceField(ASKED_CHOICES, required=False)
    title = serializers.CharField(max_length=120, allow_blank=True, required=False)
    answers = serializers.DictField(child=serializers.JSONField(), required=False)
    group = serializers.UUIDField(required=False)
    flexible_minutes = serializers.IntegerField(min_value=0, max_value=1440, required=False)
    assisted = serializers.BooleanField(required=False)
    operator = serializers.UUIDField(required=False)
    external_ref = serializers.CharField(max_length=80, allow_blank=True, required=False)
    payer = serializers.UUIDField(required=False, help_text="a wallet of theirs; else their group's, firm's or own")
    fund_code = serializers.UUIDField(required=False, help_text="one of `fund-codes/`")


class NewBookingSerializer(SaidSerializer):
    instrument = serializers.SlugField(max_length=50)
    start = AwareDateTimeField()
    end = AwareDateTimeField()
    on_behalf_of = serializers.EmailField(required=False, help_text="whose booking it becomes: staff and PIs only")
    draft = serializers.BooleanField(default=False, help_text="hold the time for ten minutes")
    overrule_because = serializers.CharField(
        max_length=500, default="", allow_blank=True, help_text="staff: why soft objections are set aside"
    )


class MoveSerializer(StrictSerializer):
    start = AwareDateTimeField(required=False)
    end = AwareDateTimeField(required=False)
    note = serializers.CharField(max_length=500, default="", allow_blank=True)
    overrule_because = serializers.CharField(max_length=500, default="", allow_blank=True)


class ReasonSerializer(StrictSerializer):
    reason = serializers.CharField(max_length=500)


class OptionalReasonSerializer(StrictSerializer):
    reason = serializers.CharField(max_length=500, default="", allow_blank=True)


class ConfirmSerializer(StrictSerializer):
    """Empty confirms as asked; another time or instrument becomes an offer."""

    note = serializers.CharField(max_length=500, default="", allow_blank=True)
    start = AwareDateTimeField(required=False)
    end = AwareDateTimeField(required=False)
    instrument = serializers.SlugField(max_length=50, required=False)


class AskSerializer(StrictSerializer):
    question = serializers.CharField(max_length=1000)


class AnswerBackSerializer(StrictSerializer):
    text = serializers.CharField(max_length=4000)
    answers = serializers.DictField(child=serializers.JSONField(), required=False)


class AcceptSerializer(StrictSerializer):
    accept = serializers.BooleanField(default=True, help_text="false says no")
    reason = serializers.CharField(max_length=500, default="", allow_blank=True)


class CheckOutSerializer(StrictSerializer):
    samples = serializers.IntegerField(min_value=0, max_value=100_000, required=False)
    note = serializers.CharField(max_length=500, default="", allow_blank=True)
    problem = serializers.CharField(max_length=500, default="", allow_blank=True)


class ReassignSerializer(StrictSerializer):
    operator = serializers.UUIDField(required=False, help_text="left out: the freest")


class NothingSerializer(StrictSerializer):
    pass


class MessageSerializer(serializers.Serializer[Any]):
    author = serializers.CharField(source="author.name", allow_null=True, default=None)
    text = serializers.CharField()
    created_at = AwareDateTimeField()


class NewMessageSerializer(StrictSerializer):
    text = serializers.CharField(max_length=4000)
