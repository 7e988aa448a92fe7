"""What a browser shows of a sign-in that is over: in a plan that renews itself, and after signing out."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, expect

from accounts.adapters.staying import USED
from tests.flows.test_the_inbox import page_of

SessionStore = import_module(settings.SESSION_ENGINE).SessionStore


def leave_alone(hours: int) -> None:
    """As if nobody had done anything for so long."""
    for row in Session.objects.all():
        session = SessionStore(row.session_key)
        session[USED] -= hours * 3600
        session.save()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [1440, 390])
def test_a_plan_left_open_over_night_gives_way_to_the_door_and_comes_back(
    browser: Browser, portal, manager, sem, width
):
    page = page_of(browser, portal, manager, width)
    page.clock.install()
    page.goto(f"{portal}/lab/centre/today/")
    page.evaluate("sessionStorage.setItem('inbox', 'a reply that was begun')")
    leave_alone(1)
    with page.expect_response(lambda answer: answer.request.headers.get("x-by-itself") == "1") as renewed:
        page.clock.fast_forward(61_000)
    assert renewed.value.status == 200

    leave_alone(11)  # the renewing was no use of it
    page.clock.fast_forward(61_000)

    expect(page.get_by_role("status")).to_contain_text("12 小时")
    assert page.url == f"{portal}/accounts/login/?next=%2Flab%2Fcentre%2Ftoday%2F"
    assert page.evaluate("sessionStorage.length") == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_back_button_shows_nothing_of_somebody_who_signed_out(browser: Browser, portal, researcher):
    page = page_of(browser, portal, researcher, 1440)
    page.goto(f"{portal}/account/")
    expect(page.locator("main")).to_contain_text(researcher.email)

    page.goto(f"{portal}/accounts/logout/")
    page.locator("main form button").click()
    page.wait_for_url(f"{portal}/")
    page.go_back()
    page.go_back()

    expect(page.locator("body")).not_to_contain_text(researcher.email)
    assert "/accounts/login/" in page.url
