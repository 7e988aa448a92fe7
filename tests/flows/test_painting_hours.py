"""Opening hours painted by mouse and by keys, and written without JavaScript: the same hours are saved."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from bookings.availability import WeeklyHours
from bookings.models import OpeningHours
from bookings.services import hours_at
from tests.flows.test_the_whole_path import sign_in

PAGE = "/lab/centre/hours/sem/"
WANTED = [WeeklyHours(0, 540, 720), WeeklyHours(1, 540, 720), WeeklyHours(2, 815, 960), WeeklyHours(4, 480, 540)]


def save(page: Page) -> None:
    page.get_by_role("button", name="保存开放时间").click()
    expect(page.locator(".messages")).to_contain_text("已保存")


def cell(page: Page, day: int, minute: int):
    return page.locator(f".paint-cell[data-day='{day}'][data-slot='{minute // 30}']")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_hours_are_painted_by_mouse_and_by_keys_or_written(browser: Browser, portal, manager, sem):
    OpeningHours.objects.all().delete()
    complaints: list[str] = []
    page = browser.new_context(locale="zh-CN").new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    sign_in(page, portal, manager)
    page.goto(portal + PAGE)

    # By mouse: Monday and Tuesday from 8:30 to 12:00, of which the first half hour is taken away again.
    cell(page, 0, 510).hover()
    page.mouse.down()
    cell(page, 1, 690).hover()
    page.mouse.up()
    cell(page, 0, 510).hover()
    page.mouse.down()
    cell(page, 1, 510).hover()
    page.mouse.up()
    # Odd minutes that were written stay where something is painted beside them.
    page.get_by_role("textbox", name="周三").fill("13:35-15:00")
    cell(page, 2, 900).click()
    cell(page, 2, 930).click()
    # By keys: Friday from 8:00 to 9:30, then the last half hour closed.
    cell(page, 4, 480).focus()
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Space")
    expect(page.locator(".hours-sum")).to_have_text("每周 9.42 小时")
    save(page)
    painted = hours_at(sem, "")

    OpeningHours.objects.all().delete()
    plain = browser.new_context(java_script_enabled=False, locale="zh-CN").new_page()
    sign_in(plain, portal, manager)
    plain.goto(portal + PAGE)
    for day, written in {"一": "9:00-12:00", "二": "9:00-12:00", "三": "13:35-16:00", "五": "8:00-9:00"}.items():
        plain.get_by_role("textbox", name=f"周{day}").fill(written)
    save(plain)

    assert painted == WANTED
    assert hours_at(sem, "") == WANTED
    assert not complaints
