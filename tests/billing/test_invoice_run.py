"""A month becomes drafts, the drafts are looked through and issued: each charge once, each number once."""

from datetime import date, timedelta
from decimal import Decimal
from unittest.mock import patch

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from billing.models import Charge, Invoice, InvoiceLine, InvoiceRun
from billing.services import (
    agree_settlement,
    drop_run,
    enter_fund_code,
    issue_invoice,
    issue_run,
    make_drafts,
    object_to,
    refund_charge,
    run_issuing,
    start_due_runs,
    start_run,
)
from billing.states import InvoiceState, LineState, RunState
from billing.tasks import run_jobs
from common.errors import NotAllowed, Refused, WrongInput
from notifications.models import Mail
from records.models import Job
from tests.billing.books import drafted, fresh, issued, leave_out, officer_of, payer_of, used
from tests.billing.shop import firm, group_of, wallet_with
from tests.factories import member

pytestmark = pytest.mark.django_db


@pytest.fixture
def finance(university):
    return officer_of(university)


@pytest.fixture
def payer(university):
    return payer_of(university)


def codes(error):
    return [each.code for each in error.value.refusals]


def test_a_run_makes_one_invoice_for_each_payer_project_number_and_way_of_settling(university, finance, payer):
    pi = member("pi", university)
    group = wallet_with(group_of(pi, university), university, credit="10000")
    funds = [enter_fund_code(university, code=code, holder=pi, by=None) for code in ("A-1", "B-2")]
    for fund in (*funds, None):
        used(group, university, "10", fund_code=fund)
    used(payer, university, "100")
    used(payer, university, "23.45")

    run = drafted(university, finance)

    found = {(each.wallet_id, each.fund_code_id, each.settlement): each for each in run.invoices.all()}
    groups = {(group.pk, fund and fund.pk, "internal") for fund in (*funds, None)}
    assert set(found) == groups | {(payer.pk, None, "transfer")}
    firms = found[payer.pk, None, "transfer"]
    assert (firms.gross, firms.to_pay, firms.net + firms.vat) == (Decimal("123.45"),) * 3
    assert [line.position for line in firms.lines.all()] == [1, 2]
    assert {each["code"] for each in run.problems} == {"no_fund_code"}


def test_what_was_used_later_is_left_for_its_own_month_and_what_is_older_comes_along(university, finance, payer):
    this = timezone.localdate().replace(day=1)
    early = used(payer, university, on=this - timedelta(days=50))
    used(payer, university, on=this)
    run = drafted(university, finance, month=this - timedelta(days=1))
    assert [line.charge for line in InvoiceLine.objects.filter(invoice__run=run)] == [early]


def test_a_charge_that_is_objected_to_stays_off_and_stands_among_the_problems(university, finance, payer):
    held, free = used(payer, university, "10"), used(payer, university, "20")
    keeper = officer_of(payer.organisation, "keeper")
    object_to(held, by=keeper, reason="我们没有使用")
    run = drafted(university, finance)
    assert [line.charge for line in InvoiceLine.objects.filter(invoice__run=run)] == [free]
    assert [(each["code"], each["charge"]) for each in run.problems] == [("objected", str(held.pk))]


def test_what_was_given_back_before_is_not_asked_for_and_net_and_vat_are_those_of_the_books(university, finance, payer):
    charged = used(payer, university, "100")
    for amount in ("33.33", "33.33"):
        refund_charge(charged, by=finance, amount=Decimal(amount), reason="x")
    line = drafted(university, finance).invoices.get().lines.get()
    assert (line.gross, line.to_pay) == (Decimal("33.34"),) * 2
    legs = [leg for entry in charged.entries.all() for leg in entry.legs.all()]
    assert line.net == sum(leg.amount for leg in legs if leg.account == "income")
    assert line.vat == sum(leg.amount for leg in legs if leg.account == "vat")


def test_excluded_lines_never_come_back_and_postponed_ones_come_next_time(university, finance, payer):
    for amount in ("1", "2", "4"):
        used(payer, university, amount)
    run = drafted(university, finance)
    invoice = run.invoices.get()
    never, later, now = invoice.lines.order_by("to_pay")
    leave_out(never, finance)
    leave_out(later, finance, LineState.POSTPONED)
    assert fresh(invoice).to_pay == now.to_pay
    issue_invoice(invoice, by=finance)
    assert [line.charge_id for line in drafted(university, finance).invoices.get().lines.all()] == [later.charge_id]


