"""Money by REST: what it would cost, what it cost, who pays, and saying that something is wrong."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from billing.models import Charge, Hold, Rate
from bookings.services import book, complete_past
from common.interval import Interval
from tests.billing.shop import charged, scheme_of
from tests.factories import instrument, lab_admin, member, person
from tests.factories import university as a_university

HOUR = timedelta(hours=1)
pytestmark = pytest.mark.django_db


def wish(nine, hours=2, **more):
    return {"instrument": "priced-sem", "start": nine.isoformat(), "end": (nine + hours * HOUR).isoformat(), **more}


def test_a_quote_explains_the_price_and_holds_nothing(call, microscope, student, purse, nine):
    answer = call(student).post("/api/v1/quotes/", wish(nine))

    assert answer.status_code == 200
    said = answer.json()
    assert (said["price"]["gross"], said["price"]["to_pay"], said["payer"]) == ("120.00", "120.00", str(purse.pk))
    assert said["price"]["lines"][0] | {"name_zh": "机时"} == said["price"]["lines"][0]
    assert (said["objections"], Hold.objects.count()) == ([], 0)


def test_a_quote_says_what_stands_against_it(call, microscope, student, group, nine):
    said = call(student).post("/api/v1/quotes/", wish(nine)).json()

    assert [each["code"] for each in said["objections"]] == ["wallet_empty"]


def test_what_is_not_priced_has_no_price_in_the_quote(call, centre, student, nine):
    instrument(centre, "priced-sem", needs_approval=False)

    assert call(student).post("/api/v1/quotes/", wish(nine)).json()["price"] is None


def test_a_booking_answers_with_its_price_and_an_empty_wallet_is_a_409(call, microscope, student, purse, nine):
    answer = call(student).post("/api/v1/bookings/", wish(nine, payer=str(purse.pk)))
    assert (answer.status_code, answer.json()["price"]["to_pay"]) == (201, "120.00")
    assert answer.json()["payer"] == str(purse.pk)

    refused = call(student).post("/api/v1/bookings/", wish(nine + 3 * HOUR, hours=8))
    objections = refused.json()["objections"]
    assert (refused.status_code, objections[0]["code"], objections[0]["free"]) == (409, "wallet_empty", "380.00")


def test_rates_are_public_and_published_by_the_laboratory(call, client, microscope, centre, student):
    manager = lab_admin("manager", centre)
    new = {"category": "company", "basis": "hour", "amount": "400.00"}

    assert call(student).post("/api/v1/instruments/priced-sem/rates/", new).status_code == 403
    assert call(manager).post("/api/v1/instruments/priced-sem/rates/", new).status_code == 201
    again = call(manager).post("/api/v1/instruments/priced-sem/rates/", new)
    assert again.json()["objections"][0]["code"] == "rate_begins_already"
    below = call(manager).post("/api/v1/instruments/priced-sem/rates/", {**new, "amount": "-1"})
    assert below.status_code == 400
    late = {**new, "begins": f"{timezone.localdate() - timedelta(days=1)}"}
    assert call(manager).post("/api/v1/instruments/priced-sem/rates/", late).status_code == 400

    said = client.get("/api/v1/instruments/priced-sem/rates/").json()
    assert {each["category"]: each["amount"] for each in said["standing"]}["company"] == "400.00"
    rate = Rate.objects.get(category="company")
    assert call(manager).delete(f"/api/v1/instruments/priced-sem/rates/{rate.pk}/").status_code == 204


def test_the_payer_sees_a_charge_and_objects_to_it(call, microscope, student, purse, nine):
    book(microscope.slug, by=student, interval=Interval(nine, nine + HOUR))
    with time_machine.travel(nine + 2 * HOUR):
        complete_past(now=timezone.now())
        charge = Charge.objects.get()
        listed = call(student).get("/api/v1/charges/?state=open").json()["results"]
        assert [each["to_pay"] for each in listed] == ["60.00"]
        address = f"/api/v1/charges/{charge.pk}/object/"
        assert call(person("stranger")).post(address, {"reason": "不对"}).status_code == 404
        answer = call(student).post(address, {"reason": "当天停电"})
        assert (answer.json()["state"], answer.json()["objection"]["reason"]) == ("objected", "当天停电")


def test_the_institutions_finance_decides_an_objection(call, university, purse, student):
    charge, finance = charged(purse, university, "100", member=student), member("finance", university, "finance")
    address = f"/api/v1/charges/{charge.pk}/"
    call(student).post(f"{address}object/", {"reason": "只用了一半"})
    assert call(student).post(f"{address}decide/", {"upheld": True, "answer": "好"}).status_code == 403
    answer = call(finance).post(f"{address}decide/", {"upheld": True, "answer": "退一半", "refund": "50.00"})
    assert (answer.json()["state"], answer.json()["refunded"]) == ("agreed", "50.00")


def test_wallets_limits_and_project_numbers(call, university, pi, student, group, purse):
    assert [each["free"] for each in call(student).get("/api/v1/wallets/").json()["results"]] == ["500.00"]
    limits = f"/api/v1/wallets/{purse.pk}/limits/"
    assert call(pi).post(limits, {"member": student.email, "amount": "50.00"}).status_code == 200
    assert call(student).post(limits, {"member": student.email, "amount": None}).status_code == 403
    code = {"institution": str(university.pk), "code": "52105001", "group": str(group.pk)}
    assert call(pi).post("/api/v1/fund-codes/", code).status_code == 201
    assert call(pi).post("/api/v1/fund-codes/", code).status_code == 400
    assert [each["code"] for each in call(student).get("/api/v1/fund-codes/").json()["results"]] == ["52105001"]


def test_schemes_are_public(client):
    scheme_of(a_university(kind="government", name_zh="滨海市科技局"))

    said = client.get("/api/v1/schemes/").json()["results"]
    assert (said[0]["left"], said[0]["share"]) == ("1000.00", "40.00")
