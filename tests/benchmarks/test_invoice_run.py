"""Drafts of a million charges against one INSERT … SELECT with the same sums, in the same run.

`./portal prove invoices` counts in full; a run of pytest by itself takes 2,000 charges, for the shape alone.
"""

from __future__ import annotations

import time
import tracemalloc
from datetime import timedelta
from os import environ

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from billing.models import Charge, Invoice, InvoiceLine, InvoiceRun, Wallet
from billing.services import make_drafts, wallet_of
from tests.factories import person
from tests.proofs.conftest import show  # noqa: F401 (the fixture)

FULL = environ.get("JISHI_PROVE") == "full"
CHARGES, PAYERS = (1_000_000, 10_000) if FULL else (2_000, 20)
MB = 1024 * 1024

MAKE_CHARGES = """
INSERT INTO billing_charge (id, seller_id, wallet_id, account, settlement, name_zh, name_en, used_on, price, currency,
    vat_rate, net, vat, gross, covered, to_pay, paid, refunded, state, object_until, made_at)
SELECT gen_random_uuid(), %(seller)s, wallet.id, 'wallet', 'transfer', '扫描电镜', 'SEM',
    CASE WHEN n %% 4 = 0 THEN %(earlier)s ELSE %(day)s END, '{}', 'CNY',
    6, amount, round(amount * 0.06, 2), amount + round(amount * 0.06, 2), 0, amount + round(amount * 0.06, 2), 0, 0,
    'agreed', %(day)s, now()
FROM (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM billing_wallet) AS wallet
JOIN (SELECT n, (n %% 977 + 1)::numeric AS amount FROM generate_series(1, %(charges)s) AS n) AS wanted
    ON wanted.n %% %(payers)s = wallet.place
"""
# The same lines and the same sums, without rules, triggers, constraints or indexes.
FLOOR = """
WITH line AS (
    INSERT INTO floor_line
    SELECT nextval('floor_position'), charge.id, charge.wallet_id, row_number() OVER (
            PARTITION BY charge.wallet_id ORDER BY charge.used_on, charge.id),
        'included', true, charge.name_zh, charge.name_en, charge.used_on, '', charge.vat_rate, charge.net, charge.vat,
        charge.gross, charge.covered, charge.to_pay
    FROM billing_charge AS charge WHERE charge.seller_id = %s
    RETURNING *
)
INSERT INTO floor_invoice
SELECT wallet_id, sum(net), sum(vat), sum(gross), sum(covered), sum(to_pay) FROM line GROUP BY wallet_id
"""
FLOOR_TABLES = """
CREATE TEMP SEQUENCE floor_position;
CREATE TEMP TABLE floor_line (id bigint, charge uuid, wallet_id uuid, position bigint, state text, counts boolean,
    name_zh text, name_en text, used_on date, fund_code text, vat_rate numeric, net numeric, vat numeric, gross numeric,
    covered numeric, to_pay numeric);
CREATE TEMP TABLE floor_invoice (wallet_id uuid, net numeric, vat numeric, gross numeric, covered numeric,
    to_pay numeric);
"""
# The same into the real tables, with all that PostgreSQL looks after there.
GUARDED = """
WITH head AS (
    INSERT INTO billing_invoice (id, seller_id, wallet_id, run_id, settlement, state, reference, seller_words,
        payer_words, from_day, to_day, currency, net, vat, gross, covered, to_pay, paid, credited, reminded_days,
        voucher, version, made_at, updated_at)
    SELECT gen_random_uuid(), seller_id, wallet_id, %(run)s, settlement, 'draft', '', '{}', '{}', min(used_on),
        max(used_on), 'CNY', sum(net), sum(vat), sum(gross), sum(covered), sum(to_pay), 0, 0, 0, '', 1, now(), now()
    FROM billing_charge WHERE seller_id = %(seller)s GROUP BY seller_id, wallet_id, settlement
    RETURNING id, wallet_id
)
INSERT INTO billing_invoiceline (invoice_id, charge_id, position, state, counts, name_zh, name_en, used_on, fund_code,
    vat_rate, net, vat, gross, covered, to_pay)
SELECT head.id, charge.id, row_number() OVER (PARTITION BY head.id ORDER BY charge.used_on, charge.id), 'included',
    true, charge.name_zh, charge.name_en, charge.used_on, '', charge.vat_rate, charge.net, charge.vat, charge.gross,
    charge.covered, charge.to_pay
FROM billing_charge AS charge JOIN head ON head.wallet_id = charge.wallet_id WHERE charge.seller_id = %(seller)s
"""


