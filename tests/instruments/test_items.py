"""Test items and the two doors: what is offered, of which sample, and what a merged record's address does."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from bookings.services import merge
from common.errors import WrongInput
from instruments.models import BoardNotice, Specification
from instruments.services import enter_test_item
from tests.factories import instrument, laboratory, university


@pytest.fixture
def item(centre, sem):
    return enter_test_item(
        centre,
        slug="fracture",
        name_zh="断口形貌分析",
        name_en="Fracture surface",
        purpose_zh="看断裂从哪里开始、为什么断",
        sample_form_zh="块状，小于 20 mm",
        turnaround_days=5,
        standards=["GB/T 16594-2008"],
        instruments=[sem],
        accreditations=[{"scheme": "CMA", "certificate": "示例-1", "until": date(2020, 1, 1)}],
    )


def test_an_item_shows_sample_turnaround_lapsed_accreditation_and_both_doors(client, item):
    page = client.get("/items/fracture/").content.decode()

    for said in ("块状，小于 20 mm", "5 个工作日", "GB/T 16594-2008", "示例-1", "已过期", "/instruments/sem/"):
        assert said in page


def test_an_instrument_shows_its_items_data_sheet_and_notices(client, item, sem, centre):
    Specification.objects.create(instrument=sem, name_zh="分辨率", value="0.8", unit="nm")
    BoardNotice.objects.create(facility=centre, title_zh="国庆期间停机")
    BoardNotice.objects.create(facility=laboratory(university(name_zh="西海大学"), "west"), title_zh="别处的通知")

    page = client.get("/instruments/sem/").content.decode()

    assert "/items/fracture/" in page
    assert "0.8 nm" in page
    assert "国庆期间停机" in page
    assert "别处的通知" not in page


def test_an_item_is_found_under_the_name_of_its_instrument(client, item):
    assert "断口形貌分析" in client.get("/instruments/", {"q": "SEM", "show": "items"}).content.decode()


@pytest.mark.parametrize("wrong", [{"turnaround_days": 0}, {"sample_count": 0}, {"price_basis": "moon"}])
def test_numbers_out_of_range_are_refused(centre, wrong):
    with pytest.raises(ValidationError):
        enter_test_item(centre, slug="x", name_zh="x", purpose_zh="x", **wrong)


def test_an_item_is_not_taken_over_by_another_facility(item):
    west = laboratory(university(name_zh="西海大学"), "west")

    with pytest.raises(WrongInput):
        enter_test_item(west, slug="fracture", name_zh="x", purpose_zh="x")


def test_what_is_not_offered_any_more_is_seen_by_its_laboratory_alone(client, browse, manager, item):
    item.is_offered = False
    item.save()

    assert client.get("/items/fracture/").status_code == 404
    assert browse(manager).get("/items/fracture/").status_code == 200


def test_the_address_of_a_merged_record_leads_to_the_other_one(client, call, manager, centre, sem):
    twin = instrument(centre, "twin")
    merge(sem, into=twin, by=manager)

    page, answer = client.get("/instruments/sem/"), call().get("/api/v1/instruments/sem/")

    assert (page.status_code, page["Location"]) == (301, "/instruments/twin/")
    assert (answer.status_code, answer["Location"]) == (301, "/api/v1/instruments/twin/")
