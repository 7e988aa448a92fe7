"""A finance month, in a real browser, with a real worker: drafts, one left out, issued, mailed, paid."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone
from playwright.sync_api import Browser, expect

from billing.models import Invoice
from common.ids import new_id
from common.watching import Watch
from config.celery import app
from tests.billing.books import officer_of, payer_of, used
from tests.flows.test_the_whole_path import sign_in

GIVEN = "from-the-proxy-0006"


@pytest.mark.browser
@pytest.mark.worker
@pytest.mark.django_db(transaction=True)
def test_finance_makes_looks_through_and_issues_a_month_and_the_payer_pays_it(
    browser: Browser, portal, worker, folder, delivered, university
):
    finance, payer = officer_of(university), payer_of(university)
    keeper = officer_of(payer.organisation, "keeper")
    other = payer_of(university, "另一公司")
    for wallet, amount in ((payer, "1200.00"), (payer, "34.50"), (other, "5.00")):
        used(wallet, university, amount)

    page = browser.new_context(locale="zh-CN").new_page()
    sign_in(page, portal, finance)  # and lands on the finance page
    page.get_by_role("navigation", name="财务").get_by_role("link", name="月度结算").click()
    page.get_by_label("月份").fill(f"{timezone.localdate():%Y-%m}")
    page.get_by_role("button", name="生成草稿").click()
    expect(page.get_by_role("button", name="全部开具")).to_be_visible(timeout=15_000)
    page.get_by_role("button", name="推迟：另一公司").click()
    expect(page.get_by_role("row", name="另一公司")).to_contain_text("未列入")
    page.get_by_role("button", name="全部开具").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("已开具", timeout=15_000)

    invoice = Invoice.objects.get(number=1)
    mail = delivered(keeper.email, invoice.label).get_content()
    assert invoice.reference in mail
    assert "¥1,234.50" in mail

    theirs = browser.new_context(locale="zh-CN").new_page()
    sign_in(theirs, portal, keeper)
    assert f"/invoices/{invoice.pk}/" in mail
    theirs.goto(f"{portal}/invoices/{invoice.pk}/")
    expect(theirs.get_by_role("heading", level=1)).to_contain_text(invoice.label)
    paper = theirs.request.get(f"{portal}/invoices/{invoice.pk}/pdf/")
    assert paper.body().startswith(b"%PDF")

    page.goto(f"{portal}/finance/{university.pk}/payments/")
    page.get_by_label("金额（元）").fill("1234.50")
    page.get_by_label("汇款附言").fill(f"测试费 {invoice.reference}")
    page.get_by_role("button", name="录入", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text(f"已登记到结算单 {invoice.label}")
    theirs.reload()
    expect(theirs.get_by_role("heading", level=1)).to_contain_text("已付清")

    left = folder / "files" / "arriving" / str(new_id())  # something for a task to write a line about
    left.parent.mkdir(parents=True, exist_ok=True)
    left.touch()
    os.utime(left, (0, 0))
    asked = RequestFactory().get("/", headers={"X-Request-ID": GIVEN})
    Watch(lambda _request: HttpResponse(app.send_task("records.sweep_files").id))(asked)
    line = line_of(worker, "files_without_rows_swept")
    assert (line["request_id"], line["task"], left.exists()) == (GIVEN, "records.sweep_files", False)


def line_of(log: Path, event: str) -> dict[str, Any]:
    """The line in which a worker tells of this, once it is written."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        for line in log.read_text().splitlines():
            if f'"event": "{event}"' in line:
                return json.loads(line)
        time.sleep(0.1)
    raise AssertionError(f"no {event} in {log.read_text()}")
