"""What the form says before it is sent, by the rules that judge it; and what the week says of each hour."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from bookings.models import Booking, Claim
from bookings.services import move, set_policy
from bookings.states import State
from instruments.models import Instrument
from instruments.services import enter_instrument
from records.models import IdempotencyKey
from tests.conftest import DALIAN
from tests.factories import booked
from tests.pages.test_pages import filled

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
ASKED, FORM = "/instruments/sem/book/objections/", "/instruments/sem/book/"
SAMPLE = {"key": "sample", "kind": "text", "label_zh": "样品是什么？", "label_en": "What is it?", "required": True}


def test_every_objection_is_said_while_the_form_is_filled_in_and_nothing_is_written(
    browse, researcher, labmate, sem, nine
):
    enter_instrument(sem.facility, slug="sem", questions=[SAMPLE])
    set_policy(sem, longest_minutes=120)
    booked(sem, at=nine, by=labmate)
    page, form = browse(researcher), filled(nine, hours=3)

    said = page.post(ASKED, form).content.decode()

    assert "最长预约 2 小时，您申请了 3 小时。" in said
    assert "该时段已被占用" in said
    assert "请回答“样品是什么？”。" in said
    assert f'data-slot="{nine + HOUR:%Y-%m-%dT%H:%M}/' in said  # the nearest free time, to be filled in
    assert "labmate" not in said
    assert (Booking.objects.count(), IdempotencyKey.objects.count()) == (1, 0)


def test_the_form_that_was_judged_is_booked_with_the_same_key(browse, researcher, sem, nine):
    page, form = browse(researcher), filled(nine)

    judged = [page.post(ASKED, form).content.decode() for _ in range(2)]
    page.post(FORM, form)

    assert all("该时段空闲，您可以预约。" in each for each in judged)
    assert Booking.objects.get().starts_at == nine


@pytest.mark.parametrize("wrong", [{"day": ""}, {"start": "25:00"}, {"end": "08:00"}, {"day": "0001-01-01"}])
def test_a_time_that_is_none_is_said_too(browse, researcher, sem, nine, wrong):
    answer = browse(researcher).post(ASKED, filled(nine) | wrong)

    assert (answer.status_code, "还有以下事项：" in answer.content.decode()) == (200, True)


def test_what_will_happen_stands_on_the_button(browse, researcher, sem, xrd, nine):
    set_policy(xrd, needs_approval=False, approval_over_minutes=120)
    page, long = browse(researcher), filled(nine, hours=3)

    said = {
        "sem": page.post(ASKED, filled(nine)).content.decode(),
        "xrd": page.post("/instruments/xrd/book/objections/", filled(nine)).content.decode(),
        "long": page.post("/instruments/xrd/book/objections/", long).content.decode(),
    }

    assert {who: "提交审核" in answer for who, answer in said.items()} == {"sem": True, "xrd": False, "long": True}


def test_a_stranger_hears_why_not_and_a_visitor_signs_in_first(browse, stranger, sem, nine):
    enter_instrument(sem.facility, slug="sem", sharing=["internal"])

    said = browse(stranger).post(ASKED, filled(nine))

    assert "还有以下事项：" in said.content.decode()
    assert "/accounts/login/" in browse().post(ASKED, filled(nine))["Location"]
    assert browse(stranger).get(ASKED).status_code == 405


def test_another_time_is_judged_before_it_is_asked_for(browse, researcher, labmate, sem, nine):
    own = booked(sem, at=nine, by=researcher)
    booked(sem, at=nine + 2 * HOUR, by=labmate)
    page, asked = browse(researcher), f"/bookings/{own.pk}/move/objections/"

    same = page.post(asked, filled(nine)).content.decode()
    taken = page.post(asked, filled(nine + 2 * HOUR)).content.decode()
    free = page.post(asked, filled(nine + 4 * HOUR)).content.decode()

    assert "这就是当前预约的时间" in same
    assert "该时段已被占用" in taken
    assert ("该时段空闲" in free, "申请改期" in free) == (True, True)
    assert browse(labmate).post(asked, filled(nine)).status_code in {403, 404}
    own.refresh_from_db()
    assert (own.starts_at, own.changes.count()) == (nine, 0)


def test_a_drag_leads_to_the_form_of_another_time_which_judges_it_at_once(browse, researcher, sem, nine):
    own, later = booked(sem, at=nine, by=researcher), nine + 2 * HOUR

    times = {"start": f"{later:%Y-%m-%dT%H:%M}", "end": f"{later + HOUR:%Y-%m-%dT%H:%M}"}
    shown = browse(researcher).get(f"/bookings/{own.pk}/move/", times).content.decode()

    assert ('value="11:00"' in shown, 'value="12:00"' in shown, "该时段空闲" in shown) == (True, True, True)


def test_the_nearest_free_times_are_buttons_that_fill_the_form_in(browse, researcher, sem, nine):
    page = browse(researcher)

    shown = page.get("/instruments/sem/")
    first = shown.context["soon"].nearest[0]
    begin = f"{first.start.astimezone(DALIAN):%Y-%m-%dT%H:%M}"

    assert f"/instruments/sem/book/?start={begin}&amp;end=" in shown.content.decode()
    assert f'value="{begin[11:]}"' in page.get(FORM, {"start": begin}).content.decode()
    assert page.get(FORM).context["chosen"] == first  # named or not: the form begins with a free time


def test_a_link_that_names_only_a_start_proposes_no_longer_than_is_free(browse, researcher, labmate, sem, nine):
    set_policy(sem, step_minutes=30, shortest_minutes=30, buffer_after_minutes=15)
    booked(sem, at=nine + 1.25 * HOUR, by=labmate)

    def proposed(start, **more):
        chosen = browse(researcher).get(FORM, {"start": f"{start:%Y-%m-%dT%H:%M}", **more}).context["chosen"]
        return (chosen.start - nine) / HOUR, chosen.length / HOUR

    assert proposed(nine) == (0, 1)
    assert proposed(nine + HOUR / 2) == (0.5, 0.5)  # a quarter of an hour is kept free before the next one
    assert proposed(nine + HOUR / 2, end=f"{nine + 2 * HOUR:%Y-%m-%dT%H:%M}") == (0.5, 1.5)  # what is named stays
    assert proposed(nine + 1.5 * HOUR) == (1.5, 1)  # taken: the page says so


def test_a_week_tells_a_draft_and_a_buffer_from_what_is_taken(browse, researcher, labmate, sem, nine):
    held = booked(sem, at=nine, by=researcher, state=State.DRAFT, expires_at=timezone.now() + HOUR, draft_slot=1)
    Claim.objects.filter(booking=held).update(ends_at=nine + HOUR * 1.25)
    week = {"week": f"{nine:%Y-%m-%d}"}

    def kinds(who):
        days = browse(who).get("/instruments/sem/", week).context["days"]
        return [(block.kind, block.is_movable) for day in days for block in day.blocks]

    assert kinds(researcher) == [("draft", True), ("buffer", False)]
    assert kinds(labmate) == [("pending", False), ("buffer", False)]


def test_a_change_that_waits_is_drawn_as_waiting(browse, researcher, labmate, sem, nine):
    own = booked(sem, at=nine, by=researcher)
    move(own, by=researcher, interval=type(own.interval)(nine + 3 * HOUR, nine + 4 * HOUR))

    days = browse(labmate).get("/instruments/sem/", {"week": f"{nine:%Y-%m-%d}"}).context["days"]

    assert [block.kind for day in days for block in day.blocks] == ["taken", "pending"]


def test_a_link_to_too_long_a_time_says_so_and_offers_shorter_ones(browse, researcher, sem, nine):
    set_policy(sem, longest_minutes=120)
    asked = {"start": f"{nine:%Y-%m-%dT%H:%M}", "end": f"{nine + 3 * HOUR:%Y-%m-%dT%H:%M}"}

    page = browse(researcher).get(f"/instruments/{sem.slug}/book/", asked).content.decode()

    assert "最长预约 2 小时，您申请了 3 小时。" in page
    assert f'value="{nine + 3 * HOUR:%H:%M}"' in page
    assert (
        browse(researcher).get(f"/instruments/{sem.slug}/book/", {**asked, "end": "9999-12-31T00:00"}).status_code
        == 200
    )


def test_a_week_under_maintenance_has_no_free_time(browse, researcher, sem, nine):
    week = {"week": f"{nine:%Y-%m-%d}", "view": "list"}
    before = browse(researcher).get("/instruments/sem/", week).content.decode()
    Instrument.objects.filter(pk=sem.pk).update(status="maintenance")

    after = browse(researcher).get("/instruments/sem/", week).content.decode()

    assert "/instruments/sem/book/?start=" in before
    assert "/instruments/sem/book/?start=" not in after
