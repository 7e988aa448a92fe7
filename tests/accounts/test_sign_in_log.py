"""Who signs in, out or in vain, and who changes what they sign in with, leaves a line that names nobody."""

from __future__ import annotations

import json
import logging

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client

from accounts.services import mark_of
from common.logs import logging_at
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def said(lines):
    """The lines about signing in, without when and where they were written."""
    return lambda: [
        {name: line[name] for name in ("event", "who", "method", "methods", "why") if name in line}
        for line in lines()
        if line["logger"] == "security"
    ]


def test_in_out_and_in_vain(researcher, said, lines):
    client, who = Client(REMOTE_ADDR="192.0.2.77"), mark_of(researcher)
    client.post("/accounts/login/", {"login": researcher.email, "password": "wrong-secret"})
    client.post("/accounts/login/", {"login": researcher.email, "password": PASSWORD})
    client.post("/accounts/logout/")

    assert said() == [
        {"event": "sign_in_failed", "method": "password"},
        {"event": "signed_in", "who": who, "methods": ["password"]},
        {"event": "signed_out", "who": who, "why": "asked"},
    ]
    written = json.dumps(lines())
    for secret in (researcher.email, researcher.name, str(researcher.pk), PASSWORD, "wrong-secret", "192.0.2.77"):
        assert secret not in written


def test_a_second_factor_that_is_set_up_shown_wrong_shown_right_and_a_new_password(browse, researcher, said):
    TOTP.activate(researcher, "JBSWY3DPEHPK3PXP")
    page = browse(researcher)
    page.post("/accounts/2fa/reauthenticate/", {"code": "000000"})
    new = PASSWORD + "!"
    page.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    page.post("/accounts/2fa/totp/deactivate/")

    who = mark_of(researcher)
    assert said()[1:] == [
        {"event": "sign_in_failed", "who": who, "method": "second factor"},
        {"event": "password_changed", "who": who},
        {"event": "second_factor_removed", "who": who, "method": "totp"},
    ]
    assert not Authenticator.objects.exists()


def test_the_eleventh_in_a_minute_is_a_line_too(researcher, said):
    for _ in range(11):
        Client().post("/accounts/login/", {"login": researcher.email, "password": "wrong"})

    assert said()[-1] == {"event": "held_up"}


def test_these_lines_are_written_at_every_level():
    assert logging_at("ERROR")["loggers"]["security"]["level"] == "INFO"
    assert logging.getLogger("security").isEnabledFor(logging.INFO)
