"""Money in a wallet is held, spent and given back; what a wallet, a limit or a fund does not have is refused."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Organisation
from accounts.states import OrganisationKind
from billing.models import Charge, Hold, Invoice, LedgerEntry, Payment, Scheme, SchemeEntry, Wallet
from billing.services import (
    agree_settlement,
    agree_to_old,
    charge,
    decide_objection,
    enter_fund_code,
    hold,
    object_to,
    pay_charge,
    refund_charge,
    release,
    set_limit,
    settlement_between,
    wallet_of,
)
from billing.states import Account, ChargeState, HoldState, PaymentKind, SettlementKind
from common.errors import NotAllowed, Refused, WrongInput
from tests.billing.shop import charged, firm, group_of, price, recomputed, recomputed_pool, scheme_of, wallet_with
from tests.factories import member, person
from tests.factories import university as a_university

pytestmark = pytest.mark.django_db


@pytest.fixture
def payer(university):
    """The wallet of a firm with 1,000 yuan paid in and 500 of credit."""
    return wallet_with(firm(), university, paid_in="1000", credit="500")


@pytest.fixture
def fund(db):
    return Organisation.objects.create(kind=OrganisationKind.GOVERNMENT, name_zh="滨海市科技局")


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def codes(error):
    return [each.code for each in error.value.refusals]


def test_a_wallet_is_made_when_it_is_first_asked_for_and_only_once(university):
    alice = person("alice")
    assert wallet_of(alice) == wallet_of(alice)
    assert wallet_of(group_of(alice, university)).free == 0
    assert wallet_of(university).name == str(university)


def test_what_is_held_can_be_spent_on_nothing_else_until_it_is_released(payer, university):
    held = hold(payer, Decimal(1400), by=None, seller=university)
    assert fresh(payer).free == 100
    with pytest.raises(Refused) as error:
        hold(payer, Decimal("100.01"), by=None, seller=university)
    assert codes(error) == ["wallet_empty"]
    assert error.value.refusals[0].values == {"needed": "100.01", "free": "100.00"}
    release(held)
    release(held)  # twice is once
    assert (fresh(payer).free, fresh(held).state) == (1500, HoldState.RELEASED)


def test_postgresql_keeps_a_wallet_above_its_credit_line_whoever_asks(payer):
    with pytest.raises(IntegrityError, match="wallet_never_overdrawn"), transaction.atomic():
        Wallet.objects.filter(pk=payer.pk).update(held=Decimal("1500.01"))


def test_a_charge_uses_up_its_hold_and_is_written_in_the_books(payer, university):
    held = hold(payer, Decimal(300), by=None, seller=university)
    made = charged(payer, university, "212", hold=held)
    wallet = fresh(payer)
    assert (wallet.balance, wallet.held) == recomputed(wallet) == (788, 0)
    legs = {leg.account: leg.amount for leg in made.entries.get().legs.all()}
    assert legs == {Account.WALLET: -212, Account.INCOME: 200, Account.VAT: 12}
    with pytest.raises(Refused, match="hold_over"):
        charged(payer, university, "1", hold=held)


def test_time_that_overran_what_the_wallet_has_is_charged_all_the_same_and_owed(payer, university):
    held = hold(payer, Decimal(1500), by=None, seller=university)
    made = charged(payer, university, "1600", hold=held)
    assert (made.account, fresh(payer).balance) == (Account.OWED, 1000)


def test_who_pays_at_the_desk_needs_nothing_in_the_wallet(university):
    wallet = wallet_of(person("alice"))
    held = hold(wallet, Decimal(300), by=None, seller=university)
    made = charged(wallet, university, "300", hold=held)
    assert (fresh(wallet).balance, made.settlement) == (0, SettlementKind.DESK)
    pay_charge(made, by=None, how=PaymentKind.DESK)
    assert fresh(made).paid == 300
    with pytest.raises(Refused, match="paid_already"):
        pay_charge(made, by=None, how=PaymentKind.DESK)
    assert Payment.objects.count() == 1


def test_a_member_spends_up_to_the_limit_and_the_others_are_not_touched(university):
    pi, student, other = member("pi", university), member("student", university), member("other", university)
    group = group_of(pi, university)
    group.admissions.create(person=student)
    group.admissions.create(person=other)
    wallet = wallet_with(group, university, paid_in="1000")
    set_limit(wallet, member=student, amount=Decimal(200), by=pi)
    hold(wallet, Decimal(150), by=None, seller=university, member=student)
    with pytest.raises(Refused) as error:
        hold(wallet, Decimal(60), by=None, seller=university, member=student)
    assert codes(error) == ["limit_reached"]
    hold(wallet, Decimal(60), by=None, seller=university, member=other)
    with pytest.raises(NotAllowed):
        set_limit(wallet, member=student, amount=Decimal(900), by=student)
    with pytest.raises(WrongInput):
        set_limit(wallet, member=person("stranger"), amount=Decimal(1), by=pi)


def test_a_limit_for_a_month_begins_anew_with_the_next(university):
    pi = member("pi", university)
    wallet = wallet_with(group_of(pi, university), university, paid_in="1000")
    set_limit(wallet, member=pi, amount=Decimal(200), by=pi)
    charged(wallet, university, "200", member=pi)
    with pytest.raises(Refused, match="limit_reached"):
        hold(wallet, Decimal(1), by=None, seller=university, member=pi)
    first = (timezone.localdate().replace(day=1) + timedelta(days=32)).replace(day=1)
    with time_machine.travel(f"{first}T09:00:00+08:00"):
        hold(wallet, Decimal(1), by=None, seller=university, member=pi)


def test_a_project_number_bears_no_more_than_its_limit(university):
    pi = member("pi", university)
    wallet = wallet_with(group_of(pi, university), university, paid_in="1000")
    code = enter_fund_code(university, code="52105001", holder=pi, by=pi, limit=Decimal(100))
    with pytest.raises(Refused) as error:
        hold(wallet, Decimal(101), by=None, seller=university, fund_code=code)
    assert error.value.refusals[0].values["subject"] == "fund_code"
    hold(wallet, Decimal(100), by=None, seller=university, fund_code=code)


def test_all_that_stands_against_spending_is_said_at_once(university):
    pi = member("pi", university)
    wallet = wallet_with(group_of(pi, university), university, paid_in="10")
    set_limit(wallet, member=pi, amount=Decimal(5), by=pi)
    overdue_invoice(wallet, university, days=31)
    with pytest.raises(Refused) as error:
        hold(wallet, Decimal(20), by=None, seller=university, member=pi)
    assert codes(error) == ["wallet_empty", "limit_reached", "payer_overdue"]


def overdue_invoice(wallet, seller, *, days):
    today = timezone.localdate()
    return Invoice.objects.create(
        seller=seller, wallet=wallet, settlement="transfer", state="issued", year=today.year, number=1,
        reference="JS-1", from_day=today, to_day=today, issued_on=today, due_on=today - timedelta(days=days),
    )  # fmt: skip


def test_who_is_overdue_by_less_than_the_seller_puts_up_with_may_go_on(payer, university):
    overdue_invoice(payer, university, days=30)
    hold(payer, Decimal(1), by=None, seller=university)
    agree_settlement(university, by=None, kind="transfer", wallet=payer, overdue_days=15)
    with pytest.raises(Refused, match="payer_overdue"):
        hold(payer, Decimal(1), by=None, seller=university)
    agree_settlement(university, by=None, kind="transfer", wallet=payer, overdue_days=0)
    hold(payer, Decimal(1), by=None, seller=university)


def test_money_is_given_back_by_a_new_entry_and_never_more_than_was_taken(payer, university):
    made = charged(payer, university, "106")
    refund_charge(made, by=None, amount=Decimal("10.60"), reason="样品台故障")
    assert (fresh(made).refunded, fresh(payer).balance) == (Decimal("10.60"), Decimal("904.60"))
    with pytest.raises(Refused, match="too_much"):
        refund_charge(made, by=None, amount=Decimal("95.41"), reason="太多")
    assert LedgerEntry.objects.filter(charge=made).count() == 2


def test_an_objection_within_ten_working_days_holds_that_charge_only(university):
    pi, finance = member("pi", university), member("finance", university, "finance")
    wallet = wallet_with(group_of(pi, university), university, paid_in="1000")
    first, second = (charged(wallet, university, "100") for _ in range(2))
    with pytest.raises(NotAllowed):
        object_to(first, by=person("stranger"), reason="不对")
    with pytest.raises(WrongInput):
        object_to(first, by=pi, reason=" ")
    object_to(first, by=pi, reason="当天仪器故障，只用了一半时间")
    ready = Charge.objects.ready_for_invoice(seller=university, until=timezone.localdate())
    assert list(ready) == [second]
    decide_objection(first, by=finance, upheld=True, answer="按一半收取", refund_of=Decimal(50))
    assert (fresh(first).state, fresh(first).left, fresh(wallet).balance) == (ChargeState.AGREED, 50, 850)
    with pytest.raises(Refused, match="objected"):
        object_to(first, by=pi, reason="还是不对")


def test_silence_for_ten_working_days_is_yes(payer, university):
    with time_machine.travel("2026-11-02T09:00:00+08:00"):
        made = charged(payer, university, "100")
    assert made.object_until == date(2026, 11, 16)
    boss = member("boss", payer.organisation, "admin")
    with time_machine.travel("2026-11-16T23:00:00+08:00"):
        assert agree_to_old() == 0
    with time_machine.travel("2026-11-17T00:30:00+08:00"):
        with pytest.raises(Refused, match="too_late"):
            object_to(made, by=boss, reason="不对")
        assert agree_to_old() == 1
    assert fresh(made).state == ChargeState.AGREED


def test_a_fund_is_reserved_with_the_hold_and_spent_with_the_charge(payer, university, fund):
    scheme = scheme_of(fund)
    held = hold(payer, Decimal(60), by=None, seller=university, scheme=scheme, covered=Decimal(40))
    assert (fresh(scheme).reserved, fresh(scheme).left) == (40, 960)
    # Half of it was used: the fund pays its share of that, the rest is released.
    made = charged(payer, university, "100", hold=held)
    assert (made.covered, made.to_pay) == (0, 100)  # the price that is charged says what the fund pays
    assert (fresh(scheme).reserved, fresh(scheme).spent) == recomputed_pool(scheme) == (0, 0)


def test_the_share_of_a_fund_is_a_leg_of_the_books(payer, university, fund):
    scheme = scheme_of(fund)
    held = hold(payer, Decimal(60), by=None, seller=university, scheme=scheme, covered=Decimal(40))
    with_share = price("80", covered="32")
    made = charge(
        seller=university, wallet=payer, price=with_share, used_on=timezone.localdate(), name_zh="扫描电镜",
        name_en="SEM", by=None, hold=held,
    )  # fmt: skip
    assert (made.covered, made.to_pay, fresh(payer).balance) == (32, 48, 952)
    legs = {leg.account: leg.amount for leg in made.entries.get().legs.all()}
    assert (legs[Account.SCHEME], legs[Account.WALLET]) == (-32, -48)
    assert (fresh(scheme).reserved, fresh(scheme).spent) == recomputed_pool(scheme) == (0, 32)


def test_a_released_hold_gives_the_fund_its_share_back(payer, university, fund):
    scheme = scheme_of(fund)
    release(hold(payer, Decimal(60), by=None, seller=university, scheme=scheme, covered=Decimal(40)))
    assert (fresh(scheme).reserved, fresh(scheme).spent) == recomputed_pool(scheme) == (0, 0)


def test_a_fund_reserves_no_more_than_it_has_nor_than_a_firm_may_have_in_a_year(payer, university, fund):
    scheme = scheme_of(fund, budget="100", cap_per_year=Decimal(70))
    give = {"by": None, "seller": university, "scheme": scheme}
    hold(payer, Decimal(1), covered=Decimal(60), **give)
    with pytest.raises(Refused, match="scheme_spent"):
        hold(payer, Decimal(1), covered=Decimal(11), **give)
    other = wallet_with(firm("另一家"), university, paid_in="100")
    with pytest.raises(Refused, match="scheme_spent"):
        hold(other, Decimal(1), covered=Decimal(41), **give)
    hold(other, Decimal(1), covered=Decimal(40), **give)
    assert (fresh(scheme).left, Hold.objects.count()) == (0, 2)
    with pytest.raises(IntegrityError, match="scheme_never_overspent"), transaction.atomic():
        Scheme.objects.filter(pk=scheme.pk).update(spent=Decimal("0.01"))
    with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
        SchemeEntry.objects.all().delete()


def test_an_institution_settles_with_its_own_groups_without_vat(university):
    own = wallet_of(group_of(member("pi", university), university))
    assert settlement_between(own, university).kind == SettlementKind.INTERNAL
    assert settlement_between(own, a_university(name_zh="别的大学")).kind == SettlementKind.TRANSFER
