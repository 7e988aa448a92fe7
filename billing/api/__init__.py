"""REST: rates, wallets, project numbers, charges and what is said against them, schemes."""

from billing.api.charges import ChargeObjections, Charges, DecideObjection, OneCharge
from billing.api.rates import OneRate, RatesOfInstrument, RatesOfTestItem
from billing.api.wallets import FundCodes, Limits, OneWallet, Schemes, Wallets

__all__ = [
    "ChargeObjections",
    "Charges",
    "DecideObjection",
    "FundCodes",
    "Limits",
    "OneCharge",
    "OneRate",
    "OneWallet",
    "RatesOfInstrument",
    "RatesOfTestItem",
    "Schemes",
    "Wallets",
]
