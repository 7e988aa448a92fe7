"""Issuing drafts: one transaction gives a draft its number, its words and its reference; from then on it stands."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from billing.models import Charge, Invoice, InvoiceRun, Letterhead, Payment
from billing.permissions import may_receive
from billing.services.drafting import NET_LEFT, ONLY_FINANCE, add_up, locked_draft
from billing.services.news import report_invoice
from billing.services.numbering import next_number
from billing.services.papers import keep_paper
from billing.states import NEXT_OF_INVOICE, InvoiceState, RunState, Series, SettlementKind
from common.db import in_one_transaction
from common.errors import NotAllowed, Refusal, Refused
from common.text import tidy
from notifications.states import EventKind
from records.models import Job
from records.services import Progress, queue_job

ISSUE_RUN = "invoice-issue"
USUAL_DAYS = 30
ISSUED_ALREADY = Refusal("wrong_state", _("This invoice is no draft: it was issued or dropped already."))
NOT_READY = Refusal("not_drafted", _("The drafts of this run are still being made. Wait a moment."))
PAID_MORE = Refusal("paid_more", _("More was paid of the old invoice than this one asks for: credit the rest first."))

# A charge may have been objected to, paid or given back in part since the draft was made.
LEAVE_OUT = """
UPDATE billing_invoiceline AS line SET counts = false, state = 'postponed'
FROM billing_charge AS charge
WHERE charge.id = line.charge_id AND line.invoice_id = %s AND line.state = 'included' AND (
    charge.state = 'objected' OR charge.to_pay <= charge.refunded
    OR charge.settlement <> 'prepaid' AND charge.paid >= charge.to_pay - charge.refunded AND NOT %s)
"""
FOLLOW = f"""
UPDATE billing_invoiceline AS line
SET gross = charge.gross - charge.refunded, net = charge.net_left, covered = charge.covered,
    vat = charge.gross - charge.refunded - charge.net_left, to_pay = charge.gross - charge.refunded - charge.covered
FROM (
    SELECT charge.*, {NET_LEFT} AS net_left FROM billing_charge AS charge
    WHERE charge.id IN (SELECT charge_id FROM billing_invoiceline WHERE invoice_id = %s)
) AS charge
WHERE charge.id = line.charge_id AND line.invoice_id = %s AND line.state = 'included'
    AND line.gross <> charge.gross - charge.refunded
"""  # noqa: S608 (our own words)


@transaction.atomic
def issue_run(run: InvoiceRun, *, by: User) -> Job:
    """Have all drafts of a run issued by a worker. Raises Refused: `wrong_state`, `not_drafted`."""
    run = locked_draft(run, by=by)
    if not run.drafted_at:
        raise Refused([NOT_READY])
    if run.issued_by_id and run.job and run.job.finished_at is None:
        return run.job
    run.job = queue_job(ISSUE_RUN, owner=by, given={"run": str(run.pk)})
    run.issued_by = by
    run.save(update_fields=["job", "issued_by"])
    return run.job


def run_issuing(job: Job, progress: Progress) -> dict[str, Any]:
    """The worker's part of it: an invoice at a time, so that whoever follows a killed worker goes on where it was."""
    run = InvoiceRun.objects.select_related("seller").get(pk=job.given["run"])
    drafts = run.invoices.filter(state=InvoiceState.DRAFT).order_by("wallet_id", "settlement", "pk")
    waiting = list(drafts)
    for done, draft in enumerate(waiting):
        progress.of(done, len(waiting))
        _issue_unless_issued(draft, by=job.owner)
    for unprinted in run.invoices.out().filter(pdf=None):
        keep_paper(unprinted)
    return {"run": str(run.pk), "invoices": close_run(run)}


def _issue_unless_issued(draft: Invoice, *, by: User) -> None:
    """Two workers may follow one another closely: what the first has done is no fault of the second."""
    try:
        issue_invoice(draft, by=by)
    except Refused as error:
        if error.refusals != [ISSUED_ALREADY]:
            raise


@transaction.atomic
def close_run(run: InvoiceRun) -> int:
    """A run whose drafts are all issued or dropped is over; returns how many invoices it has."""
    run = InvoiceRun.objects.select_for_update(no_key=True).get(pk=run.pk)
    if run.state == RunState.DRAFT and not run.invoices.filter(state=InvoiceState.DRAFT).exists():
        run.state, run.issued_at = RunState.ISSUED, timezone.now()
        run.save(update_fields=["state", "issued_at"])
    return run.invoices.out().count()


def issue_invoice(invoice: Invoice, *, by: User) -> Invoice:
    """Issue one draft and print it. Where every line was left out it is dropped, and has no number.

    Raises Refused `wrong_state` when somebody has issued it already.
    """
    issued = in_one_transaction(lambda: issue_draft(invoice, by=by))
    if issued.number:
        keep_paper(issued)
        if issued.run:
            close_run(issued.run)
    return issued


