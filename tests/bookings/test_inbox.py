"""The inbox: what waits and all that is needed to decide it, each answer in place."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import ResearchGroup
from bookings.models import Booking
from bookings.services import set_quotas
from bookings.states import State
from tests.conftest import HOUR
from tests.factories import booked, instrument, lab_admin, laboratory, member

pytestmark = pytest.mark.django_db
PART = {"HX-Request": "true", "HX-Request-Type": "partial"}


def wish(sem, researcher, at, **fields):
    return booked(sem, at=at, by=researcher, state=State.REQUESTED, **fields)


@pytest.fixture
def two(sem, researcher, labmate, nine):
    """Two requests; the one that was asked for later begins first."""
    later = wish(sem, researcher, nine + 5 * HOUR, created_at=timezone.now() - 5 * HOUR)
    sooner = wish(sem, labmate, nine, created_at=timezone.now() - 2 * HOUR)
    return sooner, later


def test_the_soonest_start_is_first_and_open_and_says_how_long_it_waits(browse, manager, two):
    sooner, later = two

    page = browse(manager).get("/inbox/").content.decode()

    assert page.index(f"open={sooner.pk}") < page.index(f"open={later.pk}")
    assert "已等 2 小时" in page
    assert "已等 5 小时" in page
    assert f'action="/bookings/{sooner.pk}/confirm/"' in page
    assert f'action="/bookings/{later.pk}/confirm/"' not in page


def test_everything_that_is_needed_to_decide_stands_there(browse, manager, sem, researcher, labmate, nine):
    set_quotas(sem, [{"amount": 4, "measure": "hours", "period": "week", "subject": "person"}], by=manager)
    group = ResearchGroup.objects.create(organisation=sem.facility.organisation, pi=labmate, name_zh="断裂课题组")
    answers = [{"key": "m", "label_zh": "有磁性吗", "label_en": "", "answer_zh": "没有", "answer_en": ""}]
    asked = wish(sem, researcher, nine, answers=answers, group=group, hours=3)
    booked(sem, at=nine + 4 * HOUR, by=researcher, hours=2)
    booked(sem, at=nine - timedelta(days=20), by=researcher, state=State.NO_SHOW)

    page = browse(manager).get("/inbox/", {"open": str(asked.pk)}).content.decode()

    assert "东海大学 · 断裂课题组" in page
    assert "有磁性吗" in page
    assert "已用 2" in page  # of the week's four hours
    assert "爽约 1 次" in page
    assert "13:00–15:00" in page  # who comes after


def test_what_htmx_asks_for_is_the_same_as_on_the_whole_page(browse, manager, two):
    page, address = browse(manager), f"/inbox/?open={two[1].pk}&do=decline"

    whole, part = page.get(address), page.get(address, headers=PART)

    def forms(answer):
        text = answer.content.decode()
        within = text[text.index('id="inbox"') :].split("</main>")[0]
        return [row for row in within.split("<") if row.startswith(("form", "a ", "dd", "h2"))]

    assert "<html" not in part.content.decode()
    assert forms(part) == forms(whole)
    assert "HX-Request-Type" in whole["Vary"]


def test_after_a_decision_the_next_one_opens_and_one_bar_takes_back_what_was_decided(browse, manager, two):
    sooner, later = two
    page = browse(manager)

    answer = page.post(f"/bookings/{sooner.pk}/confirm/", {"inbox": ""})
    there = page.get(answer["Location"], headers=PART).content.decode()
    undone = page.post(f"/bookings/{sooner.pk}/undo/", {"inbox": ""})

    assert answer["Location"] == f"/inbox/?open={later.pk}"
    assert there.count('class="undo-bar"') == 1
    assert f'action="/bookings/{sooner.pk}/undo/"' in there
    assert 'class="say success"' not in there  # the bar says it
    assert undone["Location"] == f"/inbox/?open={sooner.pk}"
    assert Booking.objects.get(pk=sooner.pk).state == State.REQUESTED


def test_a_decline_without_a_reason_says_so_in_place(browse, manager, two):
    answer = browse(manager).post(f"/bookings/{two[0].pk}/decline/", {"inbox": "", "reason": " "}, headers=PART)

    assert answer.status_code == 409
    page = answer.content.decode()
    assert "请填写理由" in page[page.index('id="reply"') :]
    assert Booking.objects.get(pk=two[0].pk).state == State.REQUESTED


def test_a_question_that_is_too_long_is_not_lost(browse, manager, two):
    page = browse(manager).post(f"/bookings/{two[0].pk}/ask/", {"inbox": "", "question": "问" * 1001}).content.decode()

    assert "问" * 1001 in page


def test_what_somebody_else_has_decided_is_said_where_it_was_open_and_what_was_written_stays(
    browse, manager, centre, two
):
    colleague = lab_admin("colleague", centre)
    browse(colleague).post(f"/bookings/{two[0].pk}/decline/", {"reason": "仪器检修"})

    answer = browse(manager).post(f"/bookings/{two[0].pk}/ask/", {"inbox": "", "question": "样品多大？"}, headers=PART)

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "colleague" in page
    assert "样品多大？" in page
    assert f'action="/bookings/{two[0].pk}/confirm/"' not in page


def test_another_time_is_offered_in_place_and_a_taken_one_says_what_is_free(browse, manager, researcher, two, nine):
    sooner, later = two
    page, there = browse(manager), f"/bookings/{two[0].pk}/move/"
    day = {"inbox": "", "day": f"{nine:%Y-%m-%d}"}

    form = page.get("/inbox/", {"open": str(sooner.pk), "do": "move", "start": f"{nine + HOUR:%Y-%m-%dT%H:%M}"})
    taken = page.post(there, {**day, "start": "14:00", "end": "15:00", "note": "可以吗"})
    offered = page.post(there, {**day, "start": "16:00", "end": "17:00"})

    assert 'value="10:00"' in form.content.decode()
    assert taken.status_code == 409
    assert 'name="slot"' in taken.content.decode()
    assert "可以吗" in taken.content.decode()
    assert offered["Location"] == f"/inbox/?open={later.pk}"
    assert sooner.changes.waiting().count() == 1


def test_a_batch_confirms_what_was_ticked_and_says_why_the_rest_still_waits(browse, manager, two, nine):
    begun = wish(two[0].instrument, two[0].user, timezone.now() - HOUR, hours=3)
    page = browse(manager)

    answer = page.post("/inbox/confirm/", {"inbox": "", "booking": [str(two[0].pk), str(begun.pk)]})
    there = page.get(answer["Location"]).content.decode()

    states = [Booking.objects.get(pk=each.pk).state for each in (*two, begun)]
    assert states == [State.CONFIRMED, State.REQUESTED, State.REQUESTED]
    assert "预约时段已经开始" in there
    assert there.count("data-seconds") == 1


def test_one_instrument_is_looked_at_alone_and_stays_so_after_a_decision(browse, manager, sem, xrd, researcher, nine):
    here, elsewhere = wish(sem, researcher, nine), wish(xrd, researcher, nine - HOUR)
    page = browse(manager)

    shown = page.get("/inbox/", {"instrument": "sem"}).content.decode()
    answer = page.post(f"/bookings/{here.pk}/confirm/", {"inbox": "instrument=sem"})

    assert f"open={here.pk}" in shown
    assert f"open={elsewhere.pk}" not in shown
    assert 'value="xrd"' in shown
    assert answer["Location"] == "/inbox/?instrument=sem"


def test_nobody_opens_what_others_decide(browse, university, sem, researcher, nine):
    asked = wish(sem, researcher, nine)
    west = lab_admin("west", laboratory(university, "west"))

    seen = [browse(who).get("/inbox/", {"open": str(asked.pk)}).content.decode() for who in (west, researcher)]

    assert not any("/confirm/" in page for page in seen)


@pytest.mark.parametrize("opened", ["x", "\x00", "", "00000000-0000-0000-0000-000000000000"])
def test_an_address_that_names_nothing_opens_the_first(browse, manager, two, opened):
    page = browse(manager).get("/inbox/", {"open": opened, "do": "nonsense", "facility": "\x00"})

    assert page.status_code == 200
    assert f'action="/bookings/{two[0].pk}/confirm/"' in page.content.decode()


@pytest.mark.parametrize("count", [2, 20])
def test_the_inbox_costs_the_same_statements(browse, manager, centre, university, nine, statements, count):
    for n in range(count):
        wish(instrument(centre, f"i{n}"), member(f"m{n}", university), nine)
    page = browse(manager)

    with statements() as counted:
        assert page.get("/inbox/").status_code == 200

    assert len(counted) <= 27, "\n".join(counted)
