"""What machines ask: whether the portal can work, and its figures, which are not for everybody."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from django.db import DatabaseError
from django.urls import reverse
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from notifications.services import post
from pages.views import machines

pytestmark = pytest.mark.django_db
DEPLOY = Path(__file__).parents[2] / "deploy"
TOKEN = "t" * 40


@pytest.fixture(autouse=True)
def _asked_anew(monkeypatch):
    monkeypatch.setattr(machines, "_MIGRATED", [])


def figures(client, **headers: str) -> dict[str, dict[str, float]]:
    """The value of each sample by its name and its labels."""
    found: dict[str, dict[str, float]] = {}
    for family in text_string_to_metric_families(client.get("/metrics", headers=headers).content.decode()):
        for sample in family.samples:
            found.setdefault(sample.name, {})[" ".join(sample.labels.values())] = sample.value
    return found


def test_health_is_told_to_anyone(browse):
    assert browse().get("/health/live").json() == {"status": "ok"}
    assert browse().get("/health/ready").json() == {
        "status": "ok", "database": "ok", "migrations": "ok", "queue": "ok", "disk": "ok",
    }  # fmt: skip


def test_without_a_database_the_portal_is_down_and_without_the_queue_only_degraded(browse, monkeypatch, settings):
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    degraded = browse().get("/health/ready")
    assert (degraded.status_code, degraded.json()["status"], degraded.json()["queue"]) == (200, "degraded", "down")

    def away() -> bool:
        raise DatabaseError

    monkeypatch.setattr(machines, "migrations_pending", away)
    down = browse().get("/health/ready")
    assert (down.status_code, down.json()) == (503, {"status": "down", "database": "down"})


def test_tables_of_an_older_version_are_not_ready(browse, monkeypatch):
    monkeypatch.setattr(machines.MigrationExecutor, "migration_plan", lambda *_args: ["a migration"])

    assert browse().get("/health/ready").json() == {"status": "down", "database": "ok", "migrations": "pending"}


def test_a_machine_whose_clock_is_an_hour_off_is_not_ready(browse, time_machine):
    time_machine.move_to(timezone.now() - timedelta(hours=1))
    assert browse().get("/health/ready").json()["clock_off_seconds"] == -3600


@pytest.mark.parametrize(
    ("extra", "status"),
    [
        ({}, 200),
        ({"REMOTE_ADDR": "::1"}, 200),
        ({"REMOTE_ADDR": "10.0.0.7"}, 404),
        ({"HTTP_X_FORWARDED_FOR": "203.0.113.9"}, 404),
        ({"HTTP_FORWARDED": "for=203.0.113.9"}, 404),
    ],
)
def test_without_a_token_figures_are_for_this_machine_alone(browse, extra, status):
    assert browse().get("/metrics", **extra).status_code == status


def test_behind_a_proxy_or_with_a_token_only_the_token_opens_them(browse, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert browse().get("/metrics").status_code == 404

    settings.METRICS_TOKEN = TOKEN
    assert browse().get("/metrics").status_code == 404
    assert browse().get("/metrics", headers={"Authorization": "Bearer " + "u" * 40}).status_code == 404
    assert browse().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_the_outbox_and_the_queue_are_read_off(browse, settings):
    late = post(address="a@example.org", event="told", subject="", body="")
    type(late).objects.filter(pk=late.pk).update(due_at=timezone.now() - timedelta(seconds=90))
    settings.QUEUE = "jishi-nobody-takes-from"

    now = figures(browse())

    assert now["jishi_outbox_waiting"] == {"mail": 1, "text": 0, "webhook": 0}
    assert 90 <= now["jishi_outbox_lag_seconds"]["mail"] < 120
    assert (now["jishi_queue_up"], now["jishi_queue_depth"]) == ({"": 1}, {"": 0})


def test_two_processes_are_counted_as_one(tmp_path):
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "metrics")}

    def run(code: str) -> str:
        begin = "import django; from django.conf import settings; settings.configure(); from common import metrics; "
        command = [sys.executable, "-c", begin + code]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    for _process in range(2):
        run("metrics.REFUSALS.labels('slot_taken').inc()")
    said = run("from prometheus_client import generate_latest; print(generate_latest(metrics.counted()).decode())")

    assert 'jishi_refusals_total{code="slot_taken"} 2.0' in said


def names_asked_for(expression: str) -> set[str]:
    return set(re.findall(r"\bjishi_[a-z_]+", expression))


def expressions() -> list[str]:
    board = json.loads((DEPLOY / "grafana.json").read_text())
    shown = [target["expr"] for panel in board["panels"] for target in panel.get("targets", [])]
    rules = yaml.safe_load((DEPLOY / "alerts.yml").read_text())
    return shown + [rule["expr"] for group in rules["groups"] for rule in group["rules"]]


def test_dashboard_and_alerts_ask_for_figures_that_exist(browse, researcher, sem):
    browse(researcher).get("/instruments/")
    known = set(figures(browse()))
    # A counter with labels has no sample before its first time.
    known |= {f"{metric.name}_total" for metric in machines.counted().collect() if metric.type == "counter"}

    assert {name for each in expressions() for name in names_asked_for(each)} - known == set()
    assert all(names_asked_for(each) or "up{" in each for each in expressions())
    views = {
        name for each in expressions() for names in re.findall(r'view=~?"([\w|]+)"', each) for name in names.split("|")
    }
    assert {reverse(name, args=["sem"] * (name == "new_booking")) for name in views} == {
        "/instruments/sem/book/", "/api/v1/bookings/",
    }  # fmt: skip


# What of PromQL is used here, and what each function takes: a range of a counter, a range of a gauge, or a vector.
OF_COUNTERS, OF_GAUGES = {"rate", "increase"}, {"delta"}
OF_VECTORS = {"sum", "topk", "histogram_quantile"}


def faults_in(expression: str) -> list[str]:
    """What a Prometheus would refuse, or what would silently mean nothing."""
    bare = re.sub(r'"[^"]*"', '""', expression)
    found = [f"{pair} is not balanced" for pair in ("()", "{}", "[]") if bare.count(pair[0]) != bare.count(pair[1])]
    called = set(re.findall(r"\b([a-z_]+)\s*(?:by\s*\([^)]*\)\s*)?\(", bare)) - {"by"}
    found += [f"{name} is not known" for name in called - OF_COUNTERS - OF_GAUGES - OF_VECTORS]
    of_ranges = re.findall(r"\b(rate|increase|delta)\((jishi_\w+)(?:\{[^}]*\})?(\[\d+[smhd]\])?\)", bare)
    counters = ("_total", "_sum", "_count", "_bucket")
    for function, figure, over in of_ranges:
        found += [] if over else [f"{function} of no range"]
        found += [] if figure.endswith(counters) == (function in OF_COUNTERS) else [f"{function} of {figure}"]
    found += ["a range that nobody takes"] * (bare.count("[") != len(of_ranges))
    found += ["a quantile without le"] * ("histogram_quantile" in bare and not re.search(r"by \(le\b", bare))
    return found


def test_expressions_are_such_as_prometheus_can_read():
    assert {each: faults_in(each) for each in expressions() if faults_in(each)} == {}


@pytest.mark.parametrize(
    "forged",
    [
        'increase(jishi_outbox_dead{what="mail"}[1h]) > 0',  # a gauge
        "delta(jishi_requests_total[5m]) > 0",
        "rate(jishi_requests_total) > 1",
        "jishi_queue_depth[5m] > 500",
        "sum(rate(jishi_requests_total[5m]) > 1",
        "avrg(jishi_queue_depth)",
        "histogram_quantile(0.95, sum by (view) (rate(jishi_request_seconds_bucket[5m])))",
    ],
)
def test_one_that_it_could_not_read_is_seen(forged):
    assert faults_in(forged)


def test_each_alert_says_what_it_means_and_what_to_do_and_the_dashboard_is_whole():
    rules = [rule for group in yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"] for rule in group["rules"]]
    board = json.loads((DEPLOY / "grafana.json").read_text())

    assert len(rules) >= 8
    for rule in rules:
        assert {"alert", "expr", "for", "labels", "annotations"} == rule.keys()
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert {"summary", "description"} == rule["annotations"].keys()
        assert re.fullmatch(r"\d+[smh]", rule["for"])
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    for panel in board["panels"]:
        assert {"title", "type", "gridPos", "targets", "datasource"} <= panel.keys()
        assert panel["title"]
        assert panel["targets"]
        assert all({"expr", "refId"} <= target.keys() for target in panel["targets"])
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])
        assert panel["fieldConfig"]["defaults"]["unit"] in {"reqps", "s", "short"}
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
