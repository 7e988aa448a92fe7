"""What is counted while the portal works; `/metrics` tells it, together with what can be read off the database.

Where PROMETHEUS_MULTIPROC_DIR is set, all processes of this machine that have the same folder are counted as one.
"""

from __future__ import annotations

from os import environ
from pathlib import Path

# Before the import: the library looks for the folder then, and does not make it.
if _folder := environ.get("PROMETHEUS_MULTIPROC_DIR"):
    Path(_folder).mkdir(parents=True, exist_ok=True)

from prometheus_client import CollectorRegistry, Counter, Histogram, multiprocess

from common.errors import Refused

COUNTED = CollectorRegistry()

REQUESTS = Counter(
    "jishi_requests", "Requests answered, by view, method and status", ["view", "method", "status"], registry=COUNTED
)
SECONDS = Histogram(
    "jishi_request_seconds",
    "How long an answer took, by view",
    ["view"],
    buckets=(0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 1, 2, 5, 10),
    registry=COUNTED,
)
STATEMENTS = Histogram(
    "jishi_request_statements",
    "How many statements an answer asked the database, by view",
    ["view"],
    buckets=(1, 5, 10, 15, 20, 25, 40, 80, 200),
    registry=COUNTED,
)
REFUSALS = Counter("jishi_refusals", "Reasons given for what could not be done, by code", ["code"], registry=COUNTED)
EVENTS = Counter(
    "jishi_events", "What happened (booking.requested is a booking made), by kind", ["kind"], registry=COUNTED
)
BREACHES = Counter(
    "jishi_races_lost", "Writes that only a constraint of the database stopped", ["constraint"], registry=COUNTED
)
RETRIES = Counter("jishi_transactions_retried", "Transactions begun again", ["sqlstate"], registry=COUNTED)


def count_refusals(error: Refused) -> None:
    """Each of its reasons was told to somebody."""
    for refusal in error.refusals:
        REFUSALS.labels(refusal.code).inc()


def counted() -> CollectorRegistry:
    """All that was counted, in this process or in all of them."""
    if not environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return COUNTED
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)
    return registry
