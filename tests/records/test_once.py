"""A request sent again with its key has one effect."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from common.errors import OtherBody, Refusal, Refused
from records.models import IdempotencyKey, Mark
from records.services import Answer, forget_old_keys, once

pytestmark = pytest.mark.django_db


def marked(name):
    def act():
        Mark.objects.create(name=name)
        return Answer(201, {"name": name})

    return act


def test_the_second_time_the_first_answer_comes_back(researcher):
    first = once(researcher.pk, key="k", fingerprint="f", act=marked("a"))
    second = once(researcher.pk, key="k", fingerprint="f", act=marked("b"))

    assert (first.body, first.replayed) == ({"name": "a"}, False)
    assert (second.body, second.status, second.replayed) == ({"name": "a"}, 201, True)
    assert not Mark.objects.filter(name="b").exists()


def test_the_key_of_another_user_is_another_key(researcher, labmate):
    once(researcher.pk, key="k", fingerprint="f", act=marked("a"))

    assert once(labmate.pk, key="k", fingerprint="f", act=marked("b")).body == {"name": "b"}


def test_a_key_used_for_another_request_is_refused(researcher):
    once(researcher.pk, key="k", fingerprint="f", act=marked("a"))

    with pytest.raises(OtherBody):
        once(researcher.pk, key="k", fingerprint="g", act=marked("b"))


def test_keys_are_forgotten_after_72_hours(researcher):
    once(researcher.pk, key="k", fingerprint="f", act=marked("a"))

    with time_machine.travel(timezone.now() + timedelta(hours=71)):
        assert forget_old_keys() == 0
    with time_machine.travel(timezone.now() + timedelta(hours=73)):
        assert forget_old_keys() == 1
    assert not IdempotencyKey.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_retry_that_meets_its_own_first_request_gets_its_answer(researcher):
    """The first commits between the retry's look and its work: what refuses the retry is its own booking."""

    def first_commits_meanwhile():
        kept = {"user": researcher, "key": "k", "fingerprint": "f", "status": 201, "body": {"name": "first"}}
        other = threading.Thread(target=lambda: (IdempotencyKey.objects.create(**kept), connection.close()))
        other.start()
        other.join()
        raise Refused([Refusal("slot_taken", "taken")])

    answer = once(researcher.pk, key="k", fingerprint="f", act=first_commits_meanwhile)

    assert (answer.body, answer.replayed) == ({"name": "first"}, True)
