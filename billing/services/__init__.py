"""What changes money. Each function is one transaction: lock, gather, rule, write."""

from billing.services.bands import band_of, count_bands, in_band
from billing.services.charging import charge, last_day_to_object, pay_charge, refund, refund_charge
from billing.services.crediting import credit, reissue
from billing.services.drafting import (
    DRAFT_RUN,
    choose_lines,
    drop_run,
    keepers_of,
    make_drafts,
    run_drafting,
    start_due_runs,
    start_run,
)
from billing.services.dunning import remind_of_overdue
from billing.services.fapiao import enter_fapiao, fapiao_list, request_fapiao, void_fapiao
from billing.services.funds import enter_fund_code
from billing.services.issuing import (
    ISSUE_RUN,
    close_run,
    issue_draft,
    issue_invoice,
    issue_run,
    run_issuing,
    set_letterhead,
)
from billing.services.ledger import change_wallet, of_fund, of_payer, of_seller, write_entry
from billing.services.news import readers_of
from billing.services.objecting import agree_to_old, decide_objection, object_to
from billing.services.papers import keep_paper, keep_paper_of, paper_of, paper_of_credit
from billing.services.paying import (
    invoice_meant,
    match_payment,
    note_voucher,
    record_payment,
    settle_internally,
)
from billing.services.quoting import by_category, coming_rates, mark_used, quote, rates_of, standing_among, vat_of
from billing.services.rating import set_rate, set_vat, withdraw_rate
from billing.services.reconcile import Difference, reconcile
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
from billing.services.sums import month_before, receivables_by_age, revenue_by_instrument, settlements_in
from billing.services.wallets import (
    agree_settlement,
    grant_credit,
    pay_in,
    set_limit,
    settlement_between,
    wallet_of,
)

__all__ = [
    "DRAFT_RUN",
    "ISSUE_RUN",
    "Difference",
    "agree_settlement",
    "agree_to_old",
    "band_of",
    "by_category",
    "change_wallet",
    "charge",
    "choose_lines",
    "close_run",
    "coming_rates",
    "commit_reserved",
    "count_bands",
    "credit",
    "decide_objection",
    "drop_run",
    "enter_fapiao",
    "enter_fund_code",
    "fapiao_list",
    "grant_credit",
    "hold",
    "in_band",
    "invoice_meant",
    "issue_draft",
    "issue_invoice",
    "issue_run",
    "keep",
    "keep_paper",
    "keep_paper_of",
    "keepers_of",
    "last_day_to_object",
    "make_drafts",
    "mark_used",
    "match_payment",
    "month_before",
    "note_voucher",
    "object_to",
    "of_fund",
    "of_payer",
    "of_seller",
    "open_scheme",
    "paper_of",
    "paper_of_credit",
    "pay_charge",
    "pay_in",
    "pool_by_month",
    "quote",
    "rates_of",
    "readers_of",
    "receivables_by_age",
    "reconcile",
    "record_payment",
    "refund",
    "refund_charge",
    "reissue",
    "release",
    "release_reserved",
    "remind_of_overdue",
    "request_fapiao",
    "reserve",
    "revenue_by_instrument",
    "run_drafting",
    "run_issuing",
    "schemes_for",
    "set_letterhead",
    "set_limit",
    "set_rate",
    "set_vat",
    "settle_internally",
    "settlement_between",
    "settlements_in",
    "shares_for",
    "spending_on",
    "standing_among",
    "start_due_runs",
    "start_run",
    "use_up",
    "vat_of",
    "void_fapiao",
    "wallet_of",
    "withdraw_rate",
    "write_entry",
]
