"""What is renamed is found under its new name, whoever keeps the name."""

from __future__ import annotations

import pytest

from instruments.models import Instrument, InstrumentEvent, TestItem
from instruments.services import enter_instrument, enter_test_item, index_renamed, readings_of
from tests.factories import category_of, laboratory, university


@pytest.fixture
def records(db):
    """An instrument with a class and a test item in one laboratory; the same elsewhere."""
    microscopes = category_of(scheme="own", code="03", name_zh="显微镜", name_en="Microscopes")
    for name, slug in (("东海大学", "east"), ("西海大学", "west")):
        facility = laboratory(university(name_zh=name, name_en=f"{slug} university"), slug)
        category = microscopes if slug == "east" else None
        enter_instrument(facility, slug=f"sem-{slug}", name_zh="扫描电镜", category=category)
        enter_test_item(facility, slug=f"item-{slug}", name_zh="镀层厚度", purpose_zh="镀层有多厚")
    return Instrument.objects.select_related("facility__organisation", "category").get(slug="sem-east")


def found(words):
    taken = readings_of(words)
    return {
        record.slug
        for model, reading in ((Instrument, taken.of_instruments), (TestItem, taken.of_items))
        for record in model.objects.matching(reading)
    }


@pytest.mark.parametrize(
    ("renamed", "old", "finds"),
    [
        (lambda sem: sem.facility.organisation, "东海大学", {"sem-east", "item-east"}),
        (lambda sem: sem.facility, "分析测试中心", {"sem-east", "item-east"}),
        (lambda sem: sem.category, "显微镜", {"sem-east"}),
    ],
    ids=["institution", "facility", "class"],
)
def test_records_are_found_by_the_new_name_and_no_longer_by_the_old(records, renamed, old, finds):
    kept = renamed(records)
    assert finds <= found(old)
    kept.name_zh = "蓬莱"
    kept.save()

    assert index_renamed() == len(finds)

    assert found("蓬莱") == finds
    assert not finds & found(old)


def test_what_was_not_renamed_is_left_alone(records):
    assert index_renamed() == 0


def test_a_renamed_institution_changes_no_record(records):
    events = InstrumentEvent.objects.count()
    records.facility.organisation.name_zh = "蓬莱大学"
    records.facility.organisation.save()

    index_renamed()

    after = Instrument.objects.get(pk=records.pk)
    assert (after.version, after.updated_at) == (records.version, records.updated_at)
    assert InstrumentEvent.objects.count() == events


def test_records_from_before_there_was_a_note_are_indexed_once(records):
    Instrument.objects.update(indexed_under="", search_vector=None)

    assert (index_renamed(), index_renamed()) == (2, 0)
    assert found("扫描电镜") == {"sem-east", "sem-west"}


def test_looking_for_what_was_renamed_costs_the_same_at_any_number(records, statements):
    cost = {}
    for count in (5, 60):
        for n in range(count):
            enter_instrument(records.facility, slug=f"s{n}", name_zh="电镜")
        with statements() as asked:
            index_renamed()
        cost[count] = len(asked)

    assert cost[5] == cost[60] == 2
