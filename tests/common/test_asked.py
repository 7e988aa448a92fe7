"""Questions that are put together once a day: the same rows as Django's own, and never yesterday's or another's."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from common.asked import Asked
from tests.factories import person

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 25)


def test_it_is_put_together_once_and_answers_each_with_their_own():
    one, two = person("one"), person("two")
    built = []
    asked = Asked(lambda user: built.append(user) or User.objects.filter(pk=user))

    found = [asked.of(day=TODAY, user=each.pk) for each in (one, two, one)]

    assert found == [[one], [two], [one]]
    assert len(built) == 2  # twice to be sure, and never again
    asked.of(day=TODAY + timedelta(days=1), user=one.pk)
    assert len(built) == 4


def test_what_is_worked_out_from_a_value_or_from_the_clock_is_refused_and_not_frozen():
    moment = timezone.now()
    earlier = Asked(lambda moment: User.objects.filter(date_joined__lt=moment, last_login__lt=moment - timedelta(1)))
    now = Asked(lambda moment: User.objects.filter(date_joined__lt=moment, last_login__lt=timezone.now()))
    unused = Asked(lambda moment: User.objects.filter(is_active=True))  # noqa: ARG005

    for question in (earlier, now, unused):
        with pytest.raises(ValueError, match=r"worked out|not used"):
            question.of(day=TODAY, moment=moment)


def test_what_the_database_says_of_a_stand_in_is_not_frozen():
    asked = Asked(lambda user: User.objects.filter(pk=user, is_active=User.objects.filter(pk=user).exists()))

    with pytest.raises(ValueError, match="asks the database"):
        asked.of(day=TODAY, user=person("one").pk)


def test_the_rows_are_whole_and_each_thread_asks_by_its_own_connection():
    user = person("one")
    asked = Asked(lambda name: User.objects.filter(name=name).select_related("service_of"))

    assert asked.of(day=TODAY, name="one")[0].email == user.email
    assert asked.of(day=TODAY, name="nobody") == []


def test_it_is_asked_among_those_whom_somebody_else_chose_also_when_that_is_nobody():
    people = [person(name) for name in ("one", "two", "three")]
    built = []

    def younger(among, since, name):
        built.append(since)
        return User.objects.filter(date_joined__gt=since, pk__in=among, is_active=True).exclude(name=name)

    asked = Asked(younger)

    def among(chosen):
        since = timezone.now() - timedelta(1)
        return {each.name for each in asked.of(chosen.values("pk"), day=TODAY, since=since, name="two")}

    assert among(User.objects.filter(name__in=["one", "two"])) == {"one"}
    assert among(User.objects.filter(email__startswith="t")) == {"three"}
    assert among(User.objects.order_by("-name").filter(pk__in=[each.pk for each in people])[:2]) == {"three"}
    assert among(User.objects.none()) == set()
    assert len(built) == 2


def test_those_among_whom_is_asked_must_stand_in_it():
    asked = Asked(lambda among, name: User.objects.filter(name=name))  # noqa: ARG005

    with pytest.raises(ValueError, match="must stand in it"):
        asked.of(User.objects.values("pk"), day=TODAY, name="one")
