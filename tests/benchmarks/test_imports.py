"""Ten thousand rows in and a hundred thousand out: how long it takes, and how much memory.

`./portal prove imports` counts in full; a run of pytest by itself takes few, for the shape alone.
"""

from __future__ import annotations

import resource
import time
import tracemalloc
from os import environ

import pgtrigger
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.states import Role
from instruments import services
from instruments.models import Instrument
from instruments.tasks import run_jobs
from tests.factories import category_of, member
from tests.proofs.conftest import show  # noqa: F401 (the fixture)

FULL = environ.get("JISHI_PROVE") == "full"
ROWS, EXPORTED = (10_000, 100_000) if FULL else (300, 1_000)
HEADERS = (
    "资产编号,仪器名称,英文名称,规格型号,生产厂商,国别,原值(万元),启用日期,"
    "房间,仪器分类,技术方法,关键词,用途,主要技术指标,开放对象,海关监管"
)
MB = 1024 * 1024


def table(rows: int, model: str) -> SimpleUploadedFile:
    use, figures = "观察断口形貌，分析微区成分。" * 6, "分辨率 0.8 nm；加速电压 0.1–30 kV。" * 4
    lines = [
        f"B{n:06},场发射扫描电子显微镜{n},Field-emission SEM {n},{model},示例仪器厂,日本,{n % 900 + 1}.5,"
        f"2019/5/{n % 28 + 1},{n % 90},jishi:03,SEM; EDS,断口; 形貌,{use},{figures},企业; 本单位,否"
        for n in range(rows)
    ]
    return SimpleUploadedFile("t.csv", "\n".join([HEADERS, *lines]).encode())


def timed(act):
    begun = time.perf_counter()
    result = act()
    return result, time.perf_counter() - begun


def peak_of(act) -> float:
    """The most that Python held at once while it ran, in MB."""
    tracemalloc.start()
    act()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / MB


@pytest.mark.django_db
def test_imports_of_ten_thousand_rows(university, centre, show):  # noqa: F811
    admin = member("institution", university, Role.ADMIN)
    category_of("jishi", code="03", name_zh="光谱", name_en="Spectroscopy")
    rows = [("rows", "10,000", f"{ROWS:,}")]
    for what, model, verdict in (("new", "S1", "new"), ("changed", "S2", "changed"), ("unchanged", "S2", "unchanged")):
        made = services.hand_in(university, by=admin, file=table(ROWS, model))
        made = services.look_through(made, by=admin)
        _done, preview = timed(run_jobs)
        services.apply_import(made, by=admin)
        _done, apply = timed(run_jobs)
        made.refresh_from_db()
        assert made.counts[verdict] == ROWS, made.counts
        rows.append((f"all {what}: preview + apply", "≤ 60 s", f"{preview:.1f} + {apply:.1f} s"))
        assert not FULL or preview + apply <= 60
    peaks = []
    for share in (4, 1):
        made = services.look_through(services.hand_in(university, by=admin, file=table(ROWS // share, "S3")), by=admin)
        peaks.append(peak_of(run_jobs))
        services.apply_import(made, by=admin)
        peaks.append(peak_of(run_jobs))
    rows.append(
        (
            "Python's memory at a quarter of the rows and all: preview",
            "flat but for the file",
            f"{peaks[0]:.0f} → {peaks[2]:.0f} MB",
        )
    )
    rows.append(("the same: apply", "flat", f"{peaks[1]:.0f} → {peaks[3]:.0f} MB"))
    if FULL:
        show("Importing 10,000 instruments", rows)


@pytest.mark.django_db
def test_imports_go_out_again(university, centre, show):  # noqa: F811
    use = "观察断口形貌，分析微区成分。" * 10

    with pgtrigger.ignore():  # past services and history: only reading is measured
        for first in range(0, EXPORTED, 5_000):
            Instrument.objects.bulk_create(
                Instrument(
                    facility=centre, organisation=university, inner_number=f"C{n}", slug=f"c{n}", name_zh=f"仪器 {n}",
                    summary_zh=use,
                )
                for n in range(first, min(first + 5_000, EXPORTED))
            )  # fmt: skip

    def export(share: int) -> None:
        """The first records, one of so many."""
        found = Instrument.objects.filter(pk__in=Instrument.objects.order_by("pk").values("pk")[: EXPORTED // share])
        for _line in services.table_of_records(found, format="jishi"):
            pass

    _done, taken = timed(lambda: export(1))
    few, many = peak_of(lambda: export(50)), peak_of(lambda: export(5))
    rows = [
        ("records", "100,000", f"{EXPORTED:,}"),
        ("time", "reported", f"{taken:.1f} s"),
        ("Python's memory at a fiftieth and at a fifth of them", "flat", f"{few:.1f} → {many:.1f} MB"),
        (
            "the process at its largest",
            "reported",
            f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB",
        ),
    ]
    if FULL:
        show("Exporting 100,000 instruments", rows)
    assert not FULL or many <= 1.25 * few + 1
