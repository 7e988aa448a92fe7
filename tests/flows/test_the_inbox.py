"""What only a browser shows of the inbox: rows change places with the address, the focus and the way back."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from bookings.models import Booking
from bookings.states import State
from tests.conftest import HOUR
from tests.factories import booked, signed_in


def page_of(browser: Browser, portal: str, user, width: int) -> Page:
    """A page of somebody who is signed in."""
    client = Client()
    signed_in(client, user)
    context = browser.new_context(locale="zh-CN", viewport={"width": width, "height": 844})
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value}
    context.add_cookies([{**cookie, "url": portal}])
    return context.new_page()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [1440, 390])
def test_a_lab_admin_declines_undoes_and_goes_back_without_leaving_the_inbox(
    browser: Browser, portal, researcher, labmate, manager, sem, nine, width
):
    first = booked(sem, at=nine, by=labmate, state=State.REQUESTED)
    second = booked(sem, at=nine + 3 * HOUR, by=researcher, state=State.REQUESTED)
    page, complaints = page_of(browser, portal, manager, width), list[str]()
    page.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    loaded: list[str] = []
    page.on("request", lambda asked: loaded.append(asked.url) if asked.is_navigation_request() else None)
    page.goto(f"{portal}/inbox/")

    page.get_by_role("link", name="researcher").click()
    expect(page.locator("#chosen")).to_be_focused()
    assert page.url.endswith(f"?open={second.pk}")
    expect(page.locator("#waiting")).to_be_visible(visible=width == 1440)

    page.get_by_role("link", name="不通过").click()
    reason = page.get_by_role("textbox", name="理由")
    expect(reason).to_be_focused()
    page.get_by_role("button", name="不通过").click()
    expect(page.get_by_role("alert")).to_contain_text("请填写理由")
    page.get_by_role("button", name="该样品不适合在本仪器上测试。").click()
    expect(reason).to_have_value("该样品不适合在本仪器上测试。")
    page.get_by_role("button", name="不通过").click()

    expect(page.get_by_role("region", name="刚刚处理")).to_contain_text("researcher")
    assert page.url.endswith(f"?open={first.pk}")
    assert Booking.objects.get(pk=second.pk).state == State.DECLINED
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_role("region", name="刚刚处理")).to_have_count(0)
    assert Booking.objects.get(pk=second.pk).state == State.REQUESTED

    page.go_back()
    expect(page.locator("#chosen")).to_contain_text("09:00–10:00")
    assert page.url.endswith(f"?open={first.pk}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert (len(loaded), complaints) == (1, [])
