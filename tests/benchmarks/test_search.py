"""How well search finds what people ask for, with and without aliases, and how long it takes among 100,000 records."""

from __future__ import annotations

import itertools
import time
from collections import defaultdict
from os import environ
from statistics import quantiles

import pgtrigger
import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import path

from config.urls import urlpatterns as of_the_portal
from instruments.models import Alias, Instrument, TestItem
from instruments.services import count_instruments, forget_aliases, readings_of
from tests.instruments.shelf import HERE, ask_all, figures, fill_shelf, rows
from tests.proofs.conftest import show  # noqa: F401 (the fixture)

RECORDS = int(environ.get("JISHI_RECORDS", "100000"))
OF_A_CITY = 2_000
TIMES = 3  # each question, so that there are more than 200
urlpatterns = [path("bare/", lambda _request: HttpResponse("bare")), *of_the_portal]


def percentile_95(taken):
    return quantiles(taken, n=20)[-1] * 1000


def timed(act):
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def in_words(asked):
    precision, recall, first = figures(asked)
    return f"{precision:.2f} / {recall:.2f} / {first:.2f}"


@pytest.mark.django_db
def test_search_finds_what_people_ask_for(show):  # noqa: F811
    fill_shelf()
    what = "{}, {} questions: precision@10 / recall@10 / MRR, {}"
    table, sorts, found = [], defaultdict(list), {}
    for aliases in ("with aliases", "without"):
        for kind, name in ((Instrument, "instruments"), (TestItem, "test items")):
            asked = ask_all(kind)
            found[name, aliases] = figures(asked)
            table.append((what.format(name, len(asked), aliases), "reported", in_words(asked)))
            for each in asked:
                sorts[each.sort, aliases].append(each)
        Alias.objects.all().delete()
        forget_aliases()
    table += [
        (f"{sort}, {len(asked)} questions, {aliases}", "reported", in_words(asked))
        for (sort, aliases), asked in sorts.items()
    ]
    show("Search: what is found", table)
    assert found["instruments", "with aliases"][0] >= 0.8
    # A question of a test item names one: that it is there, and comes first, says more than what else is shown.
    assert min(found["test items", "with aliases"][1:]) >= 0.95
    for name in ("instruments", "test items"):
        assert found[name, "with aliases"][0] >= found[name, "without"][0]


def multiply(upto):
    """Records like those of the shelf, each with its own name, number and summary, until there are so many."""
    templates = list(Instrument.objects.select_related("facility__organisation", "category"))
    batch = []
    for n, template in zip(range(Instrument.objects.count(), upto), itertools.cycle(templates), strict=False):
        made = Instrument(
            slug=f"n{n}",
            facility=template.facility,
            organisation_id=template.organisation_id,
            name_zh=f"{template.name_zh}（{n % 97} 号）",
            name_en=template.name_en,
            model=f"{template.model}-{n % 1009}",
            inner_number=f"N{n}",
            techniques=template.techniques,
            keywords=template.keywords,
            summary_zh=f"{template.summary_zh}位于 {n % 211} 室。",
            summary_en=template.summary_en,
            sharing=template.sharing,
            takes_samples=template.takes_samples,
            search_document=f"{template.search_document} {n}",
            search_vector=f"{template.search_vector} '{n % 97}':90A 'n{n}':91A '{n % 1009}':92A '{n % 211}':93C",
        )
        batch.append(made)
    with pgtrigger.ignore("instruments.Instrument:insert_insert"):  # a history of these would be of no use
        Instrument.objects.bulk_create(batch, batch_size=2000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE instruments_instrument, instruments_testitem")


def first_page(query):
    taken = readings_of(query).of_instruments
    return list(Instrument.objects.matching(taken).best_first(taken)[:20])


def counted(query):
    count_instruments(Instrument.objects.matching(readings_of(query).of_instruments), {})


@pytest.mark.django_db
@pytest.mark.urls("tests.benchmarks.test_search")
def test_search_is_quick_among_many(show):  # noqa: F811
    fill_shelf()
    questions = [row["query"] for row in rows(HERE / "search_set.csv")]
    table, reached = [], {}
    for records in (OF_A_CITY, RECORDS):
        multiply(records)
        first_page("SEM")
        searched = [(timed(lambda each=each: first_page(each)), each) for each in questions * TIMES]
        facets = [timed(lambda each=each: counted(each)) for each in questions]
        slowest = ", ".join(dict.fromkeys(query for _taken, query in sorted(searched, reverse=True)[:8]))
        reached[records] = percentile_95([taken for taken, _query in searched])
        table += [
            (f"search among {records:,} records, p95 of {len(searched)} queries", "≤ 100 ms",
             f"{reached[records]:.0f} ms (slowest: {slowest})"),
            (f"facets among {records:,}, p95 of {len(facets)}", "reported", f"{percentile_95(facets):.0f} ms"),
            *pages(questions, records),
        ]  # fmt: skip
    show("Search: how long it takes", table)
    assert max(reached.values()) <= 100, reached


def pages(questions, records):
    """The catalogue page beside a page that does nothing, turn by turn in one run."""
    client, taken, bare = Client(), [], []
    with CaptureQueriesContext(connection) as seen:
        assert client.get("/instruments/", {"q": "SEM"}).status_code == 200
        asked = len(seen)
        assert asked <= 8
    for each in questions:
        bare.append(timed(lambda: client.get("/bare/")))
        taken.append(timed(lambda each=each: client.get("/instruments/", {"q": each})))
    everything = [timed(lambda: client.get("/instruments/")) for _n in range(20)]
    return [
        (f"catalogue page with a query at {records:,}, p95", "reported",
         f"{percentile_95(taken):.0f} ms, a bare view {percentile_95(bare):.1f} ms, {asked} statements"),
        (f"catalogue page without a query at {records:,}, p95", "reported", f"{percentile_95(everything):.0f} ms"),
    ]  # fmt: skip
