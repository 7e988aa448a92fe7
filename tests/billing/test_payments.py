"""Money comes in, is matched, is too much, is kept until somebody knows what for; invoices are taken back."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import Organisation
from billing.models import Charge, CreditNote, FapiaoRequest, Invoice, LedgerLeg, Payment
from billing.services import (
    charge,
    credit,
    enter_fapiao,
    enter_fund_code,
    fapiao_list,
    hold,
    issue_invoice,
    match_payment,
    note_voucher,
    pay_charge,
    reconcile,
    record_payment,
    refund_charge,
    reissue,
    remind_of_overdue,
    request_fapiao,
    settle_internally,
    void_fapiao,
)
from billing.services.numbering import reference_in, reference_of
from billing.states import Account, InvoiceState, PaymentKind
from common.errors import NotAllowed, Refused, WrongInput
from notifications.models import Mail
from tests.billing.books import drafted, fresh, issued, officer_of, paid, payer_of, used
from tests.billing.shop import group_of, price, recomputed, scheme_of, wallet_with
from tests.factories import member

pytestmark = pytest.mark.django_db
USCC = "91210200MA0UAAAA01"


@pytest.fixture
def finance(university):
    return officer_of(university)


@pytest.fixture
def payer(university):
    return payer_of(university)


@pytest.fixture
def keeper(payer):
    """Looks after the firm's money."""
    return officer_of(payer.organisation, "keeper")


@pytest.fixture
def invoice(university, finance, payer, keeper):
    """Over 60 and 40 yuan."""
    return issued(university, finance, wallet=payer, amounts=("60", "40"))


def codes(error):
    return [each.code for each in error.value.refusals]


def books_add_up(wallet):
    """What the wallet shows is what its entries say, and every entry is nothing in all."""
    sums = sum((leg.amount for leg in LedgerLeg.objects.all()), Decimal(0))
    return fresh(wallet).balance == recomputed(wallet)[0] and sums == 0


@pytest.mark.parametrize(
    "text",
    ["{0}", "货款 {0} 十一月", "js{1}", "JS {2} {3}", "ＪＳ{1}", "付款识别码：JS-{2}-{3}。"],
)
def test_a_reference_is_found_however_a_bank_passes_it_on(text):
    reference = reference_of(7, 123)
    plain = reference[2:]
    assert reference_in(text.format(reference, plain, plain[:5], plain[5:])) == reference


@pytest.mark.parametrize("text", ["", "JS0000700012", "{wrong}", "JS123", "预存款"])
def test_a_mistyped_reference_is_none(text):
    reference = reference_of(7, 123)
    wrong = reference[:5] + str((int(reference[5]) + 1) % 10) + reference[6:]
    assert reference_in(text.format(wrong=wrong)) == ""


def test_a_payment_is_matched_by_its_reference_and_the_invoice_is_part_paid_then_paid(
    university, finance, payer, invoice
):
    first = record_payment(university, amount=Decimal(70), by=finance, reference=f"付 {invoice.reference} 部分")
    assert (first.invoice_id, fresh(invoice).state, fresh(invoice).open_amount) == (invoice.pk, "part_paid", 30)
    assert sorted(Charge.objects.values_list("paid", flat=True)) == [10, 60]
    record_payment(university, amount=Decimal(30), by=finance, reference=invoice.reference)
    assert (fresh(invoice).state, fresh(invoice).paid) == (InvoiceState.PAID, 100)
    assert fresh(payer).balance == 0
    assert books_add_up(payer)
    assert Mail.objects.filter(event="invoice_paid").count() == 1


def test_more_than_is_open_is_refused_with_both_figures_and_nothing_is_written(university, finance, payer, invoice):
    paid(invoice, finance, "70")
    with pytest.raises(Refused) as error:
        record_payment(university, amount=Decimal("30.01"), by=finance, reference=invoice.reference)
    assert codes(error) == ["above_balance"]
    assert error.value.refusals[0].values == {"open": "30.00", "amount": "30.01"}
    assert "30.00" in str(error.value.refusals[0].detail)
    assert Payment.objects.count() == 1
    paid(invoice, finance, "30")
    with pytest.raises(Refused) as error:
        paid(fresh(invoice), finance, "1")
    assert codes(error) == ["nothing_open"]


