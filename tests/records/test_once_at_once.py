"""One key sent by five at the same moment has one effect; and with the guards off this test would see more."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from common.errors import InFlight
from notifications.models import Mail
from notifications.services import post
from records.models import ONE_ANSWER_PER_KEY, IdempotencyKey
from records.services import Answer, forget_old_keys, once
from records.services import keys as services
from tests.database import without_constraint
from tests.factories import member

pytestmark = pytest.mark.django_db(transaction=True)
# The row is looked for as before, and everybody is told to be alone.
NO_LOCK = services.LOCK_AND_LOOK.replace(
    "pg_try_advisory_xact_lock(hashtextextended(%(user)s || ' ' || %(key)s, 0))", "TRUE"
)


def effect():
    """One effect that can be counted: a mail."""
    mail = post(address="somebody@example.org", event="x", subject="x", body="x")
    return Answer(201, {"mail": str(mail.pk)})


def five_at_once(user, *, key="k", act=effect):
    """What each of the five got: an answer or an error."""
    barrier, got = threading.Barrier(5), []

    def work():
        try:
            barrier.wait(timeout=10)
            got.append(once(user.pk, key=key, fingerprint="f", act=act))
        except Exception as error:
            got.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return got


def effect_when_all_are_there():
    """An effect that waits until five are at it, as far as the guards let them come."""
    everyone = threading.Barrier(5)

    def act():
        with suppress(threading.BrokenBarrierError):
            everyone.wait(timeout=2)
        return effect()

    return act


def test_5_with_one_key_have_one_effect_and_are_told_the_same_or_to_wait(researcher):
    got = five_at_once(researcher)

    answers = [each for each in got if isinstance(each, Answer)]
    assert len(got) == 5
    assert all(isinstance(each, Answer | InFlight) for each in got), got
    assert {each.body["mail"] for each in answers} == {str(Mail.objects.get().pk)}
    assert [each.replayed for each in answers].count(False) == 1


def test_the_key_is_free_again_for_who_was_told_to_wait(researcher):
    five_at_once(researcher)

    assert once(researcher.pk, key="k", fingerprint="f", act=effect).replayed
    assert Mail.objects.count() == 1


def test_without_the_lock_the_constraint_alone_leaves_one_effect(researcher, monkeypatch):
    monkeypatch.setattr(services, "LOCK_AND_LOOK", NO_LOCK)

    got = five_at_once(researcher, act=effect_when_all_are_there())

    assert Mail.objects.count() == 1
    assert sum(isinstance(each, InFlight) for each in got) == 4, got


def test_with_lock_and_constraint_off_there_are_5_effects(researcher, monkeypatch):
    """The negative control: were there still one, the tests above would be blind."""
    assert services.LOCK_AND_LOOK != NO_LOCK
    monkeypatch.setattr(services, "LOCK_AND_LOOK", NO_LOCK)

    with without_constraint(IdempotencyKey, ONE_ANSWER_PER_KEY):
        five_at_once(researcher, act=effect_when_all_are_there())

    assert Mail.objects.count() == 5


def test_five_people_with_one_key_have_an_effect_each(university):
    people = [member(f"n{n}", university) for n in range(5)]

    answers = [once(each.pk, key="k", fingerprint="f", act=effect) for each in people]

    assert not any(each.replayed for each in answers)
    assert Mail.objects.count() == 5


def test_what_failed_leaves_neither_an_effect_nor_a_used_key(researcher):
    def fail():
        effect()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        once(researcher.pk, key="k", fingerprint="f", act=fail)

    assert not Mail.objects.exists()
    assert not once(researcher.pk, key="k", fingerprint="f", act=effect).replayed


def test_a_forgotten_key_may_be_used_again_and_a_young_one_is_kept(researcher):
    with time_machine.travel(timezone.now() - timedelta(hours=73)):
        once(researcher.pk, key="old", fingerprint="f", act=effect)
    once(researcher.pk, key="young", fingerprint="f", act=effect)

    assert forget_old_keys() == 1
    assert not once(researcher.pk, key="old", fingerprint="another", act=effect).replayed
    assert once(researcher.pk, key="young", fingerprint="f", act=effect).replayed
