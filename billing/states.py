"""The lives of what is owed, and the kinds of whatever money passes through.

A hold:      held ──use is over──▶ captured,  held ──cancelled, declined, lapsed──▶ released

A charge:    open ──ten working days, or the payer says yes──▶ agreed
               └──the payer objects──▶ objected ──decided──▶ agreed

An invoice:  draft ──issued──▶ issued ──▶ part_paid ──▶ paid
               └──▶ dropped      └──────────┴──credit note──▶ credited
"""

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Basis(TextChoices):
    """What a rate counts."""

    HOUR = "hour", pgettext_lazy("basis", "hour")
    DAY = "day", pgettext_lazy("basis", "day")
    RUN = "run", pgettext_lazy("basis", "run")
    SAMPLE = "sample", pgettext_lazy("basis", "sample")
    ITEM = "item", pgettext_lazy("basis", "item or element")
    POINT = "point", pgettext_lazy("basis", "point or spectrum")
    BATCH = "batch", pgettext_lazy("basis", "batch")
    OPERATOR_HOUR = "operator_hour", pgettext_lazy("basis", "operator hour")
    SET_UP = "set_up", pgettext_lazy("basis", "set-up")


# What is measured in time, and what comes beside it: the one that a booking is priced by comes first.
BY_TIME: Final = (Basis.HOUR, Basis.DAY)
BESIDE: Final = (Basis.OPERATOR_HOUR, Basis.SET_UP)


class HoldState(TextChoices):
    HELD = "held", pgettext_lazy("hold", "held")
    RELEASED = "released", pgettext_lazy("hold", "released")
    CAPTURED = "captured", pgettext_lazy("hold", "charged")


class Account(TextChoices):
    """Where a leg of the ledger is written: what belongs to a payer, to a seller, to a fund."""

    WALLET = "wallet", pgettext_lazy("account", "wallet")
    OWED = "owed", pgettext_lazy("account", "owed at the desk")
    INCOME = "income", pgettext_lazy("account", "income without VAT")
    VAT = "vat", pgettext_lazy("account", "VAT")
    CASH = "cash", pgettext_lazy("account", "money received")
    SCHEME = "scheme", pgettext_lazy("account", "subsidy scheme")


OF_PAYER: Final = (Account.WALLET, Account.OWED)
OF_SELLER: Final = (Account.INCOME, Account.VAT, Account.CASH)


class EntryKind(TextChoices):
    """What an entry of the ledger says."""

    TOP_UP = "top_up", pgettext_lazy("entry", "paid in")
    CHARGE = "charge", pgettext_lazy("entry", "charge")
    PAYMENT = "payment", pgettext_lazy("entry", "payment")
    REFUND = "refund", pgettext_lazy("entry", "refund")
    CREDIT_NOTE = "credit_note", pgettext_lazy("entry", "credit note")
    CORRECTION = "correction", pgettext_lazy("entry", "correction")


class FundKind(TextChoices):
    VERTICAL = "vertical", pgettext_lazy("fund", "public grant")
    HORIZONTAL = "horizontal", pgettext_lazy("fund", "contract research")
    SCHOOL = "school", pgettext_lazy("fund", "institution's own")
    OTHER = "other", pgettext_lazy("fund", "other")


class LimitPeriod(TextChoices):
    MONTH = "month", pgettext_lazy("limit", "a month")
    YEAR = "year", pgettext_lazy("limit", "a year")
    EVER = "ever", pgettext_lazy("limit", "in all")


class PayerKind(TextChoices):
    """Who pays, as a seller sees it."""

    OWN = "own", pgettext_lazy("payer", "own institution")
    INSTITUTION = "institution", pgettext_lazy("payer", "other institution")
    FIRM = "firm", pgettext_lazy("payer", "firm")
    PERSON = "person", pgettext_lazy("payer", "person")


class SettlementKind(TextChoices):
    """How a payer settles with a seller."""

    INTERNAL = "internal", pgettext_lazy("settlement", "internal transfer")
    TRANSFER = "transfer", pgettext_lazy("settlement", "bank transfer")
    PREPAID = "prepaid", pgettext_lazy("settlement", "prepaid")
    DESK = "desk", pgettext_lazy("settlement", "at the desk")
    ONLINE = "online", pgettext_lazy("settlement", "online")
    FREE = "free", pgettext_lazy("settlement", "free of charge")


# Paid for each time: nothing is held in the wallet, what is charged stands as owed until it is paid.
PAID_EACH_TIME: Final = (SettlementKind.DESK, SettlementKind.ONLINE)


class PayWhen(TextChoices):
    BEFORE_WORK = "before_work", _("before the work")
    BEFORE_RESULTS = "before_results", _("before results are released")
    AFTER_CONFIRMATION = "after_confirmation", _("after confirmation")
    QUARTERLY = "quarterly", _("quarterly")