def test_what_nobody_knows_is_kept_unclaimed_and_matched_later_once(university, finance, payer, invoice):
    receipt = record_payment(university, amount=Decimal(100), by=finance, payer_words="示范科技", bank_ref="0001")
    assert list(Payment.objects.unclaimed()) == [receipt]
    assert fresh(payer).balance == -100
    match_payment(receipt, invoice=invoice, by=finance)
    assert fresh(invoice).state == InvoiceState.PAID
    assert not Payment.objects.unclaimed()
    assert books_add_up(payer)
    with pytest.raises(Refused) as error:
        match_payment(receipt, invoice=invoice, by=finance)
    assert codes(error) == ["claimed"]


def test_the_same_slip_of_the_bank_counts_once(university, finance, invoice):
    record_payment(university, amount=Decimal(1), by=finance, bank_ref="A-7")
    with pytest.raises(Refused) as error:
        record_payment(university, amount=Decimal(1), by=finance, bank_ref="A-7")
    assert codes(error) == ["slip_entered"]


def test_payments_are_for_the_sellers_finance_and_no_day_to_come(university, finance, keeper, invoice):
    with pytest.raises(NotAllowed):
        paid(invoice, keeper)
    for wrong in ({"amount": Decimal(0)}, {"amount": Decimal(1), "paid_on": timezone.localdate() + timedelta(days=1)}):
        with pytest.raises(WrongInput):
            record_payment(university, by=finance, **wrong)


def test_a_draft_takes_no_money(university, finance, payer):
    used(payer, university)
    with pytest.raises(Refused) as error:
        paid(drafted(university, finance).invoices.get(), finance, "100")
    assert codes(error) == ["nothing_open"]


def test_a_charge_on_an_invoice_that_is_out_is_paid_by_the_invoice_alone(university, finance, invoice):
    with pytest.raises(Refused) as error:
        pay_charge(Charge.objects.first(), by=finance, how=PaymentKind.DESK)
    assert codes(error) == ["on_an_invoice"]


def test_money_for_an_overrun_goes_to_what_is_owed_and_the_rest_to_the_wallet(university, finance):
    wallet = payer_of(university, credit="50")
    invoice = issued(university, finance, wallet=wallet, amounts=("50", "20"))
    assert {each.account for each in Charge.objects.all()} == {Account.WALLET, Account.OWED}
    paid(invoice, finance)
    sums = {
        account: sum(leg.amount for leg in LedgerLeg.objects.filter(account=account)) for account in ("wallet", "owed")
    }
    assert sums == {"wallet": 0, "owed": 0}
    assert books_add_up(wallet)


def test_a_part_is_credited_by_a_note_in_its_own_series_and_the_rest_is_paid(university, finance, payer, invoice):
    note = credit(invoice, by=finance, reason="机时计错", amounts={1: Decimal(25)})
    assert (note.label, note.to_pay, note.net + note.vat) == (f"{timezone.localdate().year}-00001", 25, 25)
    assert (fresh(invoice).state, fresh(invoice).open_amount) == (InvoiceState.ISSUED, 75)
    paid(fresh(invoice), finance, "75")
    assert fresh(invoice).state == InvoiceState.PAID
    assert fresh(payer).balance == 0
    assert books_add_up(payer)
    with pytest.raises(IntegrityError), transaction.atomic():
        CreditNote.objects.update(reason="x")


def test_a_whole_invoice_is_credited_once_and_what_was_paid_stays_in_the_wallet(university, finance, payer, invoice):
    paid(invoice, finance, "30")
    credit(invoice, by=finance, reason="重复开具")
    assert fresh(invoice).state == InvoiceState.CREDITED
    assert fresh(payer).balance == 30
    assert books_add_up(payer)
    with pytest.raises(Refused) as error:
        credit(invoice, by=finance, reason="x")
    assert codes(error) == ["wrong_state"]
    assert CreditNote.objects.count() == 1


def test_crediting_needs_a_reason_the_sellers_finance_and_something_left(university, finance, keeper, invoice):
    with pytest.raises(NotAllowed):
        credit(invoice, by=keeper, reason="x")
    for wrong in (
        {"reason": " "},
        {"reason": "x", "amounts": {1: Decimal(61)}},
        {"reason": "x", "amounts": {1: Decimal(-1)}},
    ):
        with pytest.raises(WrongInput):
            credit(invoice, by=finance, **wrong)
    with pytest.raises(Refused) as error:
        credit(invoice, by=finance, reason="x", amounts={9: Decimal(1)})
    assert codes(error) == ["nothing_to_credit"]


