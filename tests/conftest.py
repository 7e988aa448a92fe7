"""The cast: researcher, labmate, stranger, manager, institution admin, officer — and what they work with."""

from __future__ import annotations

import gc
import json
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client, TransactionTestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from rest_framework.test import APIClient

from common import clock
from common.logs import json_lines
from instruments.services import forget_aliases
from tests import database, factories

HOUR = timedelta(hours=1)
# Who and where, for the history: it travels in front of a statement and is none of its own.
HISTORY_CONTEXT = re.compile(r"^SELECT set_config\('pghistory\..*?, true\); (?=[A-Z])", re.DOTALL)
DALIAN = ZoneInfo("Asia/Shanghai")


def pytest_collection_finish() -> None:
    """All of Django and two thousand tests stay to the end: nobody need look through them for what can go."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, django_db_blocker) -> Iterator[None]:
    """pytest-django's place to say how the tests' database is made, and what follows a test that commits."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        connection.settings_dict["TEST"]["TEMPLATE"] = database.migrated()
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _test: database.restore())
        yield


@pytest.fixture(autouse=True)
def _plain_settings(settings, tmp_path, request):
    """Static files by their own names; mail into memory unless a test says otherwise; an empty cache."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    # It reads every static file at the start of each test client: 0.1 s a request.
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "whitenoise" not in name]
    if not request.node.get_closest_marker("browser"):  # whose passwords another process must read
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.DATA_DIR = tmp_path
    translation.activate(settings.LANGUAGE_CODE)
    cache.clear()
    forget_aliases()


@pytest.fixture(autouse=True)
def _clock_believed(monkeypatch):
    """Tests travel; whether the clock is right is asked in those about it alone (tests/common/test_clock.py)."""
    monkeypatch.setattr(clock, "clock_off", lambda _connection: 0)


@pytest.fixture
def university(db):
    return factories.university()


@pytest.fixture
def centre(university):
    return factories.laboratory(university)


@pytest.fixture
def sem(centre):
    """Needs approval, no training."""
    return factories.instrument(centre)


@pytest.fixture
def xrd(centre):
    """Confirmed at once."""
    return factories.instrument(centre, "xrd", needs_approval=False)


@pytest.fixture
def researcher(university):
    return factories.member("researcher", university)


@pytest.fixture
def labmate(university):
    return factories.member("labmate", university)


@pytest.fixture
def stranger(db):
    return factories.person("stranger")


@pytest.fixture
def manager(centre):
    return factories.lab_admin("manager", centre)


@pytest.fixture
def nine() -> datetime:
    """Nine o'clock in Dalian, three days from now."""
    today = timezone.now().astimezone(DALIAN)
    return today.replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=3)


@pytest.fixture
def browse() -> Callable[..., Client]:
    """A browser of somebody who is signed in (or of a visitor)."""

    def browser(user: Any = None) -> Client:
        client = Client()
        if user:
            factories.signed_in(client, user)
        return client

    return browser


class Caller(APIClient):
    """Sends a fresh Idempotency-Key with each POST that names none."""

    def post(self, path: str, data: Any = None, key: str | None = "fresh", **extra: Any) -> Any:
        headers = dict(extra.pop("headers", None) or {})
        if key:
            headers["Idempotency-Key"] = factories.fresh_key() if key == "fresh" else key
        return super().post(path, data if data is not None else {}, format="json", headers=headers, **extra)


@pytest.fixture
def call() -> Callable[..., Caller]:
    """The API as somebody calls it with a token of theirs."""

    def caller(user: Any = None, *scopes: str) -> Caller:
        client = Caller()
        if user:
            client.credentials(HTTP_AUTHORIZATION=f"Bearer {factories.token_for(user, *scopes)}")
        return client

    return caller


@pytest.fixture
def statements() -> Callable[..., Any]:
    """Counts what is asked of the database, but for BEGIN, COMMIT, SAVEPOINT and what a connection prepares once."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        counted: list[str] = []
        with CaptureQueriesContext(connection) as seen:
            yield counted
        not_counted = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT", "PREPARE")
        asked = [HISTORY_CONTEXT.sub("", each["sql"]) for each in seen.captured_queries]
        counted += [sql for sql in asked if not sql.startswith(not_counted)]

    return counting


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What is logged, as the objects that a collector would read."""
    out, root = StringIO(), logging.getLogger()
    handler = logging.StreamHandler(out)
    handler.setFormatter(json_lines())
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in out.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(level)
