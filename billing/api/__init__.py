"""REST: rates, wallets, project numbers, charges and what is said against them, schemes."""

from billing.api.charges import ChargeObjections, Charges, DecideObjection, OneCharge
from billing.api.invoices import (
    CreditInvoice,
    CreditNotes,
    InvoicePdf,
    InvoiceRuns,
    Invoices,
    IssueInvoice,
    IssueRun,
    OneInvoice,
    SettleInvoice,
)
from billing.api.payments import EnterFapiao, FapiaoRequests, MatchPayment, Payments
from billing.api.rates import OneRate, RatesOfInstrument, RatesOfTestItem
from billing.api.wallets import FundCodes, Limits, OneWallet, Schemes, Wallets

__all__ = [
    "ChargeObjections",
    "Charges",
    "CreditInvoice",
    "CreditNotes",
    "DecideObjection",
    "EnterFapiao",
    "FapiaoRequests",
    "FundCodes",
    "InvoicePdf",
    "InvoiceRuns",
    "Invoices",
    "IssueInvoice",
    "IssueRun",
    "Limits",
    "MatchPayment",
    "OneCharge",
    "OneInvoice",
    "OneRate",
    "OneWallet",
    "Payments",
    "RatesOfInstrument",
    "RatesOfTestItem",
    "Schemes",
    "SettleInvoice",
    "Wallets",
]