def test_a_refund_of_a_charge_that_is_on_an_invoice_writes_a_credit_note(university, finance, payer, invoice):
    charged = invoice.lines.get(position=1).charge
    refund_charge(charged, by=finance, amount=Decimal(15), reason="异议成立")
    assert fresh(invoice).open_amount == 85
    assert CreditNote.objects.get().to_pay == 15
    paid(fresh(invoice), finance, "85")
    assert fresh(invoice).state == InvoiceState.PAID
    assert books_add_up(payer)


def test_an_invoice_is_issued_anew_and_what_was_paid_counts_for_the_new_one(university, finance):
    pi = member("pi", university)
    wallet = wallet_with(group_of(pi, university), university, credit="1000")
    old = issued(university, finance, wallet=wallet, amounts=("60", "40"))
    paid(old, finance, "70", kind=PaymentKind.INTERNAL)
    fund = enter_fund_code(university, code="A-1", holder=pi, by=None)
    Charge.objects.update(fund_code=fund)
    draft = reissue(fresh(old), by=finance, reason="经费项目号有误")
    assert (fresh(old).state, draft.fund_code, draft.to_pay) == (InvoiceState.CREDITED, fund, 100)
    new = issue_invoice(draft, by=finance)
    assert (new.number, new.state, new.open_amount) == (2, InvoiceState.PART_PAID, 30)
    assert fresh(old).paid == 0
    assert fresh(wallet).balance == -30
    later = record_payment(university, amount=Decimal(30), by=finance, reference=old.reference)
    assert later.invoice == new  # who still writes the old reference means the new invoice
    assert books_add_up(wallet)


def test_an_internal_transfer_is_settled_by_its_voucher(university, finance):
    pi = member("pi", university)
    wallet = wallet_with(group_of(pi, university), university, credit="1000")
    used(wallet, university, "100")
    invoice = issue_invoice(drafted(university, finance).invoices.get(), by=finance)
    note_voucher(invoice, voucher="记-0815", by=pi)
    with pytest.raises(NotAllowed):
        settle_internally(invoice, voucher="记-0815", by=pi)
    with pytest.raises(WrongInput):
        settle_internally(invoice, voucher=" ", by=finance)
    payment = settle_internally(invoice, voucher="记-0815", by=finance)
    assert (payment.kind, fresh(invoice).state, fresh(invoice).voucher) == ("internal", "paid", "记-0815")
    with pytest.raises(Refused):
        settle_internally(invoice, voucher="记-0815", by=finance)
    with pytest.raises(Refused) as error:
        request_fapiao(invoice, by=pi, title="x", is_personal=True)
    assert codes(error) == ["no_fapiao"]


def test_a_bank_transfer_is_not_settled_by_a_voucher(finance, keeper, invoice):
    with pytest.raises(Refused):
        settle_internally(invoice, voucher="1", by=finance)
    with pytest.raises(Refused):
        note_voucher(invoice, voucher="1", by=keeper)


def test_reminders_go_out_after_15_30_and_60_days_once_each_and_never_for_what_is_paid(
    university, finance, payer, invoice
):
    settled = issued(university, finance, wallet=payer_of(university, "另一公司"), amounts=("5",))
    paid(settled, finance)
    counts = []
    for days in (14, 15, 16, 30, 45, 61, 62, 90):
        today = invoice.due_on + timedelta(days=days)
        counts.append(remind_of_overdue(today=today) + 10 * remind_of_overdue(today=today))
    assert counts == [0, 1, 0, 1, 0, 1, 0, 0]
    assert Mail.objects.filter(event="invoice_overdue").count() == 3


def test_who_owes_for_too_long_books_nothing_until_it_is_paid(university, finance, payer, invoice):
    with time_machine.travel(timezone.now() + timedelta(days=61, hours=1), tick=False):
        with pytest.raises(Refused) as error:
            hold(payer, Decimal(1), by=None, seller=university)
        assert codes(error) == ["payer_overdue"]
        paid(invoice, finance)
        hold(payer, Decimal(1), by=None, seller=university)


