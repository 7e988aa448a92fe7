"""A firm and a laboratory in two browsers: from one sentence to confirmed results, with a real worker's mails."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from accounts.states import Role
from orders.models import Order
from orders.states import OrderState
from tests import factories
from tests.common.hostile import picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def page_of(browser: Browser, portal: str, user: Any, complaints: list[str]) -> Page:
    """A browser of its own in which somebody is signed in."""
    client = Client()
    factories.signed_in(client, user)
    own = browser.new_context(base_url=portal, locale="zh-CN", viewport={"width": 1280, "height": 900})
    own.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": portal}])
    page = own.new_page()
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return page


def test_a_firm_and_a_laboratory_go_from_one_sentence_to_confirmed_results(
    browser: Browser, portal: str, centre: Any, manager: Any, tmp_path: Path
) -> None:
    buyer = factories.member("buyer", factories.firm(), Role.ADMIN)
    photo, report = tmp_path / "crack.png", tmp_path / "report.csv"
    photo.write_bytes(picture("PNG"))
    report.write_text("项目,结果\n硬度,62\n", encoding="utf-8")
    complaints: list[str] = []
    firm, lab = (page_of(browser, portal, who, complaints) for who in (buyer, manager))
    day = timezone.localdate() + timedelta(days=20)

    _ask(firm, photo)
    _offer(lab, day)

    firm.reload()
    expect(firm.get_by_role("table")).to_contain_text("¥800.00")
    firm.locator("summary", has_text="接受").click()
    firm.get_by_role("button", name="确认接受").click()
    expect(firm.get_by_role("heading", level=1)).to_contain_text("已委托")
    order = Order.objects.get()
    _work(lab, report)
    firm.reload()
    assert firm.get_by_role("link", name="report.csv").count() == 0
    lab.get_by_role("button", name="发布结果").click()
    expect(lab.get_by_role("heading", level=1)).to_contain_text("结果已发布")

    firm.reload()
    with firm.expect_download() as download:
        firm.get_by_role("link", name="report.csv").click()
    assert Path(download.value.path()).read_bytes() == report.read_bytes()
    firm.get_by_role("button", name="确认结果").click()
    expect(firm.get_by_role("heading", level=1)).to_contain_text("结果已确认")
    order.refresh_from_db()
    assert (order.state, f"{order.charge.to_pay:.2f}") == (OrderState.CONFIRMED, "800.00")
    assert complaints == []


def _ask(firm: Page, photo: Path) -> None:
    firm.goto("/")
    firm.get_by_role("searchbox", name="用自己的话说说问题").fill("轴承断了，为什么？")
    firm.get_by_role("button", name="获取报价").click()
    expect(firm.get_by_label("您想弄清什么问题？")).to_have_value("轴承断了，为什么？")
    firm.get_by_label("照片（选填）").set_input_files(photo)
    firm.get_by_role("button", name="继续", exact=True).click()
    firm.get_by_label("3. 样品是什么").fill("断裂轴承")
    firm.get_by_label("按机组或单位名称查找其他机组").fill("分析测试")
    firm.get_by_role("button", name="保存草稿").click()
    firm.get_by_label("按机组或单位名称查找其他机组").fill("分析测试")
    firm.get_by_role("button", name="搜索", exact=True).click()
    firm.get_by_role("checkbox", name="分析测试中心").check()
    firm.get_by_role("button", name="发送", exact=True).click()
    expect(firm.get_by_role("heading", level=1)).to_contain_text("等待报价")


def _offer(lab: Page, day: date) -> None:
    lab.goto("/lab-orders/")
    lab.get_by_role("link", name="轴承断了").click()
    lab.get_by_role("link", name="报价", exact=True).click()
    lab.locator("[name=line-0-name_zh]").fill("断口分析")
    lab.locator("[name=line-0-unit_price]").fill("800")
    lab.get_by_label("出结果日期").fill(f"{day:%Y-%m-%d}")
    lab.get_by_role("button", name="发送报价").click()
    expect(lab.get_by_text("已报价，有效期 30 天")).to_be_visible()


def _work(lab: Page, report: Path) -> None:
    lab.goto("/lab-orders/")
    lab.get_by_role("link", name="轴承断了").first.click()
    lab.get_by_role("button", name="承接", exact=True).click()
    lab.get_by_label("收样时状态").fill("有锈迹")
    lab.get_by_role("button", name="登记收样").click()
    lab.get_by_role("button", name="开始检测").click()
    lab.get_by_label("结果文件").set_input_files(report)
    lab.get_by_role("button", name="添加文件").click()
    lab.get_by_role("button", name="结果已完成").click()
    expect(lab.get_by_role("button", name="发布结果")).to_be_visible()
