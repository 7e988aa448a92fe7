"""A request sent again with its key has one effect."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from common.errors import OtherBody
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