def test_a_line_may_be_included_again_unless_another_invoice_has_it(university, finance, payer):
    used(payer, university, "5", on=timezone.localdate().replace(day=1) - timedelta(days=1))
    run = drafted(university, finance, month=timezone.localdate().replace(day=1) - timedelta(days=1))
    line = run.invoices.get().lines.get()
    leave_out(line, finance, LineState.POSTPONED)
    assert fresh(line.invoice).to_pay == 0
    leave_out(line, finance, LineState.INCLUDED)
    assert fresh(line.invoice).to_pay == 5
    leave_out(line, finance, LineState.POSTPONED)
    drafted(university, finance)
    with pytest.raises(Refused) as error:
        leave_out(line, finance, LineState.INCLUDED)
    assert codes(error) == ["charge_elsewhere"]


def test_there_is_one_draft_run_a_month_and_dropping_it_frees_the_charges(university, finance, payer):
    used(payer, university)
    run = drafted(university, finance)
    with pytest.raises(Refused) as error:
        start_run(university, month=timezone.localdate(), by=finance)
    assert codes(error) == ["run_exists"]
    drop_run(run, by=finance)
    assert drafted(university, finance).invoices.get().to_pay == 100
    with pytest.raises(Refused):
        drop_run(run, by=finance)


def test_only_the_sellers_finance_starts_looks_through_and_issues_a_run(university, finance, payer):
    used(payer, university)
    run = drafted(university, finance)
    stranger = officer_of(payer.organisation, "stranger")
    line, invoice = InvoiceLine.objects.get(), Invoice.objects.get()
    for act in (
        lambda: start_run(university, month=timezone.localdate(), by=stranger),
        lambda: leave_out(line, stranger),
        lambda: issue_run(run, by=stranger),
        lambda: issue_invoice(invoice, by=stranger),
        lambda: drop_run(run, by=stranger),
    ):
        with pytest.raises(NotAllowed):
            act()
    with pytest.raises(WrongInput):
        start_run(university, month=timezone.localdate() + timedelta(days=40), by=finance)