USUAL_SETTLEMENT: Final = {
    PayerKind.OWN: (SettlementKind.INTERNAL, PayWhen.AFTER_CONFIRMATION),
    PayerKind.INSTITUTION: (SettlementKind.TRANSFER, PayWhen.AFTER_CONFIRMATION),
    PayerKind.FIRM: (SettlementKind.TRANSFER, PayWhen.AFTER_CONFIRMATION),
    PayerKind.PERSON: (SettlementKind.DESK, PayWhen.BEFORE_RESULTS),
}


class ChargeState(TextChoices):
    OPEN = "open", pgettext_lazy("charge", "may be objected to")
    OBJECTED = "objected", pgettext_lazy("charge", "objected to")
    AGREED = "agreed", pgettext_lazy("charge", "agreed")


NEXT_OF_CHARGE: Final = {
    ChargeState.OPEN: {ChargeState.OBJECTED, ChargeState.AGREED},
    ChargeState.OBJECTED: {ChargeState.AGREED},
    ChargeState.AGREED: set[ChargeState](),
}
DAYS_TO_OBJECT: Final = 10  # working days; silence is yes


class ObjectionOutcome(TextChoices):
    UPHELD = "upheld", pgettext_lazy("objection", "upheld")
    REJECTED = "rejected", pgettext_lazy("objection", "rejected")


class InvoiceState(TextChoices):
    DRAFT = "draft", pgettext_lazy("invoice", "draft")
    DROPPED = "dropped", pgettext_lazy("invoice", "dropped")
    ISSUED = "issued", pgettext_lazy("invoice", "issued")
    PART_PAID = "part_paid", pgettext_lazy("invoice", "part paid")
    PAID = "paid", pgettext_lazy("invoice", "paid")
    CREDITED = "credited", pgettext_lazy("invoice", "credited")


NEXT_OF_INVOICE: Final = {
    InvoiceState.DRAFT: {InvoiceState.ISSUED, InvoiceState.DROPPED},
    InvoiceState.DROPPED: set[InvoiceState](),
    InvoiceState.ISSUED: {InvoiceState.PART_PAID, InvoiceState.PAID, InvoiceState.CREDITED},
    InvoiceState.PART_PAID: {InvoiceState.PART_PAID, InvoiceState.PAID, InvoiceState.CREDITED},
    InvoiceState.PAID: {InvoiceState.CREDITED},
    InvoiceState.CREDITED: set[InvoiceState](),
}
UNPAID: Final = (InvoiceState.ISSUED, InvoiceState.PART_PAID)
OUT: Final = (*UNPAID, InvoiceState.PAID, InvoiceState.CREDITED)


class RunState(TextChoices):
    DRAFT = "draft", pgettext_lazy("run", "draft")
    ISSUED = "issued", pgettext_lazy("run", "issued")
    DROPPED = "dropped", pgettext_lazy("run", "dropped")


class LineState(TextChoices):
    """What becomes of a line while its invoice is a draft."""

    INCLUDED = "included", pgettext_lazy("line", "included")
    EXCLUDED = "excluded", pgettext_lazy("line", "excluded")
    POSTPONED = "postponed", pgettext_lazy("line", "postponed")


class Series(TextChoices):
    """What is numbered without gaps, per institution and year."""

    INVOICE = "invoice", pgettext_lazy("series", "invoice")
    CREDIT_NOTE = "credit_note", pgettext_lazy("series", "credit note")


class PaymentKind(TextChoices):
    DESK = "desk", pgettext_lazy("payment", "at the desk")
    TRANSFER = "transfer", pgettext_lazy("payment", "bank transfer")
    INTERNAL = "internal", pgettext_lazy("payment", "internal transfer")
    PREPAID = "prepaid", pgettext_lazy("payment", "from the wallet")
    SIMULATOR = "simulator", pgettext_lazy("payment", "simulated payment")


class FapiaoKind(TextChoices):
    ORDINARY = "ordinary", pgettext_lazy("fapiao", "ordinary")
    SPECIAL = "special", pgettext_lazy("fapiao", "special")


class FapiaoState(TextChoices):
    REQUESTED = "requested", pgettext_lazy("fapiao", "requested")
    ISSUED = "issued", pgettext_lazy("fapiao", "issued")
    VOID = "void", pgettext_lazy("fapiao", "void")


class SchemeMode(TextChoices):
    DEDUCT = "deduct", pgettext_lazy("scheme", "deducted at once")
    REIMBURSE = "reimburse", pgettext_lazy("scheme", "reimbursed later")


class PoolKind(TextChoices):
    """What an entry does to a scheme's pool."""

    RESERVE = "reserve", pgettext_lazy("pool", "reserved")
    COMMIT = "commit", pgettext_lazy("pool", "spent")
    RELEASE = "release", pgettext_lazy("pool", "released")
    RETURN = "return", pgettext_lazy("pool", "paid back")
