"""Runs: all that an institution has not asked for yet, as drafts by payer, project number and way of settling."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Min, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from accounts.states import MembershipState, Role
from billing.models import Charge, Invoice, InvoiceLine, InvoiceRun
from billing.models.invoices import CHARGE_ONCE
from billing.permissions import may_receive
from billing.states import ChargeState, InvoiceState, LineState, RunState, SettlementKind
from common.db import take_turns, violation_means
from common.errors import NotAllowed, Refusal, Refused, WrongInput
from records.models import Job
from records.services import Progress, queue_job

DRAFT_RUN = "invoice-draft"
ONLY_FINANCE = _("Only the seller's finance officers may do this.")
RUN_EXISTS = Refusal("run_exists", _("There is a draft run for this month already."), "month")
NO_DRAFT = Refusal("wrong_state", _("This is no draft any more."))
ELSEWHERE = Refusal("charge_elsewhere", _("This charge stands on another invoice by now."))

# What was refunded before is not asked for; its net and VAT are those of the books, to the fen.
NET_LEFT = """
CASE WHEN charge.refunded = 0 THEN charge.net ELSE COALESCE((
    SELECT SUM(leg.amount) FROM billing_ledgerleg AS leg JOIN billing_ledgerentry AS entry ON entry.id = leg.entry_id
    WHERE entry.charge_id = charge.id AND leg.account = 'income'), 0) END
"""
WRITE_LINES = f"""
INSERT INTO billing_invoiceline (
    invoice_id, charge_id, position, state, counts, name_zh, name_en, used_on, fund_code, vat_rate,
    net, vat, gross, covered, to_pay
)
SELECT id, charge_id, position, 'included', true, name_zh, name_en, used_on, code, vat_rate,
    net, gross - net, gross, covered, gross - covered
FROM (
    SELECT invoice.id, charge.id AS charge_id, charge.name_zh, charge.name_en, charge.used_on, charge.vat_rate,
        charge.covered, COALESCE(fund.code, '') AS code, charge.gross - charge.refunded AS gross, {NET_LEFT} AS net,
        row_number() OVER (PARTITION BY invoice.id ORDER BY charge.used_on, charge.id) AS position
    FROM billing_charge AS charge
    JOIN billing_invoice AS invoice ON invoice.run_id = %s AND invoice.wallet_id = charge.wallet_id
        AND invoice.settlement = charge.settlement AND invoice.fund_code_id IS NOT DISTINCT FROM charge.fund_code_id
    LEFT JOIN billing_fundcode AS fund ON fund.id = charge.fund_code_id
    WHERE charge.id IN ({{ready}})
) AS ready
"""  # noqa: S608 (our own words)
ADD_UP = """
UPDATE billing_invoice AS invoice SET
    net = COALESCE(line.net, 0), vat = COALESCE(line.vat, 0), gross = COALESCE(line.gross, 0),
    covered = COALESCE(line.covered, 0), to_pay = COALESCE(line.to_pay, 0),
    from_day = COALESCE(line.first, invoice.from_day), to_day = COALESCE(line.last, invoice.to_day)
FROM billing_invoice AS wanted LEFT JOIN (
    SELECT invoice_id, SUM(net) AS net, SUM(vat) AS vat, SUM(gross) AS gross, SUM(covered) AS covered,
        SUM(to_pay) AS to_pay, MIN(used_on) AS first, MAX(used_on) AS last
    FROM billing_invoiceline WHERE state = 'included' AND invoice_id IN ({which}) GROUP BY invoice_id
) AS line ON line.invoice_id = wanted.id
WHERE wanted.id = invoice.id AND wanted.id IN ({which})
"""
AT_ONCE = 1000  # drafts in the memory of the worker


@transaction.atomic
def start_run(seller: Organisation, *, month: date, by: User) -> InvoiceRun:
    """Have drafts made for everything used up to the end of a month; a worker does it. Raises Refused `run_exists`."""
    if not may_receive(by, seller):
        raise NotAllowed(ONLY_FINANCE)
    month = month.replace(day=1)
    if month > timezone.localdate():
        raise WrongInput("month", "in_the_future", _("This month has not begun yet."))
    return _queued(seller, month, by=by, made_by=by)


def _queued(seller: Organisation, month: date, *, by: User, made_by: User | None) -> InvoiceRun:
    with violation_means("invoice_run_one_draft", Refused([RUN_EXISTS])):
        run = InvoiceRun.objects.create(seller=seller, month=month, made_by=made_by)
    run.job = queue_job(DRAFT_RUN, owner=by, given={"run": str(run.pk)})
    run.save(update_fields=["job"])
    return run


def start_due_runs(*, today: date) -> int:
    """On the first days of a month: a run of the month before for each seller that has something to ask for.

    Returns how many. A month has one such run; what comes later waits for the next month, or for finance.
    """
    last = today.replace(day=1) - timedelta(days=1)
    month, count = last.replace(day=1), 0
    sellers = Charge.objects.to_be_invoiced(until=last).order_by().values("seller").distinct()
    for seller in Organisation.objects.filter(pk__in=sellers).exclude(invoice_runs__month=month):
        keeper = keepers_of(seller).first()
        if keeper is None:
            continue
        with transaction.atomic():
            take_turns(f"invoices of {seller.pk}")
            if not InvoiceRun.objects.filter(seller=seller, month=month).exists():
                _queued(seller, month, by=keeper, made_by=None)
                count += 1
    return count


def keepers_of(organisation: Organisation) -> QuerySet[User]:
    """Who looks after an organisation's money: its finance officers, before its admins."""
    kept = {"memberships__organisation": organisation, "memberships__state": MembershipState.CONFIRMED}
    found = User.objects.filter(is_active=True, memberships__role__in=(Role.FINANCE, Role.ADMIN), **kept)
    return found.annotate(first_role=Max("memberships__role")).order_by("-first_role", "pk")


