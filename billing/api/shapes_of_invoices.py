"""The shapes of invoices, payments, credit notes and fapiao; amounts are text with two places, in CNY."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from billing.api.shapes import money
from billing.models import CreditNote, FapiaoRequest, Invoice, InvoiceLine, InvoiceRun, Payment
from billing.states import FapiaoKind, FapiaoState, InvoiceState, LineState, PaymentKind, RunState, SettlementKind
from common.api import AwareDateTimeField, StrictSerializer

BY_HAND = [kind for kind in PaymentKind if kind not in {PaymentKind.PREPAID, PaymentKind.SIMULATOR}]


class InvoiceSerializer(serializers.Serializer[Invoice]):
    """An invoice (结算单); it is no fapiao. `number` is empty while it is a draft."""

    id = serializers.UUIDField()
    number = serializers.CharField(source="label")
    reference = serializers.CharField(help_text="what the payer writes on the transfer")
    seller = serializers.UUIDField(source="seller_id")
    wallet = serializers.UUIDField(source="wallet_id")
    payer = serializers.CharField(source="wallet.name")
    run = serializers.UUIDField(source="run_id", allow_null=True)
    replaces = serializers.UUIDField(source="replaces_id", allow_null=True)
    fund_code = serializers.CharField(source="fund_code.code", default="")
    settlement = serializers.ChoiceField(SettlementKind.choices)
    state = serializers.ChoiceField(InvoiceState.choices)
    from_day = serializers.DateField()
    to_day = serializers.DateField()
    issued_on = serializers.DateField(allow_null=True)
    due_on = serializers.DateField(allow_null=True)
    currency = serializers.CharField()
    net = money()
    vat = money()
    gross = money()
    covered = money(help_text="paid by funds")
    to_pay = money()
    paid = money()
    credited = money()
    open = money(source="open_amount")
    voucher = serializers.CharField()
    version = serializers.IntegerField()


class InvoiceLineSerializer(serializers.Serializer[InvoiceLine]):
    position = serializers.IntegerField()
    charge = serializers.UUIDField(source="charge_id")
    state = serializers.ChoiceField(LineState.choices)
    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    used_on = serializers.DateField()
    fund_code = serializers.CharField()
    vat_rate = serializers.DecimalField(max_digits=5, decimal_places=2)
    net = money()
    vat = money()
    gross = money()
    covered = money()
    to_pay = money()


class OneInvoiceSerializer(InvoiceSerializer):
    lines = InvoiceLineSerializer(many=True)


class RunSerializer(serializers.Serializer[InvoiceRun]):
    """All invoices of an institution for a month; `job` says how far the worker is (`jobs/<id>/`)."""

    id = serializers.UUIDField()
    seller = serializers.UUIDField(source="seller_id")
    month = serializers.DateField(help_text="its first day")
    state = serializers.ChoiceField(RunState.choices)
    job = serializers.UUIDField(source="job_id", allow_null=True)
    drafted_at = AwareDateTimeField(allow_null=True)
    issued_at = AwareDateTimeField(allow_null=True)
    problems = serializers.ListField(child=serializers.DictField())


class NewRunSerializer(StrictSerializer):
    seller = serializers.UUIDField()
    month = serializers.DateField(help_text="any day of it")


class PaymentSerializer(serializers.Serializer[Payment]):
    """Money that came in. Without invoice, charge and wallet it is unclaimed."""

    id = serializers.UUIDField()
    seller = serializers.UUIDField(source="seller_id")
    invoice = serializers.UUIDField(source="invoice_id", allow_null=True)
    charge = serializers.UUIDField(source="charge_id", allow_null=True)
    wallet = serializers.UUIDField(source="wallet_id", allow_null=True)
    kind = serializers.ChoiceField(PaymentKind.choices)
    currency = serializers.CharField()
    amount = money()
    paid_on = serializers.DateField()
    reference = serializers.CharField()
    bank_ref = serializers.CharField()
    payer_words = serializers.CharField()
    made_at = AwareDateTimeField()


class NewPaymentSerializer(StrictSerializer):
    """`invoice`, or a payment reference somewhere in `reference`; with neither it is kept as unclaimed."""

    seller = serializers.UUIDField()
    amount = money(min_value=Decimal("0.01"))
    paid_on = serializers.DateField(required=False, help_text="left out: today")
    kind = serializers.ChoiceField([(each.value, each.label) for each in BY_HAND], default=PaymentKind.TRANSFER)
    reference = serializers.CharField(max_length=120, default="", allow_blank=True)
    bank_ref = serializers.CharField(max_length=80, default="", allow_blank=True, help_text="counts once a seller")
    payer_words = serializers.CharField(max_length=200, default="", allow_blank=True)
    invoice = serializers.UUIDField(required=False)


class MatchSerializer(StrictSerializer):
    invoice = serializers.UUIDField()


class VoucherSerializer(StrictSerializer):
    voucher = serializers.CharField(max_length=60)


class CreditedLineSerializer(StrictSerializer):
    position = serializers.IntegerField(min_value=1, max_value=1_000_000)
    amount = money(min_value=Decimal("0.01"))


class NewCreditSerializer(StrictSerializer):
    reason = serializers.CharField(max_length=500)
    lines = CreditedLineSerializer(many=True, required=False, help_text="left out: all that is left of the invoice")


class CreditNoteSerializer(serializers.Serializer[CreditNote]):
    id = serializers.UUIDField()
    number = serializers.CharField(source="label")
    invoice = serializers.UUIDField(source="invoice_id")
    seller = serializers.UUIDField(source="seller_id")
    lines = serializers.ListField(child=serializers.DictField())
    net = money()
    vat = money()
    gross = money()
    to_pay = money()
    reason = serializers.CharField()
    made_at = AwareDateTimeField()


class FapiaoSerializer(serializers.Serializer[FapiaoRequest]):
    """What is wanted on a fapiao, and the number that the tax system gave."""

    id = serializers.UUIDField()
    invoice = serializers.UUIDField(source="invoice_id")
    kind = serializers.ChoiceField(FapiaoKind.choices)
    title = serializers.CharField()
    is_personal = serializers.BooleanField()
    uscc = serializers.CharField()
    address = serializers.CharField()
    phone = serializers.CharField()
    bank = serializers.CharField()
    account = serializers.CharField()
    email = serializers.CharField()
    state = serializers.ChoiceField(FapiaoState.choices)
    number = serializers.CharField()
    issued_on = serializers.DateField(allow_null=True)
    requested_at = AwareDateTimeField()


class NewFapiaoSerializer(StrictSerializer):
    """A special one (专用) needs address, phone, bank and account."""

    invoice = serializers.UUIDField()
    kind = serializers.ChoiceField(FapiaoKind.choices, default=FapiaoKind.ORDINARY)
    title = serializers.CharField(max_length=120)
    is_personal = serializers.BooleanField(default=False)
    uscc = serializers.CharField(max_length=40, default="", allow_blank=True)
    address = serializers.CharField(max_length=200, default="", allow_blank=True)
    phone = serializers.CharField(max_length=40, default="", allow_blank=True)
    bank = serializers.CharField(max_length=120, default="", allow_blank=True)
    account = serializers.CharField(max_length=60, default="", allow_blank=True)
    email = serializers.EmailField(default="", allow_blank=True)


class FapiaoNumberSerializer(StrictSerializer):
    number = serializers.CharField(max_length=40, help_text="20 digits, an older one 8")
    issued_on = serializers.DateField()


def one_invoice(invoice: Invoice, *, all_lines: bool) -> dict[str, Any]:
    """The invoice with its lines; lines that were left out are for who keeps the seller's books."""
    body = dict(InvoiceSerializer(invoice).data)
    lines = invoice.lines.all() if all_lines else invoice.lines.filter(state=LineState.INCLUDED)
    return body | {"lines": InvoiceLineSerializer(lines, many=True).data}
