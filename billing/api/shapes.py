"""The shapes of what goes in and out; amounts are text with two places, in CNY."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from accounts.states import CustomerCategory
from billing.formats import PriceSerializer
from billing.models import Charge, ChargeObjection, FundCode, Rate, Scheme, Wallet, WalletLimit
from billing.states import (
    OF_PAYER,
    Basis,
    ChargeState,
    FundKind,
    LimitPeriod,
    ObjectionOutcome,
    SchemeMode,
    SettlementKind,
)
from common.api import AwareDateTimeField, StrictSerializer


def money(**more: Any) -> serializers.DecimalField:
    """An amount of money: two places, never below zero where it comes in."""
    return serializers.DecimalField(max_digits=14, decimal_places=2, **more)


class PeakSerializer(serializers.Serializer[Any]):
    weekdays = serializers.ListField(child=serializers.IntegerField(min_value=0, max_value=6), max_length=7)
    from_minute = serializers.IntegerField(min_value=0, max_value=1440, help_text="minutes after midnight")
    to_minute = serializers.IntegerField(min_value=0, max_value=1440)
    factor = serializers.DecimalField(max_digits=4, decimal_places=2, min_value=Decimal(0))


class RateSerializer(serializers.Serializer[Rate]):
    """What a unit costs a customer category from a day on, VAT included."""

    id = serializers.IntegerField()
    category = serializers.ChoiceField(CustomerCategory.choices)
    basis = serializers.ChoiceField(Basis.choices)
    begins = serializers.DateField()
    amount = money()
    minimum = serializers.DecimalField(max_digits=8, decimal_places=2)
    step = serializers.DecimalField(max_digits=8, decimal_places=2)
    peaks = PeakSerializer(many=True)
    currency = serializers.CharField(default="CNY")


class RatesSerializer(serializers.Serializer[Any]):
    """All that stand today, and those announced for later."""

    vat_rate = serializers.DecimalField(max_digits=5, decimal_places=2, help_text="percent, within the prices")
    standing = RateSerializer(many=True)
    coming = RateSerializer(many=True)


class NewRateSerializer(StrictSerializer):
    category = serializers.ChoiceField(CustomerCategory.choices)
    basis = serializers.ChoiceField(Basis.choices)
    begins = serializers.DateField(required=False, help_text="today or later; left out: today")
    amount = money(min_value=Decimal(0))
    minimum = serializers.DecimalField(max_digits=8, decimal_places=2, min_value=Decimal(0), default=Decimal(0))
    step = serializers.DecimalField(max_digits=8, decimal_places=2, min_value=Decimal(0), default=Decimal(0))
    peaks = PeakSerializer(many=True, required=False)


class WalletSerializer(serializers.Serializer[Wallet]):
    id = serializers.UUIDField()
    owner = serializers.CharField(source="name")
    kind = serializers.SerializerMethodField()
    balance = money()
    held = money()
    credit_line = money()
    free = money()
    currency = serializers.CharField()

    def get_kind(self, wallet: Wallet) -> str:
        """group, organisation or person"""
        return "group" if wallet.group_id else "organisation" if wallet.organisation_id else "person"


class LimitSerializer(serializers.Serializer[WalletLimit]):
    member = serializers.CharField(source="member.name")
    amount = money()
    period = serializers.ChoiceField(LimitPeriod.choices)


class NewLimitSerializer(StrictSerializer):
    member = serializers.EmailField()
    amount = money(allow_null=True, min_value=Decimal(0), help_text="null takes the limit away")
    period = serializers.ChoiceField(LimitPeriod.choices, default=LimitPeriod.MONTH)


class FundCodeSerializer(serializers.Serializer[FundCode]):
    id = serializers.UUIDField()
    code = serializers.CharField()
    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    kind = serializers.ChoiceField(FundKind.choices)
    institution = serializers.CharField(source="institution.name")
    holder = serializers.CharField(source="holder.name")
    until = serializers.DateField(allow_null=True)
    limit = money(allow_null=True)


class NewFundCodeSerializer(StrictSerializer):
    institution = serializers.UUIDField()
    code = serializers.CharField(max_length=60)
    name_zh = serializers.CharField(max_length=120, allow_blank=True, default="")
    name_en = serializers.CharField(max_length=160, allow_blank=True, default="")
    kind = serializers.ChoiceField(FundKind.choices, default=FundKind.VERTICAL)
    group = serializers.UUIDField(required=False, help_text="whose members may choose it")
    until = serializers.DateField(required=False, allow_null=True)
    limit = money(required=False, allow_null=True, min_value=Decimal(0))


class ObjectionSerializer(serializers.Serializer[ChargeObjection]):
    reason = serializers.CharField()
    made_at = AwareDateTimeField()
    outcome = serializers.ChoiceField([("", ""), *ObjectionOutcome.choices])
    answer = serializers.CharField()


class ChargeSerializer(serializers.Serializer[Charge]):
    id = serializers.UUIDField()
    seller = serializers.CharField(source="seller.name")
    wallet = serializers.UUIDField(source="wallet_id")
    payer = serializers.CharField(source="wallet.name")
    member = serializers.CharField(source="member.name", allow_null=True, default=None)
    fund_code = serializers.CharField(source="fund_code.code", allow_null=True, default=None)
    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    used_on = serializers.DateField()
    price = PriceSerializer()
    gross = money()
    net = money()
    vat = money()
    covered = money()
    to_pay = money()
    paid = money()
    refunded = money()
    currency = serializers.CharField()
    account = serializers.ChoiceField([(each.value, each.label) for each in OF_PAYER])
    settlement = serializers.ChoiceField(SettlementKind.choices)
    state = serializers.ChoiceField(ChargeState.choices)
    object_until = serializers.DateField()
    objection = ObjectionSerializer(allow_null=True, default=None)
    made_at = AwareDateTimeField()


class ChargeReasonSerializer(StrictSerializer):
    reason = serializers.CharField(max_length=1000)


class DecisionSerializer(StrictSerializer):
    upheld = serializers.BooleanField()
    answer = serializers.CharField(max_length=1000)
    refund = money(required=False, min_value=Decimal(0), help_text="of what is left; left out: all of it")


class SchemeSerializer(serializers.Serializer[Scheme]):
    id = serializers.UUIDField()
    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    fund = serializers.CharField(source="fund.name")
    mode = serializers.ChoiceField(SchemeMode.choices)
    begins = serializers.DateField()
    ends = serializers.DateField()
    for_categories = serializers.ListField(child=serializers.ChoiceField(CustomerCategory.choices))
    least_original_value = money()
    share = serializers.DecimalField(max_digits=5, decimal_places=2, help_text="percent")
    cap_per_order = money(allow_null=True)
    cap_per_year = money(allow_null=True)
    budget = money()
    left = money()
    currency = serializers.CharField(default="CNY")