@transaction.atomic
def issue_draft(invoice: Invoice, *, by: User, on: date | None = None) -> Invoice:
    """The same without printing it, as of a day (today, when none is named)."""
    locked = lock_invoice(invoice)
    if not may_receive(by, locked.seller):
        raise NotAllowed(ONLY_FINANCE)
    if locked.state != InvoiceState.DRAFT:
        raise Refused([ISSUED_ALREADY])
    look_once_more(locked)
    if not locked.lines.filter(counts=True).exists():
        return turn(locked, InvoiceState.DROPPED)
    _number(locked, by=by, today=on or timezone.localdate())
    turn(locked, InvoiceState.ISSUED)
    if locked.settlement == SettlementKind.PREPAID:
        _settle_from_wallet(locked)
    if locked.replaces_id:
        _take_payments_over(locked)
    report_invoice(locked, "invoice_issued", EventKind.INVOICE_ISSUED)
    return locked


def lock_invoice(invoice: Invoice) -> Invoice:
    """The invoice as it is now, held until this transaction ends."""
    Invoice.objects.select_for_update(no_key=True).only("pk").get(pk=invoice.pk)
    return Invoice.objects.with_everything().get(pk=invoice.pk)


def turn(invoice: Invoice, state: InvoiceState, **changes: Any) -> Invoice:
    """Let an invoice go on to `state`, as NEXT_OF_INVOICE allows; the only place where its state changes."""
    if state not in NEXT_OF_INVOICE[InvoiceState(invoice.state)]:
        raise Refused([ISSUED_ALREADY])
    for name, value in changes.items():
        setattr(invoice, name, value)
    invoice.state, invoice.updated_at, invoice.version = state, timezone.now(), invoice.version + 1
    invoice.save()
    return invoice


def look_once_more(invoice: Invoice) -> None:
    """Bring the lines up to what has become of their charges, under the charges' locks."""
    charges = Charge.objects.filter(invoice_lines__invoice=invoice).select_for_update(of=("self",), no_key=True)
    list(charges.order_by("pk").values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(LEAVE_OUT, [invoice.pk, invoice.replaces_id is not None])
        cursor.execute(FOLLOW, [invoice.pk, invoice.pk])
    add_up(Invoice.objects.filter(pk=invoice.pk))
    invoice.refresh_from_db(fields=["net", "vat", "gross", "covered", "to_pay", "from_day", "to_day"])


def _number(invoice: Invoice, *, by: User, today: date) -> None:
    letterhead = Letterhead.objects.filter(seller=invoice.seller).first() or Letterhead(seller=invoice.seller)
    given = next_number(invoice.seller, Series.INVOICE, day=today)
    invoice.year, invoice.number, invoice.reference = given.year, given.number, given.reference
    invoice.issued_on, invoice.issued_by = today, by
    invoice.due_on = today + timedelta(days=letterhead.days_to_pay or USUAL_DAYS)
    invoice.seller_words, invoice.payer_words = words_of_seller(letterhead), words_of_payer(invoice)


def words_of_seller(letterhead: Letterhead) -> dict[str, str]:
    seller = letterhead.seller
    about = ("address", "phone", "bank", "account", "office")
    names = {"name_zh": seller.name_zh, "name_en": seller.name_en, "uscc": seller.uscc or ""}
    return names | {name: getattr(letterhead, name) for name in about}


def words_of_payer(invoice: Invoice) -> dict[str, str]:
    """Who pays, in words that stay when they are called otherwise: the group's own institution stands beside it."""
    wallet, fund = invoice.wallet, invoice.fund_code
    organisation = wallet.group.organisation if wallet.group else wallet.organisation
    person = wallet.group.pi if wallet.group else wallet.person
    named = wallet.group or wallet.organisation
    return {
        "name_zh": named.name_zh if named else (person.name if person else ""),
        "name_en": named.name_en if named else "",
        "organisation_zh": organisation.name_zh if organisation and wallet.group else "",
        "organisation_en": organisation.name_en if organisation and wallet.group else "",
        "uscc": (organisation.uscc or "") if organisation else "",
        "person": person.name if person and wallet.group else "",
        "fund_code": fund.code if fund else "",
        "fund_zh": fund.name_zh if fund else "",
    }


def _settle_from_wallet(invoice: Invoice) -> None:
    """What was prepaid was taken from the wallet when it was charged: the statement is paid as it is issued."""
    turn(invoice, InvoiceState.PAID, paid=invoice.to_pay)


def _take_payments_over(invoice: Invoice) -> None:
    """What was paid of the invoice that this one replaces counts for this one."""
    old = lock_invoice(Invoice(pk=invoice.replaces_id))
    if not old.paid:
        return
    if old.paid > invoice.to_pay:
        raise Refused([PAID_MORE])
    Payment.objects.filter(invoice=old).update(invoice=invoice)
    paid, old.paid = old.paid, old.paid * 0
    old.save(update_fields=["paid"])
    turn(invoice, InvoiceState.PAID if paid == invoice.to_pay else InvoiceState.PART_PAID, paid=paid)


@transaction.atomic
def set_letterhead(seller: Organisation, *, by: User, **words: Any) -> Letterhead:
    """Say what stands about the seller on invoices issued from now on. Raises ValidationError."""
    if not may_receive(by, seller):
        raise NotAllowed(ONLY_FINANCE)
    row = Letterhead.objects.select_for_update().filter(seller=seller).first() or Letterhead(seller=seller)
    for name, value in words.items():
        setattr(row, name, tidy(value) if isinstance(value, str) else value)
    row.full_clean()
    row.save()
    return row
