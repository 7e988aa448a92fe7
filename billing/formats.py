"""The shape in which prices go out to programs, wherever they appear."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class PriceLineSerializer(serializers.Serializer[Any]):
    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    quantity = serializers.CharField()
    unit = serializers.CharField(help_text="a basis of `rates/`; empty for a fee")
    unit_price = serializers.CharField()
    amount = serializers.CharField()


class FactorSerializer(serializers.Serializer[Any]):
    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    factor = serializers.CharField()
    amount = serializers.CharField(help_text="what it adds to the list price, or takes from it")


class SchemeShareSerializer(serializers.Serializer[Any]):
    """The fund whose share is in a price."""

    id = serializers.UUIDField()
    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    share = serializers.CharField(help_text="percent")
    left = serializers.CharField(help_text="what was left in its pool")


class PriceSerializer(serializers.Serializer[Any]):
    """list price → factors → gross (net and VAT) → paid by a fund → to pay now → expected back, not promised.

    Amounts are text with two places; every one has VAT in it but `net`.
    """

    lines = PriceLineSerializer(many=True)
    list_price = serializers.CharField()
    category = serializers.CharField(help_text="the customer category; empty for a fee")
    factors = FactorSerializer(many=True)
    gross = serializers.CharField()
    net = serializers.CharField()
    vat = serializers.CharField()
    vat_rate = serializers.CharField(help_text="percent")
    covered = serializers.CharField(help_text="paid by the fund")
    scheme = SchemeShareSerializer(allow_null=True)
    to_pay = serializers.CharField()
    expected_back = serializers.CharField()
    currency = serializers.CharField()