class TakenError(Exception):
    """What was measured is rolled back."""


def measured(act) -> float:
    """Seconds until COMMIT would have judged everything; nothing stays."""
    begun = time.perf_counter()
    try:
        with transaction.atomic():
            act()
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            raise TakenError
    except TakenError:
        pass
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return time.perf_counter() - begun


def traced(run, *, rolled_back=False) -> tuple[int, float]:
    """How many drafts a run has made, and the most memory in MB that Python had for it."""
    tracemalloc.start()
    with transaction.atomic():
        made = make_drafts(run)
        transaction.set_rollback(rolled_back)
    peak = tracemalloc.get_traced_memory()[1] / MB
    tracemalloc.stop()
    return made, peak


def asked(sql, given):
    with connection.cursor() as cursor:
        cursor.execute(sql, given)


@pytest.mark.django_db
def test_invoices_of_a_run_of_many_charges(university, show):  # noqa: F811
    first = wallet_of(person("first"))
    Wallet.objects.bulk_create([Wallet(person=each) for each in people(PAYERS - 1)])
    day = timezone.localdate()
    earlier = day.replace(day=1) - timedelta(days=1)  # a quarter of the payers, who had all of theirs a month before
    given = {"seller": university.pk, "day": day, "earlier": earlier, "charges": CHARGES, "payers": PAYERS}
    asked(MAKE_CHARGES, given)
    assert Charge.objects.filter(seller=university).count() == CHARGES
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE billing_charge")
        cursor.execute(FLOOR_TABLES)
    run = InvoiceRun.objects.create(seller=university, month=day.replace(day=1))
    acts = {
        "one INSERT … SELECT into plain tables": lambda: asked(FLOOR, [university.pk]),
        "one INSERT … SELECT into the real tables": lambda: asked(GUARDED, {"run": run.pk, "seller": university.pk}),
        "the run": lambda: make_drafts(run),
    }
    times: dict[str, list[float]] = {name: [] for name in acts}
    for _round in range(3):
        for name, act in acts.items():
            times[name].append(measured(act))
    median = {name: sorted(found)[1] for name, found in times.items()}
    ours = median["the run"]
    before = InvoiceRun.objects.create(seller=university, month=earlier.replace(day=1))
    made, of_a_quarter = traced(before, rolled_back=True)
    assert made == PAYERS // 4
    made, of_all = traced(run)
    assert made == PAYERS
    assert InvoiceLine.objects.filter(invoice__run=run).count() == CHARGES
    assert Invoice.objects.get(wallet=first).lines.count() in {CHARGES // PAYERS, CHARGES // PAYERS + 1}
    plain, guarded = (seconds for name, seconds in median.items() if name != "the run")
    rows = [
        ("charges → invoices", "1,000,000 → 10,000", f"{CHARGES:,} → {PAYERS:,}"),
        *((name, "reported", f"{seconds:.2f} s") for name, seconds in median.items()),
        ("G10 the run against the real tables' INSERT … SELECT", "≤ 2.5 ×", f"{ours / guarded:.2f} ×"),
        ("the run against the plain tables' (no keys, triggers, indexes)", "reported", f"{ours / plain:.2f} ×"),
        ("G10 Python's memory, a quarter of them → all", "flat", f"{of_a_quarter:.1f} → {of_all:.1f} MB"),
    ]
    if FULL:
        show("G10: an invoice run of 1,000,000 charges", rows)
        assert ours / guarded <= 2.5
        assert of_all <= of_a_quarter * 1.25 + 1
    else:
        for row in rows:
            print(row)  # noqa: T201


def people(count: int):

    return User.objects.bulk_create(
        [User(email=f"payer{n}@example.org", name=f"payer{n}", password="!") for n in range(count)]
    )
