"""The shapes of what goes in and out."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from billing.states import PayWhen
from common.api import AwareDateTimeField, StrictSerializer
from notifications.models import Message
from orders.models import Enquiry, Offer, Order, Request, Result, Sample
from orders.states import (
    AnswerState,
    Delivery,
    OfferState,
    OrderState,
    Report,
    RequestState,
    SampleAfter,
    SampleForm,
    SampleState,
)

PAY_WHEN = [(each.value, each.label) for each in (PayWhen.AFTER_CONFIRMATION, PayWhen.BEFORE_RESULTS)]


class EnquirySerializer(serializers.Serializer[Enquiry]):
    id = serializers.UUIDField()
    facility = serializers.SlugField(source="facility.slug")
    state = serializers.ChoiceField(AnswerState.choices)
    note = serializers.CharField()
    due_on = serializers.DateField()


class RequestSerializer(serializers.Serializer[Request]):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(RequestState.choices)
    asked_by = serializers.CharField(source="asked_by.name")
    organisation = serializers.UUIDField(source="organisation_id", allow_null=True)
    group = serializers.UUIDField(source="group_id", allow_null=True)
    problem = serializers.CharField()
    wanted = serializers.CharField()
    test_item = serializers.SlugField(source="test_item.slug", allow_null=True, default=None)
    instrument = serializers.SlugField(source="instrument.slug", allow_null=True, default=None)
    sample_kind = serializers.CharField()
    sample_count = serializers.IntegerField(allow_null=True)
    sample_form = serializers.CharField()
    hazard = serializers.CharField()
    sample_after = serializers.ChoiceField(SampleAfter.choices)
    delivery = serializers.ChoiceField(Delivery.choices)
    wanted_on = serializers.DateField(allow_null=True)
    deadline = serializers.DateField(allow_null=True)
    report = serializers.ChoiceField(Report.choices)
    confidential = serializers.BooleanField()
    wants_subsidy = serializers.BooleanField()
    budget = serializers.DecimalField(12, 2, allow_null=True)
    submitted_at = AwareDateTimeField(allow_null=True)
    created_at = AwareDateTimeField()
    updated_at = AwareDateTimeField()
    version = serializers.IntegerField()


class OneRequestSerializer(RequestSerializer):
    """With the laboratories that were asked; a laboratory sees itself alone."""

    enquiries = EnquirySerializer(many=True)


class NewRequestSerializer(StrictSerializer):
    """A draft: `problem` is enough; `send/` puts it to laboratories."""

    problem = serializers.CharField(max_length=2000)
    organisation = serializers.UUIDField(required=False)
    group = serializers.UUIDField(required=False)
    test_item = serializers.SlugField(required=False)
    instrument = serializers.SlugField(required=False)
    wanted = serializers.CharField(max_length=500, required=False, allow_blank=True)
    sample_kind = serializers.CharField(max_length=200, required=False, allow_blank=True)
    sample_count = serializers.IntegerField(min_value=1, max_value=500, required=False)
    sample_form = serializers.ChoiceField(SampleForm.choices, required=False)
    hazard = serializers.CharField(max_length=300, required=False, allow_blank=True)
    sample_after = serializers.ChoiceField(SampleAfter.choices, required=False)
    delivery = serializers.ChoiceField(Delivery.choices, required=False)
    wanted_on = serializers.DateField(required=False)
    deadline = serializers.DateField(required=False)
    report = serializers.ChoiceField(Report.choices, required=False)
    confidential = serializers.BooleanField(required=False)
    wants_subsidy = serializers.BooleanField(required=False)
    budget = serializers.DecimalField(12, 2, min_value=0, required=False)
    contact = serializers.CharField(max_length=120, required=False, allow_blank=True)


class SendSerializer(StrictSerializer):
    facilities = serializers.ListField(
        child=serializers.SlugField(), max_length=20, required=False, help_text="slugs; empty: those that fit best"
    )


class LineSerializer(StrictSerializer):
    name_zh = serializers.CharField(max_length=120)
    name_en = serializers.CharField(max_length=160, required=False, allow_blank=True, default="")
    quantity = serializers.DecimalField(12, 3, default=1)
    unit = serializers.CharField(max_length=20, required=False, allow_blank=True, default="")
    unit_price = serializers.DecimalField(12, 2, help_text="CNY, VAT included")


class NewOfferSerializer(StrictSerializer):
    enquiry = serializers.UUIDField()
    lines = LineSerializer(many=True)
    results_by = serializers.DateField()
    standard = serializers.CharField(max_length=200, required=False, allow_blank=True)
    accreditation = serializers.CharField(max_length=200, required=False, allow_blank=True)
    leaves_out = serializers.CharField(max_length=500, required=False, allow_blank=True)
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True)
    pay_when = serializers.ChoiceField(PAY_WHEN, required=False)


class OfferSerializer(serializers.Serializer[Offer]):
    id = serializers.UUIDField()
    request = serializers.UUIDField(source="request_id")
    enquiry = serializers.UUIDField(source="enquiry_id")
    facility = serializers.SlugField(source="enquiry.facility.slug")
    number = serializers.IntegerField()
    state = serializers.ChoiceField(OfferState.choices)
    price = serializers.JSONField()
    to_pay = serializers.DecimalField(12, 2)
    currency = serializers.SerializerMethodField()
    results_by = serializers.DateField()
    standard = serializers.CharField()
    accreditation = serializers.CharField()
    leaves_out = serializers.CharField()
    note = serializers.CharField()
    pay_when = serializers.ChoiceField(PAY_WHEN)
    expires_at = AwareDateTimeField()
    agreement_sha256 = serializers.CharField()
    accepted_at = AwareDateTimeField(allow_null=True)
    created_at = AwareDateTimeField()

    def get_currency(self, offer: Offer) -> str:
        return str(offer.price.get("currency", "CNY"))


class SampleSerializer(serializers.Serializer[Sample]):
    id = serializers.UUIDField()
    order = serializers.UUIDField(source="order_id")
    number = serializers.IntegerField()
    name = serializers.CharField()
    state = serializers.ChoiceField(SampleState.choices)
    condition = serializers.CharField()
    external_ref = serializers.CharField()


class OrderSerializer(serializers.Serializer[Order]):
    id = serializers.UUIDField()
    code = serializers.CharField()
    facility = serializers.SlugField(source="facility.slug")
    request = serializers.UUIDField(source="request_id", allow_null=True)
    offer = serializers.UUIDField(source="offer_id", allow_null=True)
    test_item = serializers.SlugField(source="test_item.slug", allow_null=True, default=None)
    instrument = serializers.SlugField(source="instrument.slug", allow_null=True, default=None)
    ordered_by = serializers.CharField(source="ordered_by.name")
    organisation = serializers.UUIDField(source="organisation_id", allow_null=True)
    group = serializers.UUIDField(source="group_id", allow_null=True)
    state = serializers.ChoiceField(OrderState.choices)
    title = serializers.CharField()
    delivery = serializers.ChoiceField(Delivery.choices)
    courier = serializers.CharField()
    tracking = serializers.CharField()
    price = serializers.JSONField(allow_null=True)
    pay_when = serializers.ChoiceField(PAY_WHEN)
    results_by = serializers.DateField(allow_null=True)
    confirm_by = serializers.DateField(allow_null=True)
    charge = serializers.UUIDField(source="charge_id", allow_null=True)
    external_ref = serializers.CharField()
    created_at = AwareDateTimeField()
    updated_at = AwareDateTimeField()
    version = serializers.IntegerField()


class OneOrderSerializer(OrderSerializer):
    samples = SampleSerializer(many=True)


class NewOrderSerializer(StrictSerializer):
    """By a published price; for firms, and where none is published, see `requests/`."""

    test_item = serializers.SlugField(required=False)
    instrument = serializers.SlugField(required=False)
    samples = serializers.ListField(
        child=serializers.CharField(max_length=80, allow_blank=True), max_length=200, help_text="their names"
    )
    group = serializers.UUIDField(required=False)
    answers = serializers.DictField(child=serializers.JSONField(), required=False)
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True)
    hazard = serializers.CharField(max_length=300, required=False, allow_blank=True)
    delivery = serializers.ChoiceField(Delivery.choices, required=False)
    sample_after = serializers.ChoiceField(SampleAfter.choices, required=False)
    external_ref = serializers.CharField(max_length=80, required=False, allow_blank=True)


class ResultSerializer(serializers.Serializer[Result]):
    id = serializers.UUIDField()
    order = serializers.UUIDField(source="order_id")
    name = serializers.CharField()
    sha256 = serializers.CharField()
    size = serializers.IntegerField(source="file.size")
    media_type = serializers.CharField(source="file.media_type")
    external_ref = serializers.CharField()
    released_at = AwareDateTimeField(allow_null=True)
    created_at = AwareDateTimeField()


class NewResultSerializer(StrictSerializer):
    order = serializers.UUIDField()
    file = serializers.FileField(allow_empty_file=True)
    external_ref = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")


class NoBodySerializer(StrictSerializer):
    pass


class AcceptanceSerializer(StrictSerializer):
    at_full_price = serializers.BooleanField(
        default=False, help_text="without the scheme's share, when the scheme has been used up meanwhile"
    )


class OrderReasonSerializer(StrictSerializer):
    reason = serializers.CharField(max_length=1000)


class OrderOptionalReasonSerializer(StrictSerializer):
    reason = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")


class OrderQuestionSerializer(StrictSerializer):
    question = serializers.CharField(max_length=1000)


class ScheduleSerializer(StrictSerializer):
    results_by = serializers.DateField(required=False)
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")


class OrderNoteSerializer(StrictSerializer):
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")


class SettleSerializer(StrictSerializer):
    outcome = serializers.ChoiceField([("again", "again"), ("stands", "stands"), ("dropped", "dropped")])
    note = serializers.CharField(max_length=1000)


class ReceivedSerializer(StrictSerializer):
    sample = serializers.UUIDField()
    condition = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class ReceiveSerializer(StrictSerializer):
    samples = ReceivedSerializer(many=True)
    place = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")


class OrderMessageSerializer(serializers.Serializer[Message]):
    id = serializers.UUIDField()
    author = serializers.CharField(source="author.name", default="")
    text = serializers.CharField()
    created_at = AwareDateTimeField()


class NewOrderMessageSerializer(StrictSerializer):
    text = serializers.CharField(max_length=4000)


def plain(given: dict[str, Any], *apart: str) -> dict[str, Any]:
    """What was sent, without these."""
    return {name: value for name, value in given.items() if name not in apart}