def test_issuing_gives_number_reference_words_and_a_mail_and_then_nothing_changes(university, finance, payer):
    keeper = officer_of(payer.organisation, "keeper")
    invoice = issued(university, finance, wallet=payer, amounts=("100", "0.50"))
    assert (invoice.label, invoice.state) == (f"{timezone.localdate().year}-00001", InvoiceState.ISSUED)
    assert invoice.due_on == timezone.localdate() + timedelta(days=30)
    assert invoice.payer_words["name_zh"] == "示范科技有限公司"
    assert invoice.pdf.media_type == "application/pdf"
    mail = Mail.objects.get(event="invoice_issued")
    assert mail.reader == keeper
    assert invoice.reference in mail.body
    assert f"/invoices/{invoice.pk}/pdf/" in mail.body
    for change in ({"to_pay": 1}, {"wallet": payer_of(university, "另一公司")}, {"reference": "x"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Invoice.objects.filter(pk=invoice.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        invoice.lines.update(to_pay=1)


def test_a_draft_issued_twice_has_one_effect_and_is_refused_clearly(university, finance, payer):
    used(payer, university)
    draft = drafted(university, finance).invoices.get()
    first = issue_invoice(draft, by=finance)
    with pytest.raises(Refused) as error:
        issue_invoice(draft, by=finance)
    assert codes(error) == ["wrong_state"]
    assert fresh(draft).reference == first.reference
    assert Mail.objects.filter(event="invoice_issued").count() == 0 or Invoice.objects.out().count() == 1


def test_what_happened_to_a_charge_since_the_draft_counts_when_it_is_issued(university, finance, payer):
    objected, part, kept = (used(payer, university, amount) for amount in ("10", "20", "40"))
    draft = drafted(university, finance).invoices.get()
    object_to(objected, by=officer_of(payer.organisation, "keeper"), reason="x")
    refund_charge(part, by=finance, amount=Decimal(5), reason="x")
    invoice = issue_invoice(draft, by=finance)
    assert invoice.to_pay == 15 + 40
    assert set(invoice.lines.filter(counts=True).values_list("charge", flat=True)) == {part.pk, kept.pk}


def test_a_draft_without_lines_is_dropped_and_takes_no_number(university, finance, payer):
    used(payer, university)
    used(payer_of(university, "第二公司"), university)
    run = drafted(university, finance)
    first, second = run.invoices.order_by("pk")
    leave_out(first.lines.get(), finance, LineState.POSTPONED)
    issue_run(run, by=finance)
    run_jobs()
    assert fresh(first).state == InvoiceState.DROPPED
    assert fresh(second).number == 1
    assert fresh(run).state == RunState.ISSUED


def test_a_worker_makes_the_drafts_and_issues_them(university, finance, payer):
    used(payer, university)
    run = start_run(university, month=timezone.localdate(), by=finance)
    with pytest.raises(Refused) as error:
        issue_run(run, by=finance)
    assert codes(error) == ["not_drafted"]
    run_jobs()
    assert fresh(run).drafted_at
    assert fresh(run).job.state == "done"
    issue_run(run, by=finance)
    issue_run(run, by=finance)  # the same button again: the same job
    run_jobs()
    assert Job.objects.count() == 2
    assert fresh(run).state == RunState.ISSUED
    assert Invoice.objects.get().pdf


def test_beat_begins_a_run_of_the_month_before_once_for_each_seller_that_has_charges(university, finance, payer):
    used(payer, university, on=date(2026, 11, 30))
    used(payer, university, on=date(2026, 12, 1))
    with time_machine.travel("2026-12-01T02:00:00+08:00", tick=False):
        assert start_due_runs(today=timezone.localdate()) == 1
        assert start_due_runs(today=timezone.localdate()) == 0
        run_jobs()
    run = InvoiceRun.objects.get()
    assert (run.month, run.made_by, run.invoices.get().to_pay) == (date(2026, 11, 1), None, 100)


def test_prepaid_charges_get_a_statement_that_is_paid_as_it_is_issued(university, finance):
    wallet = wallet_with(firm(), university, paid_in="500")
    agree_settlement(university, by=finance, kind="prepaid", wallet=wallet)
    invoice = issued(university, finance, wallet=wallet)
    assert (invoice.state, invoice.paid, invoice.open_amount) == (InvoiceState.PAID, 100, 0)
    assert fresh(wallet).balance == 400


class Killed(BaseException):
    """The worker's process has ended."""


POINTS = {
    "before the first number": ("billing.services.issuing.next_number", 1),
    "after two numbers": ("billing.services.issuing.next_number", 3),
    "between number and mail": ("billing.services.issuing.report_invoice", 2),
    "between invoice and paper": ("billing.services.issuing.keep_paper", 1),
    "before the run is closed": ("billing.services.issuing.close_run", 1),
}


@pytest.mark.parametrize("point", POINTS)
def test_a_run_of_3_killed_and_begun_again_issues_the_same_invoices(university, finance, point):
    for n in range(3):
        used(payer_of(university, f"公司{n}"), university, str(10 + n))
    run = drafted(university, finance)
    job = issue_run(run, by=finance)
    name, nth = POINTS[point]
    module, function = name.rsplit(".", 1)
    real = getattr(__import__(module, fromlist=[function]), function)
    calls = []

    def killed(*args, **kwargs):
        calls.append(1)
        if len(calls) == nth:
            raise Killed
        return real(*args, **kwargs)

    class Silent:
        def of(self, done, total):
            pass

    with patch(name, killed), pytest.raises(Killed):
        run_issuing(job, Silent())
    run_issuing(job, Silent())

    found = list(Invoice.objects.order_by("number"))
    assert [each.number for each in found] == [1, 2, 3]
    assert sorted(each.to_pay for each in found) == [10, 11, 12]
    assert all(each.pdf for each in found)
    assert fresh(run).state == RunState.ISSUED


@pytest.mark.parametrize("point", ["bulk_create", "add_up", "_problems"])
def test_drafts_of_4_killed_halfway_are_all_made_by_the_next_worker(university, finance, payer, point):
    for n in range(4):
        used(payer, university, str(n + 1))
    run = start_run(university, month=timezone.localdate(), by=finance)
    where = "django.db.models.query.QuerySet" if point == "bulk_create" else "billing.services.drafting"
    with patch(f"{where}.{point}", side_effect=Killed), pytest.raises(Killed), transaction.atomic():
        make_drafts(run)
    assert not Invoice.objects.exists()
    assert make_drafts(run) == make_drafts(run) == 1
    assert Invoice.objects.get().to_pay == 10
    assert Charge.objects.filter(invoice_lines__counts=True).count() == 4
