"""Two imports of one organisation at the same moment: one is applied, the other waits its turn."""

from __future__ import annotations

from contextlib import suppress
from threading import Barrier, BrokenBarrierError, Thread
from unittest.mock import MagicMock

import pytest
from django.db import connection

from accounts.models import Organisation
from accounts.states import Role
from common.errors import Refused
from instruments import services
from instruments.models import InstrumentImport
from instruments.services import importing
from tests.factories import laboratory, member
from tests.instruments.tables import csv_file, looked_through

pytestmark = pytest.mark.django_db(transaction=True)


def accepted_at_once(monkeypatch) -> int:
    """How many of two imports that are applied together are accepted; each waits for the other before it writes."""
    place = Organisation.objects.create(kind="university", name_zh="东海大学")
    laboratory(place)
    admin = member("institution", place, Role.ADMIN)
    both = [looked_through(place, admin, csv_file(f"资产编号,仪器名称\nA{n},x\n")) for n in range(2)]
    together, accepted, queue = Barrier(2), [], importing.queue_job

    def waiting(*args, **kwargs):
        with suppress(BrokenBarrierError):  # the other one was held off
            together.wait(timeout=1)
        return queue(*args, **kwargs)

    monkeypatch.setattr(importing, "queue_job", waiting)

    def apply(source: InstrumentImport) -> None:
        with suppress(Refused):
            accepted.append(services.apply_import(source, by=admin))
        connection.close()

    threads = [Thread(target=apply, args=[each]) for each in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(accepted)


def test_one_of_two_imports_at_once_is_applied(monkeypatch):
    assert accepted_at_once(monkeypatch) == 1


def test_without_the_lock_on_the_organisation_both_would_be(monkeypatch):
    """The negative control."""
    monkeypatch.setattr(importing, "Organisation", MagicMock())

    assert accepted_at_once(monkeypatch) == 2
