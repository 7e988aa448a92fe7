"""Records as tables: what goes out comes back without loss, and runs nowhere as a formula."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from accounts.models import ResearchGroup
from accounts.states import Audience, Role
from common.text import tidy
from instruments import services
from instruments.models import Category, Instrument
from instruments.services import enter_instrument
from instruments.states import AcquiredBy, BookedWhere, Kind, Status, YouthUse
from tests.factories import category_of, laboratory, member
from tests.instruments.tables import looked_through

# What PostgreSQL and a keyboard can write; control characters are no text of a record.
LETTERS = some.characters(exclude_categories=["Cs", "Cc", "Co", "Cn"])
TRICKY = some.sampled_from(
    ["=1+1", "'=x", "''+", "-5", "@a", "#N/A ", "#REF!", "a;b", '"', "，", "；", " ", "é", "1,5"]
)


def line(longest: int, least: int = 0) -> some.SearchStrategy[str]:
    plain = some.text(LETTERS, min_size=least, max_size=min(longest, 30))
    return (plain | TRICKY).filter(lambda text: len(tidy(text)) >= least and not tidy(text).startswith("#FORMULA!"))


def words(longest: int = 60) -> some.SearchStrategy[list[str]]:
    return some.lists(line(longest, least=1), max_size=3)


TEXT = some.text(LETTERS | some.just("\n"), max_size=60).filter(lambda text: not text.startswith("#FORMULA!")) | TRICKY
DAYS = some.dates().map(lambda day: day.replace(year=max(day.year, 1000)))
QUESTION = {"key": "a", "kind": "text", "label_zh": "样品；成分", "label_en": 'a,\n"b"', "required": True}
RECORDS = some.fixed_dictionaries(
    {
        "name_zh": line(120, least=1), "name_en": line(160), "model": line(120), "manufacturer": line(120),
        "serial_number": line(80), "country": some.sampled_from(["", "CN", "US", "TW"]),
        "original_value": some.none() | some.decimals(0, Decimal("999999999999.99"), places=2),
        "commissioned_on": some.none() | DAYS, "acquired_by": some.sampled_from(["", *AcquiredBy.values]),
        "funding_source": line(160), "customs_supervised": some.booleans(), "room": line(40), "keywords": words(),
        "techniques": words(), "materials": words(), "standards": words(),
        "sharing": some.lists(some.sampled_from(Audience.values), unique=True),
        "status": some.sampled_from(Status.values), "kind": some.sampled_from(Kind.values),
        "booked_where": some.sampled_from([BookedWhere.HERE, BookedWhere.ENQUIRY]),
        "booked_url": some.sampled_from(["", "https://example.org/a?b=c,d"]), "takes_samples": some.booleans(),
        "needs_operator": some.booleans(), "fit_for_youth": some.just(True),
        "youth_use": some.sampled_from(["", *YouthUse.values]), "youth_age_from": some.none() | some.integers(3, 18),
        "youth_ppe_zh": line(200), "youth_ppe_en": line(240), "summary_zh": TEXT, "summary_en": TEXT,
        "indicators_zh": TEXT, "indicators_en": TEXT, "functions_zh": TEXT, "functions_en": TEXT,
        "accessories_zh": TEXT, "accessories_en": TEXT, "requirement_zh": TEXT, "requirement_en": TEXT,
        "questions": some.sampled_from([[], [QUESTION]]),
    }
)  # fmt: skip


@pytest.fixture
def admin(university):
    return member("institution", university, Role.ADMIN)


def exported(instruments, format_="jishi") -> bytes:
    return b"".join(services.table_of_records(instruments, format=format_))


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(records=some.lists(some.tuples(RECORDS, some.booleans()), min_size=1, max_size=3))
def test_what_is_exported_is_unchanged_when_it_is_imported_again(university, centre, admin, language, records):
    Instrument.objects.all().delete()
    second = university.facilities.filter(slug="second").first() or laboratory(university, "second")
    category = Category.objects.first() or category_of("a", code="1", name_zh="x", name_en="y")
    group = ResearchGroup.objects.first() or ResearchGroup.objects.create(
        organisation=university, pi=admin, name_zh="组"
    )
    for number, (record, plain) in enumerate(records):
        more = {} if plain else {"category": category, "research_group": group, "inner_number": f"N {number}"}
        enter_instrument(centre if plain else second, slug=f"i{number}", **record, **more)

    with translation.override(language):
        table = exported(Instrument.objects.all())
    made = looked_through(university, admin, SimpleUploadedFile("t.csv", table))

    wrong = [(row.changes, row.reasons) for row in made.rows.exclude(verdict="unchanged")]
    assert made.counts == {"new": 0, "changed": 0, "unchanged": len(records), "wrong": 0, "missing": 0}, wrong


def test_no_cell_of_an_export_begins_a_formula(browse, centre):
    for number, evil in enumerate(["=cmd|' /C calc'!A0", "+1", "-1+1", "@SUM(1)", "\t=1"]):
        enter_instrument(centre, slug=f"e{number}", name_zh="x" + evil, name_en=evil, model=evil, summary_en=evil)

    for format_ in ("csv", "uniquip"):
        text = browse().get(f"/api/v1/instruments/?format={format_}").getvalue().decode("utf-8-sig")
        cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_the_api_and_the_page_filter_exports_as_they_filter_lists(browse, call, centre):
    enter_instrument(centre, slug="sem", name_zh="扫描电镜", sharing=["firms"])
    enter_instrument(centre, slug="old", name_zh="旧天平", status=Status.RETIRED)
    enter_instrument(centre, slug="raman", name_zh="拉曼")

    api = call().get("/api/v1/instruments/?format=csv&q=扫描")
    page = browse().get("/en/export/instruments.csv?q=扫描")
    uniquip = call().get("/api/v1/instruments/?format=uniquip")

    assert api["Content-Type"] == page["Content-Type"] == "text/csv; charset=utf-8"
    assert "扫描电镜" in api.getvalue().decode()
    assert page.getvalue().decode("utf-8-sig").splitlines()[0].startswith("Inner number,Slug,Chinese name")
    assert "old" not in uniquip.getvalue().decode()
    assert call().get("/api/v1/instruments/?format=csv&sharing=martians").json()["code"] == "wrong_input"
    assert call().get("/api/v1/instruments/?format=xml").status_code == 404
    assert call().get("/api/v1/instruments/?format=json").json()["results"]


def test_an_institutions_admins_export_what_is_retired_too(browse, university, centre, admin, researcher):
    enter_instrument(centre, slug="old", name_zh="旧天平", status=Status.RETIRED)
    address = f"/export/instruments.csv?own={university.pk}"

    assert "旧天平" in browse(admin).get(address).getvalue().decode()
    assert "旧天平" not in browse(researcher).get(address).getvalue().decode()
    assert browse().get("/export/instruments.csv?own=nobody").status_code == 200


@pytest.mark.parametrize("count", [3, 30])
def test_an_export_costs_the_same_statements_however_long_it_is(centre, count, statements):
    for number in range(count):
        enter_instrument(centre, slug=f"i{number}", name_zh="x")

    with statements() as asked:
        exported(Instrument.objects.all())
    with statements() as of_uniquip:
        exported(Instrument.objects.all(), "uniquip")

    assert len(asked) == len(of_uniquip) == 1
