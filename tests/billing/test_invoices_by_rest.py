"""Invoices, payments and fapiao by REST."""

import pytest
from django.utils import timezone

from billing.models import FapiaoRequest, Invoice, InvoiceRun, Payment
from billing.tasks import run_jobs
from tests.billing.books import fresh, issued, officer_of, payer_of, used

pytestmark = pytest.mark.django_db
API = "/api/v1"


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
def invoice(university, finance, payer, keeper, monkeypatch):
    monkeypatch.setattr("billing.services.issuing.keep_paper", lambda _invoice: None)
    return issued(university, finance, wallet=payer, amounts=("60", "40"))


def codes(response):
    return [each["code"] for each in response.json()["objections"]]


def test_a_month_by_rest_from_the_run_to_the_payment(university, finance, payer, call, monkeypatch):
    monkeypatch.setattr("billing.services.issuing.keep_paper", lambda _invoice: None)
    used(payer, university, "100")
    api = call(finance, "read", "billing")
    month = {"seller": str(university.pk), "month": f"{timezone.localdate()}"}
    run = api.post(f"{API}/invoice-runs/", month)
    assert (run.status_code, run.json()["state"]) == (201, "draft")
    assert codes(api.post(f"{API}/invoice-runs/", month)) == ["run_exists"]
    run_jobs()
    assert api.post(f"{API}/invoice-runs/{run.json()['id']}/issue/").status_code == 202
    InvoiceRun.objects.get()
    draft = Invoice.objects.get()
    answer = api.post(f"{API}/invoices/{draft.pk}/issue/")
    assert answer.json()["number"] == f"{timezone.localdate().year}-00001"
    assert [line["to_pay"] for line in answer.json()["lines"]] == ["100.00"]
    assert codes(api.post(f"{API}/invoices/{draft.pk}/issue/")) == ["wrong_state"]
    paid = {"seller": str(university.pk), "amount": "100.00", "reference": answer.json()["reference"]}
    assert api.post(f"{API}/payments/", paid).json()["invoice"] == str(draft.pk)
    assert api.get(f"{API}/invoices/?state=paid").json()["results"][0]["open"] == "0.00"


def test_a_payment_needs_a_key_and_counts_once_for_it(university, finance, invoice, call):
    api = call(finance, "billing", "read")
    body = {"seller": str(university.pk), "amount": "10.00", "reference": invoice.reference}
    without = api.post(f"{API}/payments/", body, key=None)
    assert (without.status_code, without.json()["errors"][0]["code"]) == (400, "missing_idempotency_key")
    answers = [api.post(f"{API}/payments/", body, key="slip-7") for _ in range(2)]
    assert [each.status_code for each in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert Payment.objects.count() == 1
    assert fresh(invoice).paid == 10
    too_much = api.post(f"{API}/payments/", {**body, "amount": "90.01"})
    assert codes(too_much) == ["above_balance"]
    assert too_much.json()["objections"][0]["open"] == "90.00"


def test_a_token_without_the_scope_keeps_no_books(university, finance, invoice, call):
    body = {"seller": str(university.pk), "amount": "10.00"}
    assert call(finance, "read", "manage").post(f"{API}/payments/", body).status_code == 403
    assert call(finance, "billing").get(f"{API}/invoices/").status_code == 403


def test_the_payer_sees_the_invoice_and_asks_for_a_fapiao_and_finance_credits_and_matches(
    university, finance, keeper, invoice, call
):
    theirs, ours = call(keeper), call(finance)
    assert theirs.get(f"{API}/invoices/{invoice.pk}/").json()["to_pay"] == "100.00"
    asked = theirs.post(f"{API}/fapiao-requests/", {"invoice": str(invoice.pk), "title": "李明", "is_personal": True})
    assert asked.status_code == 201
    number = {"number": "2" * 20, "issued_on": f"{timezone.localdate()}"}
    assert theirs.post(f"{API}/fapiao-requests/{asked.json()['id']}/number/", number).status_code == 403
    assert ours.post(f"{API}/fapiao-requests/{asked.json()['id']}/number/", number).json()["state"] == "issued"
    assert FapiaoRequest.objects.get().number == "2" * 20
    body = {"reason": "机时计错", "lines": [{"position": 1, "amount": "10.00"}]}
    assert ours.post(f"{API}/invoices/{invoice.pk}/credit/", body).json()["to_pay"] == "10.00"
    receipt = ours.post(f"{API}/payments/", {"seller": str(university.pk), "amount": "90.00"}).json()
    assert ours.get(f"{API}/payments/?unclaimed=true").json()["results"][0]["id"] == receipt["id"]
    matched = ours.post(f"{API}/payments/{receipt['id']}/match/", {"invoice": str(invoice.pk)})
    assert matched.json()["invoice"] == str(invoice.pk)
    assert fresh(invoice).state == "paid"
