"""As what somebody pays and is served: the best of what is confirmed of them."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError

from accounts.models import Organisation
from accounts.rules import Belonging, category_of

OWNER = UUID("01900000-0000-7000-8000-000000000001")


def at(kind, organisation=None, state="confirmed", **more):
    return Belonging(organisation or uuid4(), kind, state, **more)


OURS, LAB, OFFICE = at("university", OWNER), at("laboratory"), at("government")
FIRM, SMALL_FIRM = at("company"), at("company", is_sme=True)
ABROAD = at("university", country="DE")


@pytest.mark.parametrize(
    ("belongings", "category"),
    [
        ([], "individual"),
        ([at("university", OWNER, "claimed"), at("company", state="ended")], "individual"),
        ([OFFICE], "individual"),
        ([FIRM], "company"),
        ([SMALL_FIRM, FIRM], "sme"),
        ([FIRM, LAB], "academic"),
        ([LAB, SMALL_FIRM, OURS], "own_institution"),
        ([at("company", OWNER)], "own_institution"),
        ([at("university", is_sme=True)], "academic"),
        ([ABROAD], "overseas"),
        ([OFFICE, ABROAD], "overseas"),
        ([ABROAD, FIRM], "company"),
        ([at("institute", OWNER, country="DE")], "own_institution"),
    ],
)
def test_the_best_confirmed_standing_counts_in_whatever_order(belongings, category):
    assert category_of(belongings, owner_id=OWNER) == category
    assert category_of(reversed(belongings), owner_id=OWNER) == category


def test_the_own_group_counts_while_one_belongs_to_the_owner():
    assert category_of([LAB, OURS], owner_id=OWNER, in_own_group=True) == "own_group"
    assert category_of([LAB], owner_id=OWNER, in_own_group=True) == "academic"
    assert category_of([], owner_id=OWNER, in_own_group=True) == "individual"


@pytest.mark.parametrize("country", ["", "C", "中国", "cn"])
def test_a_country_has_two_capital_letters(db, country):
    with pytest.raises(IntegrityError, match="organisation_country"):
        Organisation.objects.create(kind="company", name_zh="示例公司", country=country)


def test_a_firm_says_itself_whether_it_is_small(browse, stranger):
    browse(stranger).post("/account/firms/", {"name_zh": "示例公司", "uscc": "91210299DEM000014W", "is_sme": "on"})

    assert Organisation.objects.get().is_sme
