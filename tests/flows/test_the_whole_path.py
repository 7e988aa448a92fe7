"""From the wish to the mail, in a real browser, with a real worker."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from bookings.models import Booking
from bookings.services import set_policy
from instruments.services import enter_instrument
from notifications.models import Mail, Notice
from tests.accounts.test_second_factor import code_now, with_app
from tests.factories import PASSWORD

SAMPLE = {"key": "sample", "kind": "text", "label_zh": "样品是什么？", "label_en": "What is it?", "required": True}


def sign_in(page: Page, portal: str, user) -> None:
    """By password and the code of an authenticator app, which guarded roles owe and everybody may have."""
    if not Authenticator.objects.filter(user=user).exists():
        with_app(user)
    cache.clear()  # else a code that let somebody in a moment ago would do so once only
    page.goto(f"{portal}/accounts/login/")
    page.get_by_label("手机或邮箱").fill(user.email)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="登录", exact=True).click()
    page.get_by_label("验证码").fill(code_now())
    page.get_by_role("main").get_by_role("button", name="登录", exact=True).click()
    expect(page.locator(".who .drop")).to_be_visible()


@pytest.mark.browser
@pytest.mark.worker
@pytest.mark.django_db(transaction=True)
def test_a_researcher_books_a_lab_admin_confirms_and_the_mail_arrives(
    browser: Browser, portal, worker, delivered, researcher, manager, sem, nine
):
    enter_instrument(sem.facility, slug=sem.slug, questions=[SAMPLE])
    set_policy(sem, longest_minutes=120)
    complaints: list[str] = []

    # The researcher's browser has no JavaScript: finding and booking must not need it.
    page = browser.new_context(java_script_enabled=False, locale="zh-CN").new_page()
    page.on(
        "console",
        lambda message: complaints.append(message.text) if "Content Security Policy" in message.text else None,
    )
    sign_in(page, portal, researcher)
    page.goto(portal)
    page.get_by_role("link", name="仪器与检测项目").click()
    page.get_by_role("searchbox").fill("扫描电镜")
    page.get_by_role("button", name="搜索").click()
    page.get_by_role("link", name="场发射扫描电镜", exact=True).click()
    page.goto(f"{page.url}?week={nine:%Y-%m-%d}")
    page.get_by_role("link", name=f"{nine.month}月{nine.day}日").and_(page.locator("[aria-label*='09:00']")).click()

    page.get_by_label("结束", exact=True).fill("12:00")
    page.get_by_role("button", name="提交审核").click()
    expect(page.get_by_role("alert")).to_contain_text("最长预约 2 小时，您申请了 3 小时。")
    expect(page.get_by_role("alert")).to_contain_text("样品是什么？")
    page.get_by_label("结束", exact=True).fill("11:00")
    page.get_by_label("样品是什么？").fill("铝合金断口")
    page.get_by_role("button", name="提交审核").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("待审核")

    asked = delivered(manager.email, "researcher申请使用场发射扫描电镜")
    assert "铝合金断口" in asked.get_content()

    lab = browser.new_context(locale="zh-CN").new_page()
    lab.on(
        "console",
        lambda message: complaints.append(message.text) if "Content Security Policy" in message.text else None,
    )
    sign_in(lab, portal, manager)
    expect(lab.get_by_role("link", name="待办")).to_contain_text("1")
    lab.get_by_role("link", name="待办").click()
    expect(lab.get_by_role("main")).to_contain_text("铝合金断口")
    lab.get_by_role("button", name="通过", exact=True).click()
    expect(lab.get_by_role("main")).to_contain_text("没有待处理的申请")
    lab.get_by_role("button", name="撤销", exact=True).click()
    lab.get_by_role("button", name="通过", exact=True).click()
    expect(lab.get_by_role("main")).to_contain_text("没有待处理的申请")
    assert not Notice.objects.due(timezone.now()).filter(reader=researcher).exists()
    # Nobody waits out the minute in which a decision can be taken back.
    for told_of in (Mail, Notice):
        told_of.objects.filter(event="booking_confirmed").update(due_at=timezone.now())

    told = delivered(researcher.email, "您的预约已通过")
    page.goto(told.get_content().split("让给他人：")[1].split()[0])
    expect(page.get_by_role("heading", level=1)).to_contain_text("已通过")
    expect(page.get_by_role("link", name="消息")).to_contain_text("1")
    assert Booking.objects.get().state == "confirmed"
    assert complaints == []
