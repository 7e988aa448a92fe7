"""Filling the tables by SQL, and asking PostgreSQL what a read costs it: pages of its cache, not seconds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pgtrigger
from django.db import connection

INSERT = """
WITH made AS (
    INSERT INTO bookings_booking (id, instrument_id, user_id, booked_by_id, starts_at, ends_at, state, purpose, title,
                                  answers, reason, cancelled_as, version, created_at, updated_at)
    SELECT gen_random_uuid(), instrument.id, %s, %s, at, at + interval '90 minutes',
           'confirmed', 'research', '', '[]', '', '', 1, now(), now()
    FROM instruments_instrument AS instrument,
         generate_series(%s::timestamptz, %s::timestamptz, interval '2 hours') AS at
    RETURNING id, instrument_id, starts_at, ends_at
)
INSERT INTO bookings_claim (booking_id, instrument_id, unit, starts_at, ends_at)
SELECT id, instrument_id, 1, starts_at, ends_at FROM made
"""


# Foreign keys, the exclusion and the indexes of both tables: how each goes, and how it comes back.
GUARDS = """
WITH filled AS (SELECT unnest(ARRAY['bookings_booking', 'bookings_claim'])::regclass AS id)
SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),
       format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
FROM pg_constraint WHERE conrelid IN (SELECT id FROM filled) AND contype IN ('f', 'x')
UNION ALL
SELECT format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
FROM pg_index WHERE indrelid IN (SELECT id FROM filled)
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""


@contextmanager
def without_guards() -> Iterator[None]:
    """A million rows go in first and are judged and indexed then, in one go: a tenth of the time."""
    with connection.cursor() as cursor:
        cursor.execute(GUARDS)
        guards = cursor.fetchall()
        for gone, _back in guards:
            cursor.execute(gone)
        yield
        for _gone, back in guards:
            cursor.execute(back)
        cursor.execute("ANALYZE bookings_booking, bookings_claim")


def fill(user: Any, *, first: Any, last: Any) -> int:
    """Book every instrument for ninety minutes of every two hours between two times; returns how many claims."""
    with pgtrigger.ignore(), connection.cursor() as cursor:  # a million lines of history would be of no use here
        cursor.execute(INSERT, [user.pk, user.pk, first, last])
        made = cursor.rowcount
        cursor.execute("ANALYZE bookings_booking, bookings_claim")
    return made


def pages_read(sql: str, parameters: Any = None) -> int:
    """How many pages of 8 kB a statement touches, wherever they lie."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", parameters)
        plan = cursor.fetchone()[0]
    plan = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def pages_of(queryset: Any) -> int:
    """The same for a queryset."""
    sql, parameters = queryset.query.sql_with_params()
    return pages_read(sql, parameters)
