"""The rest of the demo city's registry: fifteen institutions with what they own, test and announce. All invented."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from django.utils import timezone

from accounts.models import Organisation, User
from instruments.models import Category, CategoryScheme, Facility, Instrument, RoundAnswer, Specification, TestItem
from instruments.services import (
    answer_round,
    confirm_all,
    enter_many,
    enter_test_item,
    open_round,
    post_notice,
    write_guide,
)
from instruments.states import AcquiredBy, BookedWhere, Status, YouthUse
from pages.demo.words import CITY_GUIDES, CITY_NOTICES, LAB_GUIDE, LAB_NOTICES

DATA = Path(__file__).parent / "data"
DAY = timedelta(days=1)
Row = Mapping[str, str]
# Makers of a country that does not exist.
MAKERS = ["示例仪器", "样例科学", "Example Instruments", "Sample Scientific"]
FIT_FOR_YOUTH = {"1", "16", "17", "18", "30", "36", "29"}
OWN_SITE = {"centrifuge", "hpc", "basin"}


def rows_of(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


def classes() -> dict[str, Category]:
    """The classes of the four-digit list, which nobody could check, by their code."""
    scheme = CategoryScheme.objects.create(
        slug="national-unchecked",
        name_zh="国家标准四位分类",
        name_en="National four-digit list",
        source="GB/T 32847, from lists that disagree",
    )
    return {row["code"]: Category.objects.create(scheme=scheme, **row) for row in rows_of("classes.csv")}


def kinds_of_instruments() -> dict[str, dict[str, str]]:
    """What there is to know of each kind, by its number."""
    pairs = zip(rows_of("instrument_types.csv"), rows_of("kinds.csv"), strict=True)
    return {kind["no"]: kind | more for kind, more in pairs}


def register(
    facilities: Mapping[str, Facility],
    people: Mapping[str, User],
    known: list[tuple[Instrument, str]],
    categories: Mapping[str, Category],
) -> None:
    """Instruments, data sheets and test items of every facility; then boards, and a round that is under way.

    `known` are instruments that are there already, each with the number of its kind.
    """
    kinds, now, random = kinds_of_instruments(), timezone.now(), Random(20240103)  # noqa: S311
    made = [
        (_instrument(kinds[no], facilities[row["slug"]], number, categories, random, now), no)
        for row in rows_of("facilities.csv")
        for no, number in _numbered(_list(row["types"]))
    ]
    enter_many([(instrument, []) for instrument, _no in made], at=now)
    made += known
    _write_sheets(made, kinds)
    _test_for_others(made, kinds)
    _announce(facilities, people, now)
    _collect(people, facilities["dut-analysis"].organisation)


def _numbered(types: list[str]) -> Iterator[tuple[str, int]]:
    """Each kind with how many of it came before."""
    seen: Counter[str] = Counter()
    for no in types:
        seen[no] += 1
        yield no, seen[no]


def _instrument(
    kind: Row, facility: Facility, number: int, categories: Mapping[str, Category], random: Random, now: datetime
) -> Instrument:
    by_hour = kind["mode"].startswith(("self", "both", "h"))
    where = BookedWhere.HERE if by_hour else BookedWhere.ENQUIRY
    if kind["slug"] in OWN_SITE:
        where = BookedWhere.OWNER
    young = by_hour and kind["no"] in FIT_FOR_YOUTH and random.random() < 0.5
    age = random.choice([None, *range(5, 700, 40)])  # days since somebody said that the record is right
    suffix = f"-{number}" if number > 1 else ""
    return Instrument(
        facility=facility,
        category=categories[kind["class_code"]],
        slug=f"{facility.slug}-{kind['slug']}{suffix}",
        name_zh=kind["name_zh"] + (f"（{number} 号）" if number > 1 else ""),
        name_en=kind["name_en"] + (f" No. {number}" if number > 1 else ""),
        summary_zh=kind["summary_zh"],
        summary_en=kind["summary_en"],
        techniques=_list(kind["techniques"]),
        keywords=_list(kind["keywords"]),
        materials=_list(kind["materials"]),
        standards=_list(kind["standards"]),
        inner_number=f"{random.randint(2009, 2025)}{random.randint(10_000, 99_999)}{number}",
        manufacturer=random.choice(MAKERS),
        model=f"{kind['slug'].upper()[:4]}-{random.randint(10, 99)}0",
        country=random.choice(["CN", "CN", "JP", "DE", "US"]),
        original_value=Decimal(kind["value"]) * 100 * random.randint(80, 120),
        acquired_by=AcquiredBy.PURCHASE,
        commissioned_on=date(random.randint(2009, 2025), random.randint(1, 12), random.randint(1, 28)),
        room=f"{random.choice('ABC')}{random.randint(101, 520)}",
        sharing=["internal", "academic", "firms", *(["individuals"] if random.random() < 0.4 else [])]
        + (["youth"] if young else []),
        status=random.choices([Status.OPEN, Status.LIMITED, Status.MAINTENANCE], [92, 4, 4])[0],
        booked_where=where,
        booked_url=f"https://booking.example/{facility.slug}/{kind['slug']}" if where == BookedWhere.OWNER else "",
        takes_samples=bool(kind["item_zh"]),
        fit_for_youth=young,
        youth_use=YouthUse.SHOW if young else "",
        youth_age_from=10 if young else None,
        confirmed_at=now - age * DAY if age else None,
    )


def _list(words: str) -> list[str]:
    return [word for word in words.split("|") if word]


def _write_sheets(made: list[tuple[Instrument, str]], kinds: Mapping[str, Row]) -> None:
    Specification.objects.bulk_create(
        Specification(instrument=instrument, position=place, name_zh=zh, name_en=en, value=value, unit=unit)
        for instrument, no in made
        for place, (zh, en, value, unit) in enumerate(line.split("/", 3) for line in kinds[no]["specs"].split(";"))
    )


def _test_for_others(made: list[tuple[Instrument, str]], kinds: Mapping[str, Row]) -> None:
    """Each facility offers the tests of its first five kinds that have one."""
    offered: dict[str, dict[str, list[Instrument]]] = {}
    for instrument, no in made:
        of_facility = offered.setdefault(instrument.facility.slug, {})
        if kinds[no]["item_zh"] and (no in of_facility or len(of_facility) < 5):
            of_facility.setdefault(no, []).append(instrument)
    for slug, items in offered.items():
        for no, instruments in items.items():
            _item(f"{slug}-{kinds[no]['slug']}", kinds[no], instruments)


def _item(slug: str, kind: Row, instruments: list[Instrument]) -> TestItem:
    return enter_test_item(
        instruments[0].facility,
        slug=slug,
        instruments=instruments,
        name_zh=kind["item_zh"],
        name_en=kind["item_en"],
        purpose_zh=kind["purpose_zh"],
        purpose_en=kind["purpose_en"],
        standards=_list(kind["standards"]),
        keywords=_list(kind["keywords"]),
        techniques=_list(kind["techniques"]),
        materials=_list(kind["materials"]),
        sample_form_zh=kind["sample_zh"],
        sample_form_en=kind["sample_en"],
        sample_amount_zh=kind["amount_zh"],
        sample_amount_en=kind["amount_en"],
        turnaround_days=int(kind["days"]),
    )


def _announce(facilities: Mapping[str, Facility], people: Mapping[str, User], now: datetime) -> None:
    officer = people["officer"]
    for words in CITY_NOTICES:
        post_notice(None, by=officer, shown_from=now - 3 * DAY, **words)
    for words in CITY_GUIDES:
        write_guide(None, by=officer, **words)
    for n, facility in enumerate(facilities.values()):
        post_notice(facility, by=officer, shown_from=now - (n + 1) * DAY, **LAB_NOTICES[n % len(LAB_NOTICES)])
        write_guide(facility, by=officer, slug=f"{facility.slug}-samples", **LAB_GUIDE)


def _collect(people: Mapping[str, User], university: Organisation) -> None:
    """The city asks; the first institution has answered already."""
    due = timezone.localdate() + 21 * DAY
    opened = open_round(by=people["officer"], title_zh="仪器信息核对", title_en="Check of records", due_on=due)
    confirm_all(university, by=people["institution"])
    answer_round(RoundAnswer.objects.get(round=opened, organisation=university), by=people["institution"])
