"""What machines ask: health, metrics, and what crawlers may read."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from common.db import clock_off
from common.disk import LITTLE, room
from common.metrics import counted
from common.queue import queue_depth
from notifications.models import Mail, Sms, WebhookDelivery
from records.models import Job
from records.states import JobState


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers leave alone, and where the list of pages is."""
    closed = ["/accounts/", "/account/", "/admin/", "/api/", "/bookings/", "/inbox/", "/lab/", "/feeds/"]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed), f"Sitemap: {settings.SITE_URL}/sitemap.xml"]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Whether the process can do its work: 503 without a database, with older tables, or with a wrong clock.

    Without the queue it is degraded, not down: people book, and mails wait. So it is where files find no room.
    Tables of a newer version are no matter: so it is while one version takes over from another.
    """
    try:
        pending, seconds = migrations_pending(), clock_off(connection)
    except DatabaseError:
        return JsonResponse({"status": "down", "database": "down"}, status=503)
    if pending:
        return JsonResponse({"status": "down", "database": "ok", "migrations": "pending"}, status=503)
    if seconds:
        return JsonResponse({"status": "down", "database": "ok", "clock_off_seconds": seconds}, status=503)
    queue = "ok" if queue_depth() is not None else "down"
    disk = "ok" if room() > LITTLE else "full"
    status = "ok" if queue == disk == "ok" else "degraded"
    return JsonResponse({"status": status, "database": "ok", "migrations": "ok", "queue": queue, "disk": disk})


def migrations_pending() -> bool:
    """Whether this code has migrations that the database has not seen; asked until the answer is no."""
    if _MIGRATED:
        return False
    executor = MigrationExecutor(connection)
    pending = bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if not pending:
        _MIGRATED.append(True)
    return pending


_MIGRATED: list[bool] = []  # tables are not taken back under a running process


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """What Prometheus collects, for whom it is meant; for others it is as if it were not there."""
    if not may_collect(request):
        raise Http404
    text = generate_latest(counted()) + generate_latest(read_off())
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


def may_collect(request: HttpRequest) -> bool:
    """By the token where there is one; else only from this machine, and not through a proxy on it."""
    if settings.METRICS_TOKEN:
        return constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}")
    forwarded = settings.ALLAUTH_TRUSTED_PROXY_COUNT or {"X-Forwarded-For", "Forwarded"} & set(request.headers)
    return not forwarded and ipaddress.ip_address(request.META["REMOTE_ADDR"]).is_loopback


class ReadOff(Collector):
    """What the database and the queue say at this moment; not counted, so not shared between processes."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        now = timezone.now()
        waiting = GaugeMetricFamily(
            "jishi_outbox_waiting", "Mails, text messages and webhooks to be sent", labels=["what"]
        )
        late = GaugeMetricFamily("jishi_outbox_lag_seconds", "How long the first due one has waited", labels=["what"])
        dead = GaugeMetricFamily("jishi_outbox_dead", "Those that are given up", labels=["what"])
        for what, model in (("mail", Mail), ("text", Sms), ("webhook", WebhookDelivery)):
            first = model.objects.due(now).values_list("due_at", flat=True).first()
            waiting.add_metric([what], model.objects.waiting().count())
            late.add_metric([what], (now - first).total_seconds() if first else 0)
            dead.add_metric([what], model.objects.dead().count())
        jobs = GaugeMetricFamily("jishi_jobs", "Long work by state", labels=["state"])
        for state in (JobState.QUEUED, JobState.RUNNING):
            jobs.add_metric([state.value], Job.objects.filter(state=state).count())
        depth = queue_depth()
        up = GaugeMetricFamily("jishi_queue_up", "Whether Redis answers", value=float(depth is not None))
        yield from (waiting, late, dead, jobs, up)
        yield GaugeMetricFamily("jishi_disk_free_bytes", "What the disk under DATA_DIR can still take", value=room())
        yield GaugeMetricFamily("jishi_queue_depth", "Tasks that wait for a worker", value=depth or 0)


def read_off() -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(ReadOff())
    return registry
