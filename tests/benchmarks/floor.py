"""The least that a Django view can do for the same answer: no session, permission, rule, history or outbox.

Served by gunicorn beside the portal, on the same database (`floor_wsgi`).
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from django.db import connection, models, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from bookings.models import Claim
from common.ids import new_id
from instruments.models import Instrument

TABLE = "floor_booking"
# The claims' columns, keys and constraints, and no triggers.
MAKE_TABLE, DROP_TABLE = f"CREATE TABLE {TABLE} (LIKE bookings_claim INCLUDING ALL)", f"DROP TABLE IF EXISTS {TABLE}"
LATERAL = """
SELECT instrument.id, instrument.slug, instrument.name_zh, instrument.name_en, held.ends_at
FROM instruments_instrument AS instrument
LEFT JOIN LATERAL (
    SELECT ends_at FROM bookings_claim AS claim
    WHERE claim.instrument_id = instrument.id AND claim.unit = 1 AND claim.starts_at < %s
    ORDER BY claim.starts_at DESC LIMIT 1
) AS held ON true
WHERE held.ends_at IS NULL OR held.ends_at <= %s
ORDER BY instrument.id LIMIT 50
"""


class FloorBooking(models.Model):
    booking_id = models.UUIDField(default=new_id)
    instrument_id = models.BigIntegerField()
    unit = models.PositiveSmallIntegerField(default=1)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        app_label, db_table, managed = "floor", TABLE, False

    def __str__(self) -> str:
        return str(self.booking_id)


def health(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def book(request: HttpRequest) -> JsonResponse:
    """Lock the instrument, insert a row."""
    given = json.loads(request.body)
    times = {name: datetime.fromisoformat(given[name]) for name in ("start", "end")}
    with transaction.atomic():
        instrument = Instrument.objects.select_for_update(no_key=True).get(slug=given["instrument"])
        made = FloorBooking.objects.create(instrument_id=instrument.pk, starts_at=times["start"], ends_at=times["end"])
    return JsonResponse({"id": made.booking_id, "instrument": instrument.slug, **times}, status=201)


def week(request: HttpRequest) -> JsonResponse:
    """What is held on an instrument, with the columns that the portal gives to whoever may see them all."""
    start, end = (datetime.fromisoformat(request.GET[name]) for name in ("from", "to"))
    claims = Claim.objects.filter(
        instrument__slug=request.GET["instrument"],
        starts_at__lt=end,
        starts_at__gt=start - timedelta(days=31),
        ends_at__gt=start,
    )
    columns = ("instrument__slug", "starts_at", "ends_at", "booking", "booking__state", "booking__title")
    return JsonResponse({"events": list(claims.order_by("starts_at").values(*columns, "booking__user__name"))})


def openings(request: HttpRequest) -> JsonResponse:
    """The first fifty instruments that nobody holds at a time, in one statement."""
    start = datetime.fromisoformat(request.GET["from"])
    with connection.cursor() as cursor:
        cursor.execute(LATERAL, [start + timedelta(minutes=int(request.GET["minutes"])), start])
        names = [column.name for column in cursor.description]
        return JsonResponse({"results": [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]})


urlpatterns = [
    path("health/", health),
    path("bookings/", book),
    path("week/", week),
    path("openings/", openings),
]
