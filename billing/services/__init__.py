"""What changes money. Each function is one transaction: lock, gather, rule, write."""

from billing.services.bands import band_of, count_bands, in_band
from billing.services.charging import charge, last_day_to_object, pay_charge, refund, refund_charge
from billing.services.funds import enter_fund_code
from billing.services.ledger import change_wallet, of_fund, of_payer, of_seller, write_entry
from billing.services.objecting import agree_to_old, decide_objection, object_to
from billing.services.quoting import by_category, coming_rates, mark_used, quote, rates_of, standing_among, vat_of
from billing.services.rating import set_rate, set_vat, withdraw_rate
from billing.services.schemes import (
    commit_reserved,
    open_scheme,
    pool_by_month,
    release_reserved,
    reserve,
    schemes_for,
    shares_for,
)
from billing.services.spending import hold, keep, release, spending_on, use_up
from billing.services.wallets import (
    agree_settlement,
    grant_credit,
    pay_in,
    set_limit,
    settlement_between,
    wallet_of,
)

__all__ = [
    "agree_settlement",
    "agree_to_old",
    "band_of",
    "by_category",
    "change_wallet",
    "charge",
    "coming_rates",
    "commit_reserved",
    "count_bands",
    "decide_objection",
    "enter_fund_code",
    "grant_credit",
    "hold",
    "in_band",
    "keep",
    "last_day_to_object",
    "mark_used",
    "object_to",
    "of_fund",
    "of_payer",
    "of_seller",
    "open_scheme",
    "pay_charge",
    "pay_in",
    "pool_by_month",
    "quote",
    "rates_of",
    "refund",
    "refund_charge",
    "release",
    "release_reserved",
    "reserve",
    "schemes_for",
    "set_limit",
    "set_rate",
    "set_vat",
    "settlement_between",
    "shares_for",
    "spending_on",
    "standing_among",
    "use_up",
    "vat_of",
    "wallet_of",
    "withdraw_rate",
    "write_entry",
]
