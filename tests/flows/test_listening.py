"""What the flows are heard through: without this their silence would say nothing."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

BREAK_ALL = """() => {
    const styled = document.createElement("style");
    styled.textContent = "p { color: red }";
    document.head.append(styled);
    console.error("said by a script");
    setTimeout(() => { throw new Error("thrown by a script") }, 0);
}"""


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_style_against_the_policy_an_error_said_and_one_thrown_are_heard(browser: Browser, portal, heard_of_all):
    page = browser.new_context().new_page()
    page.goto(f"{portal}/help/")
    assert heard_of_all == []

    page.evaluate(BREAK_ALL)
    page.wait_for_timeout(200)

    heard = " ".join(heard_of_all)
    assert all(each in heard for each in ("Content Security Policy", "said by a script", "thrown by a script"))
    heard_of_all.clear()
