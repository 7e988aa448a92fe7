"""What people see of money: prices before signing in, the explanation in the form, wallets, charges, schemes."""

from datetime import timedelta
from decimal import Decimal

import pytest

from billing.models import Rate, WalletLimit
from billing.services import set_rate
from bookings.services import book
from common.interval import Interval
from tests.billing.shop import charged, scheme_of
from tests.factories import instrument, lab_admin, member, person
from tests.factories import university as a_university

HOUR = timedelta(hours=1)
pytestmark = pytest.mark.django_db


def text_of(response):
    return response.content.decode()


def test_prices_stand_on_the_instruments_page_before_anybody_signs_in(browse, microscope):
    page = text_of(browse().get("/instruments/priced-sem/"))

    assert "¥60.00" in page
    assert "¥300.00" in page
    assert "登录后可查看适用于您的价格和补贴" in page


def test_who_is_signed_in_sees_what_an_hour_costs_them_and_which_fund_helps(browse, microscope, engineer):
    scheme_of(a_university(kind="government", name_zh="滨海市科技局"))

    page = text_of(browse(engineer).get("/instruments/priced-sem/"))

    assert "您的每小时价格（中小企业）" in page
    assert "¥180.00" in page  # 300 less 40 %
    assert "示例：科研仪器共享补贴" in page


def test_an_instrument_without_rates_says_that_it_is_not_priced(browse, centre):
    instrument(centre, "afm")

    assert "未定价，预约该仪器免费" in text_of(browse().get("/instruments/afm/"))


def test_the_booking_form_explains_the_price_as_it_is_filled_in(browse, microscope, student, purse, nine):
    wish = {"day": f"{nine:%Y-%m-%d}", "start": "09:00", "end": "11:00", "purpose": "research"}

    part = text_of(browse(student).post("/instruments/priced-sem/book/objections/", wish))

    assert "¥120.00" in part
    assert "付款方：张课题组" in part


def test_an_empty_wallet_stands_beside_the_other_objections_in_the_form(browse, microscope, student, group, nine):
    wish = {"day": f"{nine:%Y-%m-%d}", "start": "06:00", "end": "08:00", "purpose": "research", "key": "k"}

    response = browse(student).post("/instruments/priced-sem/book/", wish)

    assert response.status_code == 400
    assert "不在开放时间内" in text_of(response)
    assert "账户可用 ¥0.00，本次需 ¥120.00" in text_of(response)


def test_a_booking_shows_its_frozen_price_to_its_person_and_to_the_laboratory(
    browse, microscope, centre, student, purse, nine
):
    booking = book(microscope.slug, by=student, interval=Interval(nine, nine + 2 * HOUR))

    for reader in (student, lab_admin("manager", centre)):
        assert "¥120.00" in text_of(browse(reader).get(f"/bookings/{booking.pk}/"))


def test_the_laboratory_publishes_prices_on_a_page_beside_its_other_settings(browse, microscope, centre, student):
    manager = browse(lab_admin("manager", centre))
    address = "/lab/centre/rates/priced-sem/"
    new = {"category": "company", "basis": "hour", "amount": "400", "begins": "2099-01-01", "days": "01234"}

    incomplete = manager.post(address, new)
    assert (incomplete.status_code, "时段须同时填写" in text_of(incomplete)) == (400, True)
    whole = {**new, "from_time": "09:00", "to_time": "18:00", "factor": "1.2"}
    assert manager.post(address, whole).status_code == 302
    rate = Rate.objects.get(category="company")
    assert rate.peaks == [{"weekdays": [0, 1, 2, 3, 4], "from_minute": 540, "to_minute": 1080, "factor": "1.20"}]
    assert "工作日 09:00–18:00 × 1.2" in text_of(browse().get("/instruments/priced-sem/")) or rate.begins.year == 2099
    assert manager.post(address, {"do": "withdraw", "rate": rate.pk}).status_code == 302
    assert not Rate.objects.filter(category="company").exists()
    assert browse(student).get(address).status_code == 403


def test_a_principal_investigator_limits_a_member_on_the_wallets_page(browse, pi, student, group, purse):
    address = f"/wallets/{purse.pk}/"

    answer = browse(pi).post(address, {"member": str(student.pk), "amount": "200", "period": "month"})

    assert (answer.status_code, WalletLimit.objects.get().amount) == (302, 200)
    assert "¥200.00" in text_of(browse(student).get(address))
    assert browse(person("stranger")).get(address).status_code == 404


def test_a_member_sees_their_own_spending_and_not_the_labmates(browse, university, pi, student, group, purse):
    labmate = member("labmate", university)
    group.admissions.create(person=labmate)
    charge = charged(purse, university, "123.45", member=labmate)

    assert "¥123.45" in text_of(browse(pi).get(f"/wallets/{purse.pk}/"))
    assert "¥123.45" not in text_of(browse(student).get(f"/wallets/{purse.pk}/"))
    assert browse(student).get(f"/charges/{charge.pk}/").status_code == 404


def test_an_objection_goes_from_the_payer_to_the_institutions_finance_and_back(browse, university, student, purse):
    charge = charged(purse, university, "100", member=student)
    address = f"/charges/{charge.pk}/"

    assert browse(student).post(address, {"do": "object", "object-reason": "只用了一半"}).status_code == 302
    finance = browse(member("finance", university, "finance"))
    assert "只用了一半" in text_of(finance.get(address))
    given = {"do": "decide", "decide-upheld": "yes", "decide-answer": "退一半", "decide-refund": "50"}
    assert finance.post(address, given).status_code == 302
    assert "异议成立" in text_of(browse(student).get(address))


def test_a_scheme_shows_how_its_fund_was_used_as_table_and_csv(browse):
    scheme = scheme_of(a_university(kind="government", name_zh="滨海市科技局"))

    assert "¥1,000.00" in text_of(browse().get(f"/schemes/{scheme.pk}/"))
    table = text_of(browse().get(f"/schemes/{scheme.pk}/?as=months.csv"))
    assert "1000.00" in table.splitlines()[1]


def test_the_catalogue_is_narrowed_by_what_an_hour_costs_firms(browse, centre, microscope):
    cheap = instrument(centre, "cheap")
    instrument(centre, "unpriced")
    set_rate(microscope, by=None, category="company", basis="hour", amount=Decimal(400))
    set_rate(cheap, by=None, category="company", basis="hour", amount=Decimal(100))

    page = text_of(browse().get("/instruments/"))
    assert "¥300–¥1000" in page
    dear = browse().get("/instruments/?price=300-1000")
    assert [each.slug for each in dear.context["page"]] == ["priced-sem"]
    assert [each.slug for each in browse().get("/instruments/?price=0-100").context["page"]] == ["cheap"]
