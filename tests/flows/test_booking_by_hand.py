"""The week and the form in a real browser: by mouse, by keyboard, from far away."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Locator, Page, expect

from bookings.models import Booking
from bookings.states import State
from tests.conftest import DALIAN, HOUR
from tests.factories import booked, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def opened(browser: Browser, portal: str) -> Callable[..., tuple[Page, list[str]]]:
    """A page of somebody who is signed in, and what its console complains of."""

    def page_of(user: Any, **context: Any) -> tuple[Page, list[str]]:
        client = Client()
        signed_in(client, user)
        own = browser.new_context(base_url=portal, locale="zh-CN", **context)
        own.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": portal}])
        page, complaints = own.new_page(), []
        page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page, complaints

    return page_of


LABEL = 18  # pixels: the clock's words stand across their line


def middle(page: Page, words: str, clock: str) -> tuple[float, float]:
    """Where in the calendar, in the column of the day whose head says `words`, a line of the clock is."""
    column = page.locator(".ec-col-head", has_text=words).bounding_box()
    line = page.locator(".ec-slot", has_text=clock).bounding_box()
    assert column
    assert line
    return column["x"] + column["width"] / 2, line["y"] + LABEL / 2


def test_from_new_york_one_drags_in_dalians_hours_and_books_what_was_dragged(opened, researcher, labmate, xrd, nine):
    booked(xrd, at=nine, by=labmate)
    page, complaints = opened(researcher, timezone_id="America/New_York", viewport={"width": 1440, "height": 900})
    page.goto(f"/instruments/{xrd.slug}/?week={nine:%Y-%m-%d}")
    day = f"{nine.month}月{nine.day}日"

    taken = page.locator(".ec-event.kind-taken")
    expect(taken).to_contain_text("09:00–10:00")
    box = taken.bounding_box()
    assert box
    assert abs(box["y"] - middle(page, day, "09:00")[1]) < 4  # it stands at nine on Dalian's clock
    expect(page.locator(".legend")).to_contain_text("大连时间（UTC+8）")

    x, y = middle(page, day, "13:00")
    page.mouse.move(x, y + 4)
    page.mouse.down()
    page.mouse.move(x, y + 20, steps=4)
    page.mouse.move(x, middle(page, day, "15:00")[1] - 6, steps=8)
    page.mouse.up()
    page.wait_for_url("**/book/?start=*")
    expect(page.locator("#chosen")).to_contain_text(f"{day} 周{'一二三四五六日'[nine.weekday()]} 13:00–15:00")
    expect(page.locator("#chosen")).to_contain_text("大连时间（UTC+8）")

    page.get_by_label("开始", exact=True).fill("09:30")
    page.keyboard.press("Tab")
    expect(page.locator("#verdict")).to_contain_text("该时段已被占用")
    assert not Booking.objects.filter(user=researcher).exists()
    page.locator("#verdict [data-slot]").first.click()
    expect(page.locator("#verdict")).to_contain_text("该时段空闲")
    page.get_by_role("group", name="时长").get_by_role("button", name="1 小时").click()
    expect(page.locator("#chosen")).to_contain_text("1 小时")
    page.get_by_role("button", name="预约", exact=True).click()
    page.wait_for_url("**/bookings/*/")

    own = Booking.objects.get(user=researcher)
    assert (own.state, own.starts_at.astimezone(DALIAN).date()) == (State.CONFIRMED, nine.date())
    assert own.ends_at - own.starts_at == HOUR

    page.goto(f"/instruments/{xrd.slug}/?week={nine:%Y-%m-%d}")
    mine = page.locator(".ec-event.kind-mine").bounding_box()
    assert mine
    page.mouse.move(mine["x"] + 20, mine["y"] + 8)
    page.mouse.down()
    page.mouse.move(mine["x"] + 20, mine["y"] + 40, steps=4)
    page.mouse.move(*middle(page, day, "17:00"), steps=8)
    page.mouse.up()
    page.wait_for_url("**/move/?start=*")
    expect(page.locator("#verdict")).to_contain_text("该时段空闲")
    own.refresh_from_db()
    assert own.ends_at - own.starts_at == HOUR  # nothing is written before somebody confirms it
    assert complaints == []


def tab_to(page: Page, place: Locator) -> None:
    for _n in range(60):
        page.keyboard.press("Tab")
        if place.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"the keyboard does not come to {place}")


def test_by_keyboard_alone_from_home_to_a_confirmed_booking(opened, researcher, xrd):
    page, complaints = opened(researcher, viewport={"width": 1440, "height": 900})
    page.goto("/")

    tab_to(page, page.get_by_role("searchbox").first)
    page.keyboard.type("扫描电镜")
    page.keyboard.press("Enter")
    page.wait_for_url("**/find/?*")
    tab_to(page, page.get_by_role("main").get_by_role("link", name=xrd.name_zh).first)
    page.keyboard.press("Enter")
    page.wait_for_url("**/book/?start=*")
    tab_to(page, page.get_by_role("button", name="预约", exact=True))
    page.keyboard.press("Enter")
    page.wait_for_url("**/bookings/*/")

    expect(page.get_by_role("heading", level=1)).to_contain_text("已通过")
    assert Booking.objects.get().state == State.CONFIRMED
    assert complaints == []


def test_the_keyboard_comes_to_each_free_time_and_each_booking_of_a_week(opened, researcher, xrd, nine):
    own = booked(xrd, at=nine, by=researcher)
    page, complaints = opened(researcher, viewport={"width": 1440, "height": 900})
    page.goto(f"/instruments/{xrd.slug}/?week={nine:%Y-%m-%d}")

    tab_to(page, page.locator(".ec-event.kind-mine"))
    expect(page.locator(".ec-event.kind-mine")).to_have_accessible_name(
        re.compile(f"{nine.day}日.*我的预约.*09:00–10:00")
    )
    tab_to(page, page.locator(f".ec .kind-free a[href*='start={nine + HOUR:%Y-%m-%dT%H:%M}']"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/book/?start=*")
    expect(page.locator("#chosen")).to_contain_text("10:00–11:00")
    page.go_back()
    page.get_by_role("link", name="下一周").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#week-said")).not_to_be_empty()
    expect(page.get_by_role("link", name="下一周")).to_be_focused()
    assert page.locator(".ec-event.kind-mine").count() == 0
    assert own.state == State.CONFIRMED
    assert complaints == []
