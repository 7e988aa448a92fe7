"""Programs hear of money and of places for children: who may, and never a name."""

from __future__ import annotations

import json

import pytest

from billing.services import pay_charge
from billing.states import PaymentKind
from tests.billing import books, shop
from tests.outreach import situations
from tests.outreach.conftest import afm, coordinator, course, guardian  # noqa: F401 (fixtures)
from tests.outreach.conftest import session as youth_session  # noqa: F401 (the fixture)

pytestmark = pytest.mark.django_db(transaction=True)


def heard_by(call, user):
    return call(user, "read").get("/api/v1/changes/?limit=100").json()["results"]


def kinds(events):
    return [each["type"] for each in events]


def test_both_sides_hear_of_an_enrolment_and_nobody_of_the_child(call, request, stranger):
    session = request.getfixturevalue("youth_session")
    parent, desk = (request.getfixturevalue(name) for name in ("guardian", "coordinator"))

    enrolment = situations.paid(situations.enrolled(session, parent))

    for user in (parent, desk):
        events = heard_by(call, user)
        ours = [each for each in events if each["data"]["id"] == str(enrolment.pk)]
        assert kinds(ours) == ["enrolment.made", "enrolment.changed", "enrolment.changed"]
        assert not {situations.NAME, enrolment.child.initials, str(enrolment.child_id)} & set(
            json.dumps(events).split('"')
        )
    assert heard_by(call, stranger) == []
    href = ours[0]["data"]["href"]
    assert call(parent, "read").get(href[href.index("/api/") :]).status_code == 200


def test_who_pays_and_who_keeps_the_books_hear_of_charges_and_invoices(call, university, researcher, stranger):
    finance = books.officer_of(university)
    wallet = shop.wallet_with(researcher, university)
    charge = shop.charged(wallet, university, "100", member=researcher)
    pay_charge(charge, by=finance, how=PaymentKind.DESK)
    firm = books.payer_of(university)
    invoice = books.issued(university, finance, wallet=firm)
    books.paid(invoice, finance)

    assert kinds(heard_by(call, researcher)) == ["charge.made", "charge.changed"]
    told = kinds(heard_by(call, finance))
    assert told[:2] == ["charge.made", "charge.changed"]
    assert told[-2:] == ["invoice.issued", "invoice.paid"]
    assert heard_by(call, stranger) == []
