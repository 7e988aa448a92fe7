"""A booking with a price: held with the time, charged after the use, given back when it is not used."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Organisation
from billing.models import Charge, Hold, Rate, Wallet
from billing.services import enter_fund_code, set_limit, set_rate, wallet_of, withdraw_rate
from billing.states import HoldState
from bookings.services import (
    book,
    cancel,
    check_in,
    check_out,
    complete_past,
    confirm,
    decline,
    drop,
    expire_lapsed,
    foresee,
    hand_over,
    move,
    release_no_shows,
    set_policy,
    submit,
    undo,
    with_terms,
)
from bookings.states import CancelledAs, State
from common.errors import Refused, WrongInput
from common.interval import Interval
from instruments.models import Instrument
from tests.billing.shop import recomputed, recomputed_pool, scheme_of, wallet_with
from tests.factories import instrument, lab_admin, member, person

HOUR = timedelta(hours=1)
pytestmark = pytest.mark.django_db


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def codes(error):
    return [each.code for each in error.value.refusals]


def slot(nine, hours=2):
    return Interval(nine, nine + hours * HOUR)


def test_a_booking_freezes_its_price_and_holds_it_in_the_groups_wallet(microscope, student, purse, nine):
    booking = book(microscope.slug, by=student, interval=slot(nine))
    assert (booking.price["gross"], booking.price["to_pay"], booking.price["vat_rate"]) == ("120.00", "120.00", "0")
    assert (booking.payer, booking.hold.amount, booking.hold.member) == (purse, 120, student)
    assert (fresh(purse).held, fresh(purse).free) == (120, 380)
    assert not Rate.objects.filter(category="own_institution", first_used_at=None).exists()


def test_where_no_rate_is_published_a_booking_is_free_of_charge_and_asks_nothing_of_wallets(centre, student, nine):
    free = instrument(centre, "afm", needs_approval=False)
    booking = book(free.slug, by=student, interval=slot(nine))
    assert (booking.price, booking.payer, booking.hold) == (None, None, None)
    assert not Wallet.objects.exists()


def test_what_the_wallet_says_against_it_comes_with_all_the_other_objections(microscope, pi, student, purse, nine):
    set_limit(purse, member=student, amount=Decimal(100), by=pi)
    with pytest.raises(Refused) as error:
        book(microscope.slug, by=student, interval=Interval(nine - 2 * HOUR, nine + 8 * HOUR))
    assert codes(error) == ["too_long", "closed", "wallet_empty", "limit_reached"]
    assert (fresh(purse).held, Hold.objects.count()) == (0, 0)


def test_the_laboratory_does_not_set_somebodys_empty_wallet_aside(microscope, centre, student, group, nine):
    manager = lab_admin("manager", centre)
    with pytest.raises(Refused, match="wallet_empty"):
        book(microscope.slug, by=manager, on_behalf_of=student, interval=slot(nine), overrule_because="急用")


def test_the_payer_may_be_chosen_among_those_that_one_pays_with(microscope, student, purse, account, nine):
    own = book(microscope.slug, by=student, interval=slot(nine), payer=fresh_wallet(student).pk)
    assert (own.payer.person, own.hold.account, fresh(purse).held) == (student, "owed", 0)
    with pytest.raises(WrongInput):
        book(microscope.slug, by=student, interval=slot(nine + 3 * HOUR), payer=account.pk)


def fresh_wallet(user):
    return wallet_of(user)


def test_a_project_number_is_chosen_with_the_booking_while_it_is_valid(microscope, pi, student, group, purse, nine):
    today = timezone.localdate()
    names = {"holder": pi, "by": pi, "group": group}
    code = enter_fund_code(group.organisation, code="52105001", **names)
    old = enter_fund_code(group.organisation, code="52105000", until=today - timedelta(days=1), **names)
    booking = book(microscope.slug, by=student, interval=slot(nine), fund_code=code.pk)
    assert booking.fund_code == booking.hold.fund_code == code
    with pytest.raises(WrongInput):
        book(microscope.slug, by=student, interval=slot(nine + 3 * HOUR), fund_code=old.pk)


def test_a_draft_shows_its_price_and_holds_no_money_until_it_is_sent(microscope, student, purse, nine):
    draft = book(microscope.slug, by=student, interval=slot(nine), draft=True)
    assert (draft.price["gross"], draft.hold, fresh(purse).held) == ("120.00", None, 0)
    sent = submit(draft, by=student)
    assert (sent.state, fresh(sent).hold.amount, fresh(purse).held) == (State.CONFIRMED, 120, 120)
    other = book(microscope.slug, by=student, interval=slot(nine + 4 * HOUR), draft=True)
    drop(other, by=student)
    assert fresh(purse).held == 120


@pytest.mark.parametrize("ends", ["declined", "expired", "cancelled"])
def test_what_comes_to_nothing_gives_the_money_back(microscope, centre, student, purse, nine, ends):
    set_policy(microscope, needs_approval=True)
    booking = book(microscope.slug, by=student, interval=slot(nine))
    assert fresh(purse).held == 120
    if ends == "declined":
        decline(booking, by=lab_admin("manager", centre), reason="样品不合适")
    elif ends == "cancelled":
        cancel(booking, by=student)
    else:
        with time_machine.travel(nine + HOUR):
            expire_lapsed(now=timezone.now())
    assert (fresh(purse).held, fresh(booking).hold.state, fresh(booking).state) == (0, HoldState.RELEASED, ends)


def test_a_decline_that_is_undone_holds_the_money_again_if_it_is_still_there(microscope, centre, student, purse, nine):
    set_policy(microscope, needs_approval=True)
    manager = lab_admin("manager", centre)
    booking = decline(book(microscope.slug, by=student, interval=slot(nine)), by=manager, reason="样品不合适")
    again = undo(booking, by=manager)
    assert (fresh(again).hold.state, fresh(purse).held) == (HoldState.HELD, 120)
    decline(again, by=manager, reason="样品不合适")
    book(microscope.slug, by=student, interval=slot(nine + 3 * HOUR, hours=8))
    with pytest.raises(Refused, match="wallet_empty"):
        undo(fresh(booking), by=manager)


def test_the_use_is_charged_as_booked_and_the_hold_is_used_up(microscope, student, purse, nine):
    booking = book(microscope.slug, by=student, interval=slot(nine))
    with time_machine.travel(nine + 3 * HOUR):
        complete_past(now=timezone.now())
    booking = fresh(booking)
    assert (booking.state, booking.charge.to_pay, booking.charge.member) == (State.COMPLETED, 120, student)
    assert booking.charge.name_zh.startswith("场发射扫描电镜 ")
    wallet = fresh(purse)
    assert (wallet.balance, wallet.held) == recomputed(wallet) == (380, 0)


@pytest.mark.parametrize(
    ("basis", "used", "paid"), [("booked", 1, 120), ("used", 1, 60), ("larger", 1, 120), ("larger", 3, 180)]
)
def test_by_policy_what_was_booked_what_was_used_or_the_larger_is_charged(
    microscope, student, purse, nine, basis, used, paid
):
    set_policy(microscope, charge_basis=basis)
    booking = book(microscope.slug, by=student, interval=slot(nine))
    with time_machine.travel(nine, tick=False):
        check_in(booking, by=student)
    with time_machine.travel(nine + used * HOUR, tick=False):
        check_out(booking, by=student)
    assert fresh(booking).charge.gross == paid


def test_a_rate_that_rises_later_does_not_change_what_was_booked(microscope, student, purse, nine):
    booking = book(microscope.slug, by=student, interval=slot(nine))
    tomorrow = timezone.localdate() + timedelta(days=1)
    set_rate(microscope, by=None, category="own_institution", basis="hour", amount=Decimal(90), begins=tomorrow)
    with time_machine.travel(timezone.now() + timedelta(days=1, hours=1)):
        moved = move(booking, by=student, interval=slot(nine + 2 * HOUR, hours=3))
        assert (moved.price["gross"], fresh(purse).held) == ("180.00", 180)
        assert (
            foresee(
                with_terms(Instrument.objects.all()).get(pk=microscope.pk), by=student, interval=slot(nine + 6 * HOUR)
            ).price.gross
            == 180
        )


def test_a_longer_time_is_held_or_refused_and_the_old_hold_stands(microscope, student, purse, nine):
    booking = book(microscope.slug, by=student, interval=slot(nine, hours=8))
    assert fresh(purse).held == 480
    with pytest.raises(Refused, match="wallet_empty"):
        move(booking, by=student, interval=slot(nine, hours=9))
    assert (fresh(purse).held, fresh(booking).hold.state) == (480, HoldState.HELD)
    move(booking, by=student, interval=slot(nine, hours=7))
    assert (fresh(purse).held, Hold.objects.live().get().amount) == (420, 420)


def test_cancelling_late_costs_what_the_policy_says_and_in_time_nothing(microscope, student, purse, nine):
    set_policy(microscope, late_fee_percent=30)
    in_time, late = (book(microscope.slug, by=student, interval=slot(nine + n * HOUR)) for n in (0, 3))
    with time_machine.travel(nine - 30 * HOUR):
        cancel(in_time, by=student)
    with time_machine.travel(nine - 2 * HOUR):
        cancel(late, by=student)
    assert fresh(in_time).charge is None
    assert (fresh(late).cancelled_as, fresh(late).charge.to_pay) == (CancelledAs.LATE, 36)
    assert (fresh(purse).balance, fresh(purse).held) == (464, 0)


def test_not_coming_costs_what_the_policy_says_until_it_turns_out_wrong(microscope, centre, student, purse, nine):
    set_policy(microscope, asks_check_in=True, no_show_percent=50)
    booking = book(microscope.slug, by=student, interval=slot(nine))
    with time_machine.travel(nine + HOUR):
        release_no_shows(now=timezone.now())
        assert (fresh(booking).state, fresh(booking).charge.to_pay, fresh(purse).balance) == (State.NO_SHOW, 60, 440)
        cancel(fresh(booking), by=lab_admin("manager", centre), reason="门禁故障")
    assert (fresh(purse).balance, fresh(booking).charge.refunded) == (500, 60)


def test_a_booking_that_is_handed_over_is_paid_by_whoever_takes_it(microscope, student, pi, purse, engineer, nine):
    set_policy(microscope, allows_hand_over=True)
    booking = book(microscope.slug, by=engineer_with_credit(engineer, microscope), interval=slot(nine))
    assert booking.price["gross"] == "600.00"
    taken = hand_over(booking, by=engineer, to=student.email)
    assert (fresh(taken).payer, fresh(taken).price["gross"], fresh(purse).held) == (purse, "120.00", 120)
    assert Hold.objects.live().count() == 1


def engineer_with_credit(engineer, microscope):
    wallet_with(engineer.memberships.get().organisation, microscope.facility.organisation, credit="1000")
    return engineer


def test_a_firm_pays_less_while_a_fund_bears_its_share(microscope, engineer, account, nine):
    fund = Organisation.objects.create(kind="government", name_zh="滨海市科技局")
    scheme = scheme_of(fund, cap_per_order=Decimal(200))
    booking = book(microscope.slug, by=engineer, interval=slot(nine))
    assert (booking.price["gross"], booking.price["covered"], booking.price["to_pay"]) == ("600.00", "200.00", "400.00")
    assert booking.price["scheme"]["name_zh"].startswith("示例")
    assert (fresh(account).held, fresh(scheme).reserved) == (400, 200)
    with time_machine.travel(nine + 3 * HOUR):
        complete_past(now=timezone.now())
    assert (fresh(booking).charge.covered, fresh(account).balance) == (200, -400)
    assert (fresh(scheme).reserved, fresh(scheme).spent) == recomputed_pool(scheme) == (0, 200)


def test_a_fund_is_for_instruments_that_cost_enough_and_for_whom_it_names(microscope, engineer, account, purse, nine):
    scheme_of(
        Organisation.objects.create(kind="government", name_zh="滨海市科技局"), least_original_value=Decimal(500_000)
    )
    assert book(microscope.slug, by=engineer, interval=slot(nine, hours=1)).price["covered"] == "0.00"
    Instrument.objects.filter(pk=microscope.pk).update(original_value=Decimal(3_000_000))
    assert book(microscope.slug, by=engineer, interval=slot(nine + HOUR, hours=1)).price["covered"] == "120.00"


def test_a_cancelled_booking_gives_the_fund_its_share_back(microscope, engineer, account, nine):
    scheme = scheme_of(Organisation.objects.create(kind="government", name_zh="滨海市科技局"))
    booking = book(microscope.slug, by=engineer, interval=slot(nine))
    assert fresh(scheme).reserved == 240
    cancel(booking, by=engineer)
    assert (fresh(scheme).reserved, fresh(scheme).left) == (0, 1000)


def test_what_an_upper_room_books_for_itself_is_not_sold(microscope, student, group, nine):
    booking = book(microscope.slug, by=student, interval=slot(nine), held_for="outreach.session:1")
    assert (booking.price, booking.hold) == (None, None)


def test_what_waits_for_approval_is_confirmed_at_the_frozen_price(microscope, centre, student, purse, nine):
    set_policy(microscope, needs_approval=True)
    booking = book(microscope.slug, by=student, interval=slot(nine))
    confirmed = confirm(booking, by=lab_admin("manager", centre))
    assert (fresh(confirmed).price["gross"], fresh(purse).held) == ("120.00", 120)
    assert not Charge.objects.exists()


def test_rates_begin_today_or_later_once_a_day_and_stand_when_they_were_used(microscope, centre, student, purse, nine):
    manager, today = lab_admin("manager", centre), timezone.localdate()
    terms = {"by": manager, "category": "company", "basis": "hour", "amount": Decimal(400)}
    with pytest.raises(WrongInput):
        set_rate(microscope, begins=today - timedelta(days=1), **terms)
    first = set_rate(microscope, **terms)
    with pytest.raises(Refused, match="rate_begins_already"):
        set_rate(microscope, **terms)
    withdraw_rate(first, by=manager)
    book(microscope.slug, by=student, interval=slot(nine))
    used = Rate.objects.get(category="own_institution")
    with pytest.raises(Refused, match="rate_used"):
        withdraw_rate(used, by=manager)


def test_who_does_not_belong_anywhere_pays_at_the_desk(microscope, nine):
    set_rate(microscope, by=None, category="individual", basis="hour", amount=Decimal(200))
    booking = book(microscope.slug, by=person("founder"), interval=slot(nine))
    assert (booking.hold.account, booking.hold.amount, booking.price["vat"]) == ("owed", 400, "22.64")


def test_of_two_firms_people_each_sees_only_the_wallet_that_they_pay_with(account, purse, engineer, student, pi):
    assert list(Wallet.objects.visible_to(engineer)) == [account]
    assert list(Wallet.objects.visible_to(student)) == [purse]
    assert not Wallet.objects.visible_to(member("else", account.organisation)).filter(pk=purse.pk).exists()
