"""What time and tests cost, who pays, and the books about it."""

from billing.models.charges import Charge, ChargeObjection
from billing.models.crediting import CreditNote
from billing.models.history import RateEvent, SettlementEvent, WalletLimitEvent
from billing.models.invoices import Invoice, InvoiceCounter, InvoiceLine, InvoiceRun, Letterhead
from billing.models.ledger import LedgerEntry, LedgerLeg
from billing.models.payments import FapiaoRequest, Payment
from billing.models.rates import Rate, VatRate
from billing.models.schemes import Scheme, SchemeEntry
from billing.models.wallets import FundCode, Hold, Settlement, Wallet, WalletLimit

__all__ = [
    "Charge",
    "ChargeObjection",
    "CreditNote",
    "FapiaoRequest",
    "FundCode",
    "Hold",
    "Invoice",
    "InvoiceCounter",
    "InvoiceLine",
    "InvoiceRun",
    "LedgerEntry",
    "LedgerLeg",
    "Letterhead",
    "Payment",
    "Rate",
    "RateEvent",
    "Scheme",
    "SchemeEntry",
    "Settlement",
    "SettlementEvent",
    "VatRate",
    "Wallet",
    "WalletLimit",
    "WalletLimitEvent",
]
