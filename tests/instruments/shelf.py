"""A catalogue made for measuring search: 45 kinds of instruments, each twice, 22 test items, and what people ask."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from instruments.models import Instrument, TestItem
from instruments.services import enter_instrument, forget_aliases, index, load_aliases, readings_of
from tests.factories import EVERYONE, laboratory, university

HERE = Path(__file__).parent
KINDS = Path(__file__).parents[2] / "pages" / "demo" / "data" / "instrument_types.csv"
SHOWN = 10


def rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


def fill_shelf() -> None:
    """The first of each kind is well described; the second has a name and a model, as many a table has no more."""
    load_aliases()
    forget_aliases()
    east = laboratory(university(), "east")
    west = laboratory(university(name_zh="西海大学", name_en="West Sea University"), "west")
    kinds = {row["no"]: row for row in rows(KINDS)}
    for row in rows(HERE / "search_catalogue.csv"):
        kind = kinds[row["no"]]
        enter_instrument(
            east,
            slug=f"a{row['no']}",
            name_zh=kind["name_zh"],
            name_en=kind["name_en"],
            model=row["model"],
            techniques=row["techniques"].split("|"),
            keywords=row["keywords"].split("|"),
            summary_zh=row["summary_zh"],
            summary_en=row["summary_en"],
            sharing=EVERYONE,
            takes_samples="sample" in kind["mode"],
        )
        enter_instrument(west, slug=f"b{row['no']}", name_zh=row["also_zh"], model=row["also_model"], sharing=EVERYONE)
    for row in rows(HERE / "search_items.csv"):
        _item(east, row)


def _item(facility: object, row: dict[str, str]) -> None:
    item = TestItem.objects.create(
        facility=facility,
        slug=row["slug"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        standards=[row["standards"]] if row["standards"] else [],
        purpose_zh=row["purpose_zh"],
        purpose_en=row["purpose_en"],
    )
    item.instruments.set(Instrument.objects.filter(slug__in=[f"a{no}" for no in row["kinds"].split("|")]))
    index(item)
    item.save()


@dataclass(frozen=True)
class Asked:
    """What somebody asked, what they should be shown, and what they are."""

    sort: str
    query: str
    expected: set[str]
    shown: list[str]
    how: str

    @property
    def precision(self) -> float:
        """The share of what is shown first that is right; nothing shown is nothing right."""
        return len(self.expected & set(self.shown)) / len(self.shown) if self.shown else 0.0

    @property
    def recall(self) -> float:
        return len(self.expected & set(self.shown)) / min(SHOWN, len(self.expected))

    @property
    def reciprocal_rank(self) -> float:
        return next((1 / n for n, slug in enumerate(self.shown, 1) if slug in self.expected), 0.0)


def ask_all(of: type[Instrument] | type[TestItem]) -> list[Asked]:
    """Ask for everything of the set that has an answer among instruments (or among test items)."""
    asked = []
    for row in rows(HERE / "search_set.csv"):
        if of is Instrument:
            # 1 is both instruments of kind 1, a1 the one with that model
            named = [no for no in row["kinds"].split("|") if no]
            expected = {slug for no in named for slug in ([no] if no[0] in "ab" else [f"a{no}", f"b{no}"])}
        else:
            expected = {slug for slug in row["items"].split("|") if slug}
        if not expected:
            continue
        readings = readings_of(row["query"])
        assert readings
        reading = readings.of_instruments if of is Instrument else readings.of_items
        found = of.objects.matching(reading).best_first(reading).values_list("slug", flat=True)[:SHOWN]
        asked.append(Asked(row["sort"], row["query"], expected, list(found), reading.how))
    return asked


def figures(asked: list[Asked]) -> tuple[float, float, float]:
    """Precision at ten, recall at ten, mean reciprocal rank."""
    return (
        mean(each.precision for each in asked),
        mean(each.recall for each in asked),
        mean(each.reciprocal_rank for each in asked),
    )