def test_a_fapiao_is_asked_for_once_and_its_number_comes_back_once(university, finance, payer, keeper, invoice):
    asked = request_fapiao(invoice, by=keeper, title="示范科技有限公司", uscc=USCC)
    with pytest.raises(Refused) as error:
        request_fapiao(invoice, by=finance, title="x", is_personal=True)
    assert codes(error) == ["fapiao_requested"]
    with pytest.raises(NotAllowed):
        enter_fapiao(asked, number="2" * 20, issued_on=timezone.localdate(), by=keeper)
    enter_fapiao(asked, number="2" * 20, issued_on=timezone.localdate(), by=finance)
    with pytest.raises(Refused):
        enter_fapiao(asked, number="3" * 20, issued_on=timezone.localdate(), by=finance)
    other = issued(university, finance, wallet=payer_of(university, "另一公司"))
    second = request_fapiao(other, by=finance, title="李明", is_personal=True)
    with pytest.raises(Refused) as error:
        enter_fapiao(second, number="2" * 20, issued_on=timezone.localdate(), by=finance)
    assert codes(error) == ["fapiao_number_used"]
    void_fapiao(fresh(asked), by=finance)
    assert request_fapiao(invoice, by=keeper, title="示范科技有限公司", uscc=USCC).state == "requested"
    assert Mail.objects.get(event="fapiao_issued").reader == keeper


@pytest.mark.parametrize(
    "wrong",
    [
        {"uscc": "91210200MA0UAAAA02"},
        {"kind": "special", "uscc": USCC},
        {"kind": "special", "uscc": USCC, "address": "a", "phone": "1", "bank": "b"},
        {"kind": "special", "is_personal": True},
    ],
)
def test_a_fapiao_needs_a_right_code_and_a_special_one_everything(keeper, invoice, wrong):
    with pytest.raises(WrongInput):
        request_fapiao(invoice, by=keeper, title="x", **wrong)
    assert not FapiaoRequest.objects.exists()


def test_the_list_of_requests_is_a_workbook_without_formulas(keeper, invoice):
    request_fapiao(invoice, by=keeper, title="=HYPERLINK(1)", uscc=USCC)
    sheet = load_workbook(BytesIO(fapiao_list(FapiaoRequest.objects.all()))).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][4] == "发票抬头"
    assert rows[1][4] == "'=HYPERLINK(1)"
    assert rows[1][13] == "100.00"


def test_a_funds_share_stands_on_the_invoice_and_is_not_asked_of_the_payer(university, finance, payer):
    fund = Organisation.objects.create(kind="government", name_zh="滨海市科技局")
    scheme = scheme_of(fund)
    held = hold(payer, Decimal(60), by=None, seller=university, scheme=scheme, covered=Decimal(40))
    charge(
        seller=university, wallet=payer, price=price("100", covered="40"), used_on=timezone.localdate(),
        name_zh="电镜", name_en="", by=None, hold=held,
    )  # fmt: skip
    invoice = issue_invoice(drafted(university, finance).invoices.get(), by=finance)
    assert (invoice.gross, invoice.covered, invoice.to_pay) == (100, 40, 60)
    paid(invoice, finance)
    assert fresh(payer).balance == 0


def test_invoices_are_seen_by_who_keeps_the_sellers_books_and_by_who_pays(university, finance, payer, keeper, invoice):
    used(payer, university)
    draft = drafted(university, finance).invoices.get()
    stranger = member("stranger", university)
    assert set(Invoice.objects.visible_to(finance)) == {invoice, draft}
    assert set(Invoice.objects.visible_to(keeper)) == {invoice}
    assert not Invoice.objects.visible_to(stranger)


def test_the_nightly_look_finds_a_fen_that_an_invoice_says_too_much(finance, invoice):
    paid(invoice, finance, "30")
    credit(invoice, by=finance, reason="x", amounts={1: Decimal(10)})
    assert reconcile() == []
    Invoice.objects.filter(pk=invoice.pk).update(paid=Decimal("30.01"))
    (found,) = reconcile()
    assert (found.of, found.what, found.shown - found.recomputed) == ("invoice", "paid", Decimal("0.01"))
