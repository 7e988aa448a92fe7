"""Where the portal is reached by https: what happens to who comes without."""

from __future__ import annotations

import pytest

from config.settings import SECURE_REDIRECT_EXEMPT

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("language", "words"), [("en", "Revoke the token"), ("zh-CN", "撤销")])
def test_the_api_over_http_is_refused_and_pages_are_led_on(browse, call, researcher, settings, language, words):
    settings.SECURE_SSL_REDIRECT, settings.SECURE_REDIRECT_EXEMPT = True, SECURE_REDIRECT_EXEMPT
    program, page = call(researcher), browse()

    refused = program.get("/api/v1/me/", headers={"Accept-Language": language})
    led = page.get("/instruments/")

    assert (refused.status_code, refused["Content-Type"]) == (403, "application/problem+json")
    assert refused.json()["code"] == "https_only"
    assert words in refused.json()["detail"]
    assert (led.status_code, led["Location"]) == (301, "https://testserver/instruments/")
    assert program.get("/api/v1/me/", secure=True).status_code == 200
    assert page.get("/health/live").status_code == 200


def test_a_portal_without_https_answers_as_it_did(call, researcher):
    assert call(researcher).get("/api/v1/me/").status_code == 200
