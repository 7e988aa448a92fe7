"""The cast of bookings that cost something: a priced instrument, a group with a wallet, a small firm with credit."""

from decimal import Decimal

import pytest

from billing.services import set_rate
from tests.billing.shop import firm, group_of, wallet_with
from tests.factories import instrument, laboratory, member


@pytest.fixture
def centre(university):
    return laboratory(university)


@pytest.fixture
def microscope(centre):
    """Open from 8 to 20, booked at once; 60 yuan an hour inside, 300 for small firms."""
    made = instrument(centre, "priced-sem", needs_approval=False, cancel_deadline_minutes=24 * 60)
    set_rate(made, by=None, category="own_institution", basis="hour", amount=Decimal(60))
    set_rate(made, by=None, category="sme", basis="hour", amount=Decimal(300))
    return made


@pytest.fixture
def pi(university):
    return member("pi", university)


@pytest.fixture
def student(university):
    return member("student", university)


@pytest.fixture
def group(pi, student, university):
    made = group_of(pi, university)
    made.admissions.create(person=student)
    return made


@pytest.fixture
def purse(group, university):
    """The group's wallet, with 500 yuan in it."""
    return wallet_with(group, university, paid_in="500")


@pytest.fixture
def engineer(db):
    """Of a small firm."""
    return member("engineer", firm(is_sme=True))


@pytest.fixture
def account(engineer, university):
    """The firm's wallet, with 1,000 yuan of credit."""
    return wallet_with(engineer.memberships.get().organisation, university, credit="1000")
