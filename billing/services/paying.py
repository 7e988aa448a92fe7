"""Money for invoices: matched by the reference first, kept as unclaimed where nobody knows yet what for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from billing.models import Invoice, Payment
from billing.permissions import may_receive, may_speak_for
from billing.rules import objections_to_payment
from billing.services.drafting import ONLY_FINANCE
from billing.services.issuing import lock_invoice, turn
from billing.services.ledger import of_payer, of_seller, write_entry
from billing.services.news import report_invoice
from billing.services.numbering import reference_in
from billing.services.wallets import refuse_not_positive
from billing.states import OUT, Account, EntryKind, InvoiceState, PaymentKind, SettlementKind
from common.db import violation_means
from common.errors import NotAllowed, Refusal, Refused, WrongInput, refuse_if
from common.text import tidy
from notifications.states import EventKind
from records.models import StoredFile

SLIP_ENTERED = Refusal("slip_entered", _("This slip of the bank was entered already."), "bank_ref")
CLAIMED = Refusal("claimed", _("This receipt belongs to an invoice, a charge or a wallet already."))
NOT_INTERNAL = Refusal("not_internal", _("This invoice is not settled by internal transfer."), "voucher")

# The money goes to the charges in the order of the lines; RETURNING says how much of which account.
SHARE_OUT = """
WITH open AS (
    SELECT charge.id, charge.to_pay - charge.refunded - charge.paid AS amount,
        SUM(charge.to_pay - charge.refunded - charge.paid) OVER (ORDER BY line.position) AS upto
    FROM billing_invoiceline AS line JOIN billing_charge AS charge ON charge.id = line.charge_id
    WHERE line.invoice_id = %(invoice)s AND line.counts AND charge.to_pay - charge.refunded > charge.paid
), share AS (
    SELECT id, LEAST(amount, %(paid)s - (upto - amount)) AS amount FROM open WHERE upto - amount < %(paid)s
)
UPDATE billing_charge AS charge SET paid = paid + share.amount FROM share WHERE share.id = charge.id
RETURNING charge.account, share.amount
"""


@transaction.atomic
def record_payment(
    seller: Organisation, *, amount: Decimal, by: User, paid_on: date | None = None, kind: str = PaymentKind.TRANSFER,
    reference: str = "", bank_ref: str = "", payer_words: str = "", invoice: Invoice | None = None,
    slip: StoredFile | None = None,
) -> Payment:  # fmt: skip
    """Money that came in: for `invoice`, else for the one whose reference stands in `reference`, else unclaimed.

    Raises Refused: `above_balance`, `nothing_open`, `slip_entered`.
    """
    if not may_receive(by, seller):
        raise NotAllowed(ONLY_FINANCE)
    refuse_not_positive(amount)
    day = paid_on or timezone.localdate()
    if day > timezone.localdate():
        raise WrongInput("paid_on", "in_the_future", _("This day has not come yet."))
    reference, bank_ref = tidy(reference)[:120], tidy(bank_ref)[:80]
    found = invoice or invoice_meant(seller, reference)
    locked = lock_invoice(found) if found else None
    with violation_means("payment_bank_ref_once", Refused([SLIP_ENTERED])):
        payment = Payment.objects.create(
            seller=seller, invoice=locked, wallet=locked.wallet if locked else None, kind=PaymentKind(kind),
            amount=amount, paid_on=day, reference=reference, bank_ref=bank_ref, payer_words=tidy(payer_words)[:200],
            slip=slip, made_by=by,
        )  # fmt: skip
    if locked:
        _apply(payment, locked, by=by)
    return payment


def invoice_meant(seller: Organisation, text: str) -> Invoice | None:
    """The invoice whose reference stands in a text; one that was replaced means the one that replaced it."""
    reference = reference_in(text)
    found = Invoice.objects.filter(seller=seller, reference=reference).first() if reference else None
    while found and found.state == InvoiceState.CREDITED:
        newer = found.replaced_by.filter(state__in=OUT).first()
        if newer is None:
            break
        found = newer
    return found


@transaction.atomic
def match_payment(payment: Payment, *, invoice: Invoice, by: User) -> Payment:
    """Say what an unclaimed receipt was for. Raises Refused: `claimed`, `above_balance`, `nothing_open`."""
    locked = Payment.objects.select_for_update(of=("self",), no_key=True).select_related("seller").get(pk=payment.pk)
    if not may_receive(by, locked.seller):
        raise NotAllowed(ONLY_FINANCE)
    if locked.invoice_id or locked.charge_id or locked.wallet_id:
        raise Refused([CLAIMED])
    if invoice.seller_id != locked.seller_id:
        raise WrongInput("invoice", "invalid", _("This invoice is another seller's."))
    wanted = lock_invoice(invoice)
    locked.invoice, locked.wallet = wanted, wanted.wallet
    locked.save(update_fields=["invoice", "wallet"])
    _apply(locked, wanted, by=by)
    return locked


@transaction.atomic
def settle_internally(invoice: Invoice, *, voucher: str, by: User, on: date | None = None) -> Payment:
    """The institution's own books have moved the money: the voucher's number came back, and the invoice is paid."""
    locked = lock_invoice(invoice)
    if not may_receive(by, locked.seller):
        raise NotAllowed(ONLY_FINANCE)
    if locked.settlement != SettlementKind.INTERNAL:
        raise Refused([NOT_INTERNAL])
    voucher = tidy(voucher)[:60]
    if not voucher:
        raise WrongInput("voucher", "required", _("Enter the voucher's number."))
    if locked.open_amount <= 0:
        refuse_if(objections_to_payment(locked.state, open_amount=locked.open_amount, amount=Decimal(1)))
    Invoice.objects.filter(pk=locked.pk).update(voucher=voucher)
    return record_payment(
        locked.seller, amount=locked.open_amount, by=by, paid_on=on, kind=PaymentKind.INTERNAL, reference=voucher,
        invoice=locked,
    )  # fmt: skip


@transaction.atomic
def note_voucher(invoice: Invoice, *, voucher: str, by: User) -> Invoice:
    """The payer says under which voucher their institution moved the money; finance still confirms it."""
    locked = lock_invoice(invoice)
    if not may_speak_for(by, locked.wallet):
        raise NotAllowed(_("Only who pays this invoice may do this."))
    if locked.settlement != SettlementKind.INTERNAL:
        raise Refused([NOT_INTERNAL])
    locked.voucher = tidy(voucher)[:60]
    locked.version += 1
    locked.save(update_fields=["voucher", "version"])
    return locked


def _apply(payment: Payment, invoice: Invoice, *, by: User) -> None:
    """Let an invoice be paid by so much, in the books too; `invoice` is locked."""
    refuse_if(objections_to_payment(invoice.state, open_amount=invoice.open_amount, amount=payment.amount))
    paid = invoice.paid + payment.amount
    complete = paid + invoice.credited >= invoice.to_pay
    turn(invoice, InvoiceState.PAID if complete else InvoiceState.PART_PAID, paid=paid)
    legs = [of_payer(invoice.wallet, account, amount) for account, amount in _share_out(invoice, payment.amount)]
    legs.append(of_seller(invoice.seller, Account.CASH, -payment.amount))
    write_entry(EntryKind.PAYMENT, legs, by=by, on=payment.paid_on, payment=payment)
    if complete:
        report_invoice(invoice, "invoice_paid", EventKind.INVOICE_PAID)


def _share_out(invoice: Invoice, amount: Decimal) -> list[tuple[str, Decimal]]:
    """How much of it goes to which of the payer's accounts."""
    sums: dict[str, Decimal] = {}
    with connection.cursor() as cursor:
        cursor.execute(SHARE_OUT, {"invoice": invoice.pk, "paid": amount})
        for account, share in cursor.fetchall():
            sums[account] = sums.get(account, Decimal(0)) + share
    return sorted(sums.items())
