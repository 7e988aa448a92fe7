"""No table that names a person is forgotten: not by the export, not by the erasure, not by the documents."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import transaction
from django.db.models import ManyToManyField

from accounts.models import User
from common.personal import BLANKED, STAYS
from config.celery import app
from privacy.services import PERSONAL
from records.rules import RETENTION
from tests.test_permissions import world  # noqa: F401 (the fixture)

# Named by the frameworks' own rows: an entry of a history belongs to the room whose history it is.
OF_FRAMEWORKS = {
    "pghistory.MiddlewareEvents.user",  # a view without a table of its own
    "accounts.User_groups.user",  # Django's groups and permissions are unused
    "accounts.User_user_permissions.user",
}


def columns_that_name_a_person() -> set[str]:
    """`app.Model.field` of each key to a user, in tables and in those between two tables."""
    found = set()
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.get_fields():
            if field.concrete and field.related_model is User and not isinstance(field, ManyToManyField):
                found.add(f"{model._meta.label}.{field.name}")
    return found


def test_each_column_that_names_a_person_is_decided():
    decided = {f"{kept.model._meta.label}.{name}" for kept in PERSONAL for name in kept.by}

    assert columns_that_name_a_person() - decided - OF_FRAMEWORKS == set()


def test_the_list_sees_a_column_that_is_missing():
    """The negative control: without the bookings' lines the comparison must find theirs."""
    decided = {
        f"{kept.model._meta.label}.{name}" for kept in PERSONAL if kept.model.__name__ != "Booking" for name in kept.by
    }

    assert "bookings.Booking.user" in columns_that_name_a_person() - decided


def test_what_is_not_given_or_stays_says_why():
    assert not [kept for kept in PERSONAL if (not kept.given or kept.at_erasure == STAYS) and not kept.because]
    assert not [kept for kept in PERSONAL if kept.given and not kept.what]


@pytest.mark.parametrize("secret", ["password", "secret", "digest", "key", "session_data", "code"])
def test_no_secret_is_given(secret):
    columns = [(kept, kept.model._meta.get_field(name)) for kept in PERSONAL if kept.given for name in kept.columns()]
    given = [f"{kept.name}.{column.name}" for kept, column in columns if not column.is_relation]
    allowed = {"billing_fundcode.code", "outreach_certificate.code"}  # a project's number; the public page's address

    assert not [each for each in given if secret in each.rpartition(".")[2].split("_") and each not in allowed]


def test_what_is_blanked_is_a_column_of_the_table():
    for kept in PERSONAL:
        assert kept.at_erasure == BLANKED or not kept.blank
        assert set(kept.blank) <= {field.name for field in kept.model._meta.concrete_fields}, kept


def test_each_clock_is_wound_by_a_task_that_beat_starts():
    started = {entry["task"] for entry in app.conf.beat_schedule.values()}

    for name, clock in RETENTION.items():
        assert clock.kept is not None or clock.words, name
        assert not clock.task or clock.task in started, name
        assert clock.kept is None or clock.task, name


@pytest.mark.django_db
def test_giving_and_erasing_works_for_everybody_of_the_cast_in_every_table(world):  # noqa: F811
    """Each line against real rows of each room: no column that is not there, no constraint that a blank breaks."""
    rows = erased = 0
    for person in world["people"].values():
        rows += sum(len(list(kept.rows(person))) for kept in PERSONAL)
        with transaction.atomic():
            erased += sum(kept.erase(person) for kept in PERSONAL)
            transaction.set_rollback(True)

    assert rows > 100
    assert erased > 100
