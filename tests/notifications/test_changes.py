"""Programs that cannot be called ask what happened, and miss nothing that was committed late."""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import patch

import pytest
import time_machine
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from bookings.models import Booking
from notifications.models import Event
from notifications.querysets import EventQuerySet
from notifications.services import announce, forget_old_events
from tests.notifications.stand_in import under_way

# An event is shown when its transaction is over: inside a test's own one there would never be any.
pytestmark = pytest.mark.django_db(transaction=True)
CHANGES = "/api/v1/changes/"


def announced(booking: Booking, kind: str, *readers):
    announce(kind, about=booking, to=[each.pk for each in readers], href=f"/api/v1/bookings/{booking.pk}/")


def types(answer):
    assert answer.status_code == 200, answer.json()
    return [each["type"] for each in answer.json()["results"]]


def test_an_event_says_what_happened_and_where_to_look(call, booking, researcher):
    announced(booking, "booking.confirmed", researcher, researcher)

    (event,) = call(researcher, "read").get(CHANGES).json()["results"]

    assert event["id"] == str(Event.objects.get().pk)
    assert event["timestamp"].endswith("+08:00")
    href = f"{settings.SITE_URL}/api/v1/bookings/{booking.pk}/"
    assert (event["type"], event["data"]) == ("booking.confirmed", {"id": str(booking.pk), "href": href})


def test_announcing_is_one_statement_of_the_callers_transaction(statements, booking, researcher):
    with transaction.atomic(), statements() as seen:
        announced(booking, "booking.confirmed", researcher)
        transaction.set_rollback(True)

    assert len(seen) == 1
    assert not Event.objects.exists()


def test_a_kind_that_nobody_knows_is_a_fault_of_ours(booking, researcher):
    with pytest.raises(ValueError, match=r"booking\.exploded"):
        announced(booking, "booking.exploded", researcher)


def test_everybody_sees_their_own_events(call, booking, researcher, manager, stranger):
    announced(booking, "booking.requested", manager)
    announced(booking, "booking.confirmed", researcher, manager)

    assert types(call(manager).get(CHANGES)) == ["booking.requested", "booking.confirmed"]
    assert types(call(researcher).get(CHANGES)) == ["booking.confirmed"]
    assert types(call(stranger).get(CHANGES)) == []
    assert call().get(CHANGES).status_code == 401


def test_asking_again_after_the_last_answer_goes_on_from_there(call, booking, researcher):
    program, kinds = call(researcher), ["booking.requested", "booking.confirmed", "booking.started"]
    assert program.get(CHANGES).json() == {"next": "", "results": []}
    with transaction.atomic():
        announced(booking, kinds[0], researcher)
        announced(booking, kinds[1], researcher)

    first = program.get(CHANGES, {"limit": 1, "after": ""})
    second = program.get(CHANGES, {"limit": 1, "after": first.json()["next"]})
    nothing = program.get(CHANGES, {"after": second.json()["next"]})
    announced(booking, kinds[2], researcher)
    third = program.get(CHANGES, {"after": nothing.json()["next"]})

    assert [types(each) for each in (first, second, nothing, third)] == [[kinds[0]], [kinds[1]], [], [kinds[2]]]


@pytest.mark.parametrize("after", ["x", "é", "AAAA", "a" * 31, "a" * 33])
def test_an_after_of_ones_own_making_is_400(call, researcher, after):
    answer = call(researcher).get(CHANGES, {"after": after})

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/after")


def test_other_questions_are_answered_plainly(call, researcher):
    program = call(researcher)

    assert program.get(CHANGES, {"limit": 101}).status_code == 400
    assert program.get(CHANGES, {"since": "yesterday"}).json()["errors"][0]["code"] == "unknown_field"
    assert types(program.get(CHANGES, {"after": "_" * 32})) == []  # beyond the last transaction that can be


def test_events_are_kept_30_days(booking, researcher):
    announced(booking, "booking.requested", researcher)
    with time_machine.travel(timezone.now() + timedelta(days=29)):
        announced(booking, "booking.confirmed", researcher)
        assert forget_old_events() == 0
    with time_machine.travel(timezone.now() + timedelta(days=30, seconds=1)):
        assert forget_old_events() == 1

    assert Event.objects.get().kind == "booking.confirmed"


def seen_by_a_program_that_asks_twice(program, booking, reader):
    """Two events, of which the first is committed last; asked for in between, and again."""
    with under_way(lambda: announced(booking, "booking.requested", reader)):
        announced(booking, "booking.confirmed", reader)
        first = program.get(CHANGES)
    second = program.get(CHANGES, {"after": first.json()["next"]})
    return types(first) + types(second)


def test_an_event_that_is_committed_late_is_not_skipped(call, booking, researcher):
    seen = seen_by_a_program_that_asks_twice(call(researcher), booking, researcher)

    assert seen == ["booking.requested", "booking.confirmed"]


def test_in_the_order_of_ids_alone_it_would_be(call, booking, researcher):
    """The negative control: were it still seen, the test above would be blind."""
    in_order = lambda self: self.order_by("id")  # noqa: E731
    later = lambda self, _xid, event_id: self.filter(id__gt=event_id)  # noqa: E731
    with patch.object(EventQuerySet, "settled", in_order), patch.object(EventQuerySet, "after", later):
        seen = seen_by_a_program_that_asks_twice(call(researcher), booking, researcher)

    assert seen == ["booking.confirmed"]
