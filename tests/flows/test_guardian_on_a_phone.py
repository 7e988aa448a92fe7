"""A guardian with a phone: from the home page to the code that the mentor scans, with the mail that a worker sends."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from accounts.states import Role
from outreach.models import Enrolment
from outreach.states import EnrolmentState
from tests import factories
from tests.outreach import situations

pytestmark = [pytest.mark.browser, pytest.mark.worker, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def phone(browser: Browser, portal: str) -> Callable[..., tuple[Page, list[str]]]:
    """A page 390 px wide of somebody who is signed in, and what its console complains of."""

    def page_of(user) -> tuple[Page, list[str]]:
        client = Client()
        factories.signed_in(client, user)
        own = browser.new_context(base_url=portal, locale="zh-CN", viewport={"width": 390, "height": 844})
        own.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": portal}])
        page, complaints = own.new_page(), []
        page.set_default_timeout(10_000)
        page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page, complaints

    return page_of


def test_a_guardian_finds_enrols_consents_pays_and_shows_the_code(phone, worker, delivered, centre, nine):
    guardian = factories.person("guardian")
    coordinator = factories.member("coordinator", centre.organisation, Role.COORDINATOR)
    situations.youth_instrument(centre)
    course = situations.programme(centre, by=coordinator)
    situations.published(course, by=coordinator, at=nine)
    page, complaints = phone(guardian)

    page.goto("/")
    page.get_by_role("link", name="查看课程与营地").click()
    page.get_by_label("孩子年龄").select_option("10")
    page.get_by_role("button", name="查看", exact=True).click()
    page.get_by_role("link", name=course.name_zh).click()
    page.get_by_role("link", name="为孩子报名").click()

    page.get_by_label("孩子姓名").fill("王小明")
    page.get_by_label("出生日期").fill(f"{timezone.localdate().year - 10}-01-02")
    page.get_by_label("年级").select_option("4")
    page.get_by_label("您是孩子的").select_option("mother")
    page.get_by_label("紧急联系人一").fill("外婆")
    page.get_by_label("紧急联系人二").fill("舅舅")
    for number, field in enumerate(page.get_by_label("联系电话").all(), start=1):
        field.fill(f"139-0000-000{number}")
    page.get_by_role("button", name="保存").click()

    page.get_by_role("radio", name="王小明").check()
    page.get_by_role("button", name="报名，下一步阅读同意书").click()
    expect(page.get_by_role("main")).to_contain_text("不满十四周岁")
    page.get_by_label("我是该孩子的监护人").check()
    page.get_by_role("button", name="同意", exact=True).click()
    expect(page.get_by_role("heading", name="模拟支付")).to_be_visible()
    page.get_by_role("button", name="支付 ¥200.00（模拟）").click()

    expect(page.get_by_alt_text("孩子的签到码")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert Enrolment.objects.get().state == EnrolmentState.PAID
    mail = delivered(guardian.email, "已报名成功")
    assert "王小明" not in mail.get_content()
    assert "W.X.M." in mail["Subject"]
    assert complaints == []
