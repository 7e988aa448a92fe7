"""Passkeys, with a key that Chromium makes believe is plugged in."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from accounts.states import Role
from tests.factories import PASSWORD, member

KEY = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


def with_a_key(page: Page) -> Page:
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    return page


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("language", "before"), [("zh-hans", ""), ("en", "/en")])
def test_a_finance_officer_sets_up_a_passkey_and_signs_in_with_nothing_else(
    browser: Browser, portal, university, language, before
):
    here = portal.replace("127.0.0.1", "localhost")  # an address of digits can have no passkeys
    somebody = member("somebody", university, Role.FINANCE)
    User.objects.filter(pk=somebody.pk).update(language=language)
    page = with_a_key(browser.new_context(base_url=here).new_page())
    complaints = list[str]()
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto(f"{before}/accounts/login/")
    page.locator("input[name=login]").fill(somebody.email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form button[type=submit]").first.click()
    page.wait_for_url("**/accounts/2fa/?next=**")

    page.goto(f"{before}/accounts/2fa/webauthn/add/")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").click()
    page.locator("input[name=passwordless]").check()
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url("**/accounts/2fa/recovery-codes/")
    assert page.goto(f"{before}/account/").status == 200

    page.context.clear_cookies()
    page.goto(f"{before}/accounts/login/?next={before}/account/")
    page.locator("#passkey_login").click()
    page.wait_for_url(f"{here}{before}/account/")

    expect(page.locator("h1")).to_be_visible()
    assert Authenticator.objects.get(type="webauthn").last_used_at
    assert not complaints
