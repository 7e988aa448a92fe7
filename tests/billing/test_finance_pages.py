"""Pages of finance and of payers: what is shown to whom, and what their buttons do."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from billing.models import CreditNote, FapiaoRequest, Invoice, InvoiceRun, Letterhead, Payment
from billing.services import record_payment, request_fapiao
from billing.tasks import run_jobs
from tests.billing.books import drafted, fresh, issued, officer_of, payer_of, used
from tests.billing.shop import group_of, wallet_with
from tests.billing.test_payments import USCC
from tests.common.hostile import picture
from tests.factories import member

pytestmark = pytest.mark.django_db


@pytest.fixture
def finance(university):
    return officer_of(university)


@pytest.fixture
def payer(university):
    return payer_of(university)


@pytest.fixture
def keeper(payer):
    return officer_of(payer.organisation, "keeper")


@pytest.fixture
def invoice(university, finance, payer, keeper, sem):
    return issued(university, finance, wallet=payer, amounts=("60", "40"), thing=sem)


def text_of(response):
    return response.content.decode()


def test_finance_starts_a_run_looks_through_it_and_issues_it(university, finance, payer, browse):
    other = payer_of(university, "另一公司")
    for wallet, amount in ((payer, "10"), (payer, "20"), (other, "5")):
        used(wallet, university, amount)
    client = browse(finance)
    month = f"{timezone.localdate():%Y-%m}"
    page = client.post(reverse("invoice_runs", args=[university.pk]), {"month": month}, follow=True)
    run = InvoiceRun.objects.get()
    assert page.redirect_chain[-1][0] == reverse("invoice_run", args=[run.pk])
    assert page.headers["Refresh"] == "2"
    run_jobs()
    page = client.get(reverse("invoice_run", args=[run.pk]))
    assert "另一公司" in text_of(page)
    left = run.invoices.get(wallet=other)
    client.post(reverse("invoice_run", args=[run.pk]), {"do": "postponed", "invoice": left.pk})
    mine = run.invoices.get(wallet=payer)
    line = mine.lines.first()
    client.post(reverse("invoice_lines", args=[mine.pk]), {"line": line.pk, "state": "excluded"})
    assert fresh(mine).to_pay == 30 - line.to_pay
    client.post(reverse("invoice_run", args=[run.pk]), {"do": "issue"})
    run_jobs()
    assert [(each.state, each.number) for each in Invoice.objects.order_by("number")] == [
        ("issued", 1),
        ("dropped", None),
    ]
    assert "已开具" in text_of(client.get(reverse("invoice_run", args=[run.pk]))) or fresh(run).state == "issued"


def test_a_run_that_exists_is_refused_beside_the_month(university, finance, payer, browse):
    used(payer, university)
    drafted(university, finance)
    page = browse(finance).post(
        reverse("invoice_runs", args=[university.pk]), {"month": f"{timezone.localdate():%Y-%m}"}
    )
    assert page.status_code == 400
    assert page.context["form"].errors["month"]


def test_the_overview_shows_receivables_by_age_and_revenue_and_both_as_csv(university, finance, payer, invoice, browse):
    with time_machine.travel(timezone.now() + timedelta(days=45), tick=False):
        client = browse(finance)
        page = client.get(reverse("finance", args=[university.pk]))
        ages = client.get(reverse("finance", args=[university.pk]), {"as": "receivables.csv"})
        revenue = client.get(reverse("finance", args=[university.pk]), {"as": "revenue.csv"})
    assert "¥100.00" in text_of(page)
    rows = [line.split(",") for line in ages.content.decode("utf-8-sig").splitlines()]
    assert rows[3] == ["31–60", "1", "100.00", "100.00"]
    assert "场发射扫描电镜,2,100.00,94.34,0.00" in revenue.content.decode()


def test_every_page_of_finance_and_of_the_payer_opens(university, finance, payer, keeper, invoice, browse):
    asked = request_fapiao(invoice, by=keeper, title="x", uscc=USCC)
    record_payment(university, amount=Decimal(100), by=finance, payer_words="示范科技有限公司")
    used(payer, university)
    run = drafted(university, finance)
    draft = run.invoices.get()
    of_seller = [
        reverse(name, args=[university.pk])
        for name in ("finance", "letterhead", "finance_invoices", "invoice_runs", "payments", "fapiao_requests")
    ]
    of_run = [reverse("invoice_run", args=[run.pk]), reverse("invoice", args=[draft.pk])]
    of_run.append(reverse("invoice_run", args=[run.pk]) + "?tab=problems")
    of_both = [reverse(name, args=[invoice.pk]) for name in ("invoice", "invoice_pdf", "ask_fapiao", "credit_invoice")]
    of_both += [reverse("fapiao_number", args=[asked.pk]), reverse("my_invoices")]
    stranger = member("stranger", university)
    for path in (*of_seller, *of_run, *of_both, reverse("invoice_pdf", args=[draft.pk])):
        assert browse(finance).get(path).status_code == 200, path
    for path in of_both:
        assert browse(keeper).get(path).status_code == 200, path
        expected = 200 if path == reverse("my_invoices") else 404
        assert browse(stranger).get(path).status_code == expected, path
    for path in (*of_seller, *of_run):
        assert browse(keeper).get(path).status_code == 404, path
    assert browse(finance).get(reverse("finance_home")).url == reverse("finance", args=[university.pk])
    assert browse(stranger).get(reverse("finance_home")).status_code == 404


def test_a_payment_with_its_slip_finds_its_invoice_by_the_reference(university, finance, invoice, browse):
    client = browse(finance)
    given = {"amount": "70", "paid_on": timezone.localdate(), "kind": "transfer", "reference": f"付{invoice.reference}"}
    slip = SimpleUploadedFile("回单.png", picture("PNG"))
    client.post(reverse("payments", args=[university.pk]), {**given, "slip": slip})
    payment = Payment.objects.get()
    assert payment.invoice == invoice
    assert client.get(reverse("payment_slip", args=[payment.pk])).status_code == 200
    page = client.post(reverse("payments", args=[university.pk]), {**given, "amount": "70"})
    assert page.status_code == 400
    assert page.context["form"].errors["amount"]
    assert Payment.objects.count() == 1


def test_an_unclaimed_receipt_is_shown_with_a_guess_and_matched_by_a_button(university, finance, invoice, browse):
    receipt = record_payment(university, amount=Decimal(100), by=finance, payer_words="示范科技有限公司")
    client = browse(finance)
    page = client.get(reverse("payments", args=[university.pk]))
    assert page.context["unclaimed"][0].guesses == [invoice]
    client.post(reverse("match_payment", args=[receipt.pk]), {"reference": "nothing"})
    assert fresh(receipt).invoice is None
    client.post(reverse("match_payment", args=[receipt.pk]), {"reference": invoice.label})
    assert fresh(invoice).state == "paid"


def test_the_payer_asks_for_a_fapiao_and_finance_enters_its_number(university, finance, keeper, invoice, browse):
    given = {"kind": "ordinary", "title": "示范科技有限公司", "uscc": USCC.lower()}
    wrong = browse(keeper).post(reverse("ask_fapiao", args=[invoice.pk]), {**given, "uscc": "1"})
    assert wrong.context["form"].errors["uscc"]
    browse(keeper).post(reverse("ask_fapiao", args=[invoice.pk]), given)
    asked = FapiaoRequest.objects.get()
    listed = browse(finance).get(reverse("fapiao_requests", args=[university.pk]), {"as": "fapiao.xlsx"})
    assert listed.content.startswith(b"PK")
    page = reverse("fapiao_number", args=[asked.pk])
    number = {"number": "2" * 20, "issued_on": timezone.localdate()}
    assert browse(keeper).post(page, number).status_code == 403
    browse(finance).post(page, number)
    assert fresh(asked).state == "issued"
    browse(finance).post(reverse("void_fapiao", args=[asked.pk]))
    assert fresh(asked).state == "void"


def test_an_invoice_is_taken_back_in_part_whole_or_for_another(university, finance, keeper, invoice, browse):
    page = reverse("credit_invoice", args=[invoice.pk])
    assert browse(keeper).post(page, {"how": "whole", "reason": "x"}).status_code == 403
    wrong = browse(finance).post(page, {"how": "part", "reason": "x"})
    assert set(wrong.context["form"].errors) == {"position", "amount"}
    browse(finance).post(page, {"how": "part", "position": 1, "amount": "10", "reason": "x"})
    note = CreditNote.objects.get()
    assert browse(keeper).get(reverse("credit_note_pdf", args=[note.pk])).content.startswith(b"%PDF")
    browse(finance).post(page, {"how": "anew", "reason": "抬头有误"})
    draft = Invoice.objects.get(state="draft")
    browse(finance).post(reverse("issue_invoice", args=[draft.pk]))
    assert (fresh(draft).number, fresh(draft).to_pay) == (2, 90)


def test_a_payer_notes_a_voucher_and_finance_settles_by_it(university, finance, browse):
    pi = member("pi", university)
    invoice = issued(university, finance, wallet=wallet_with(group_of(pi, university), university, credit="1000"))
    page = reverse("invoice_voucher", args=[invoice.pk])
    browse(pi).post(page, {"voucher": "记-1", "do": "settle"})
    assert (fresh(invoice).voucher, fresh(invoice).state) == ("记-1", "issued")
    browse(finance).post(page, {"voucher": "记-1", "do": "settle"})
    assert fresh(invoice).state == "paid"


def test_the_letterhead_stands_on_the_next_invoice(university, finance, payer, browse):
    given = {"bank": "示范银行", "account": "6222 0000", "days_to_pay": "20"}
    browse(finance).post(reverse("letterhead", args=[university.pk]), given)
    assert Letterhead.objects.get().bank == "示范银行"
    invoice = issued(university, finance, wallet=payer)
    assert invoice.seller_words["account"] == "6222 0000"
    assert invoice.due_on == timezone.localdate() + timedelta(days=20)


@pytest.mark.parametrize("name", ["finance_invoices", "payments", "fapiao_requests", "finance"])
def test_lists_ask_as_many_statements_of_2_rows_as_of_8(university, finance, browse, statements, name, monkeypatch):
    monkeypatch.setattr("billing.services.issuing.keep_paper", lambda _invoice: None)
    client, path = browse(finance), reverse(name, args=[university.pk])
    counts = []
    for step in (2, 6):
        for n in range(step):
            invoice = issued(university, finance, wallet=payer_of(university, f"公司{step}-{n}"))
            request_fapiao(invoice, by=finance, title="x", is_personal=True)
            record_payment(university, amount=Decimal(1), by=finance, reference=invoice.reference)
        with statements() as counted:
            client.get(path)
        counts.append(len(counted))
    assert counts[0] == counts[1]