def run_drafting(job: Job, progress: Progress) -> dict[str, Any]:
    """The worker's part of `start_run`."""
    run = InvoiceRun.objects.filter(pk=job.given["run"]).first()
    return {"run": job.given["run"], "invoices": make_drafts(run, progress=progress) if run else 0}


@transaction.atomic
def make_drafts(run: InvoiceRun, *, progress: Progress | None = None) -> int:
    """All drafts of a run, or none of them: a few statements for each thousand payers, however many charges.

    Returns how many invoices. A run that has its drafts already is left as it is, so a worker that was killed may
    simply be followed by another.
    """
    take_turns(f"invoices of {run.seller_id}")
    run = InvoiceRun.objects.select_for_update(of=("self",), no_key=True).select_related("seller").get(pk=run.pk)
    if run.state != RunState.DRAFT or run.drafted_at:
        return run.invoices.count()
    until = month_end(run.month)
    ready = Charge.objects.ready_for_invoice(seller=run.seller, until=until)
    _say(progress, 1)
    count = _write_heads(run, ready)
    _say(progress, 2)
    if count:
        wanted, values = ready.values("pk").query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(WRITE_LINES.format(ready=wanted), [run.pk, *values])
        _say(progress, 3)
        add_up(run.invoices.all())
    run.problems = _problems(run, until)
    run.drafted_at = timezone.now()
    run.save(update_fields=["problems", "drafted_at"])
    return count


def _write_heads(run: InvoiceRun, ready: QuerySet[Charge]) -> int:
    """One draft for each payer, project number and way of settling, without its sums. Returns how many."""
    groups = ready.order_by().values("wallet_id", "fund_code_id", "settlement")
    found = groups.annotate(first=Min("used_on"), last=Max("used_on"))
    heads = (
        Invoice(
            seller=run.seller, run=run, wallet_id=each["wallet_id"], fund_code_id=each["fund_code_id"],
            settlement=each["settlement"], from_day=each["first"], to_day=each["last"],
        )
        for each in found.order_by("wallet_id", "settlement", "fund_code_id").iterator(AT_ONCE)
    )  # fmt: skip
    count = 0
    while some := list(islice(heads, AT_ONCE)):
        count += len(Invoice.objects.bulk_create(some))
    return count


def _say(progress: Progress | None, step: int) -> None:
    if progress:
        progress.of(step, 4)


def add_up(invoices: QuerySet[Invoice]) -> None:
    """Let the sums of drafts be those of the lines that stay on them."""
    which, values = invoices.order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(ADD_UP.format(which=which), [*values, *values])


def month_end(month: date) -> date:
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def _problems(run: InvoiceRun, until: date) -> list[dict[str, Any]]:
    """What keeps charges off the invoices, or should be looked at before they are issued; codes, no sentences."""
    objected = Charge.objects.filter(seller=run.seller, used_on__lte=until, state=ChargeState.OBJECTED)
    without = InvoiceLine.objects.filter(
        invoice__run=run, invoice__settlement=SettlementKind.INTERNAL, invoice__fund_code=None
    )
    found = [_problem("objected", each) for each in objected.order_by("used_on", "pk")[:500]]
    lines = without.select_related("charge").order_by("used_on", "pk")[:500]
    return [*found, *(_problem("no_fund_code", line.charge) for line in lines)]


def _problem(code: str, charge: Charge) -> dict[str, Any]:
    words = {"name_zh": charge.name_zh, "name_en": charge.name_en, "used_on": charge.used_on.isoformat()}
    return {"code": code, "charge": str(charge.pk), "to_pay": f"{charge.to_pay:.2f}", **words}


@transaction.atomic
def choose_lines(run: InvoiceRun, *, lines: Sequence[int], state: str, by: User) -> int:
    """Include, exclude for good, or postpone to the next run some lines of drafts; returns how many.

    Raises Refused: `wrong_state`, `charge_elsewhere`.
    """
    run = locked_draft(run, by=by)
    state = LineState(state)
    found = InvoiceLine.objects.filter(invoice__run=run, invoice__state=InvoiceState.DRAFT, pk__in=lines)
    with violation_means(CHARGE_ONCE, Refused([ELSEWHERE])):
        count = found.update(state=state, counts=state == LineState.INCLUDED)
    add_up(Invoice.objects.filter(pk__in=found.order_by().values("invoice")))
    return count


@transaction.atomic
def drop_run(run: InvoiceRun, *, by: User) -> None:
    """Throw the drafts away; their charges wait for another run. What of the run was issued already stays."""
    run = locked_draft(run, by=by)
    run.invoices.filter(state=InvoiceState.DRAFT).delete()
    run.state = RunState.ISSUED if run.invoices.exists() else RunState.DROPPED
    run.save(update_fields=["state"])


def locked_draft(run: InvoiceRun, *, by: User) -> InvoiceRun:
    """The run, held until this transaction ends. Raises NotAllowed; Refused when it is no draft any more."""
    locked = InvoiceRun.objects.select_for_update(of=("self",), no_key=True).select_related("seller").get(pk=run.pk)
    if not may_receive(by, locked.seller):
        raise NotAllowed(ONLY_FINANCE)
    if locked.state != RunState.DRAFT:
        raise Refused([NO_DRAFT])
    return locked
