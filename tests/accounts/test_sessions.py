"""Where somebody is signed in, ending it, and how fast who was disabled is out."""

from __future__ import annotations

import time
from base64 import b64encode

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from accounts.formats import device_of
from accounts.models import User
from bookings.services import addresses_of, make_feed
from tests.conftest import Caller
from tests.factories import PASSWORD, signed_in

pytestmark = pytest.mark.django_db
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130"
WECHAT = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/120 Mobile Safari/537.36 MicroMessenger/8.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Mobile Safari/604.1"


def signed_in_by(user, agent, address="192.0.2.1"):
    client = Client(headers={"User-Agent": agent}, REMOTE_ADDR=address)
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    return client


@pytest.mark.parametrize(
    ("agent", "device"),
    [(EDGE, ("Edge", "Windows")), (WECHAT, ("WeChat", "Android")), (IPHONE, ("Safari", "iPhone")), ("curl", ("", ""))],
)
def test_devices_are_called_as_people_know_them(agent, device):
    assert device_of(agent) == device


@pytest.mark.parametrize(
    ("before", "words"), [("", ["Edge", "本设备", "192.0.2.7"]), ("/en", ["Edge on Windows", "this device"])]
)
def test_the_list_names_each_device_and_which_is_this_one(researcher, before, words):
    User.objects.filter(pk=researcher.pk).update(language="en" if before else "zh-hans")
    signed_in_by(researcher, EDGE, "192.0.2.7")
    here = signed_in_by(researcher, IPHONE)

    page = here.get(f"{before}/accounts/sessions/")

    for each in words:
        assert each in page.content.decode()
    assert page.context["session_count"] == 2


def test_one_device_is_signed_out_and_is_out_with_its_next_request(researcher):
    there, here = signed_in_by(researcher, EDGE), signed_in_by(researcher, IPHONE)
    old = UserSession.objects.get(user_agent=EDGE)

    here.post(f"/account/sessions/{old.pk}/end/")

    assert there.get("/account/").status_code == 302
    assert there.get("/api/v1/bookings/").status_code == 401
    assert here.get("/account/").status_code == 200


def test_all_others_are_signed_out_at_once(researcher):
    others = [signed_in_by(researcher, EDGE), signed_in_by(researcher, WECHAT)]
    here = signed_in_by(researcher, IPHONE)

    here.post("/accounts/sessions/")

    assert [each.get("/account/").status_code for each in [*others, here]] == [302, 302, 200]


def test_nobody_ends_the_session_of_somebody_else(researcher, labmate):
    there, here = signed_in_by(researcher, EDGE), signed_in_by(labmate, IPHONE)

    assert here.post(f"/account/sessions/{UserSession.objects.get(user_agent=EDGE).pk}/end/").status_code == 404
    assert there.get("/account/").status_code == 200


def test_a_new_password_signs_the_others_out(researcher):
    there, here = signed_in_by(researcher, EDGE), signed_in_by(researcher, IPHONE)
    new = PASSWORD + "!"
    here.post("/accounts/reauthenticate/", {"password": PASSWORD})

    here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})

    assert (there.get("/account/").status_code, here.get("/account/").status_code) == (302, 200)


def test_a_disabled_user_is_out_within_a_second_by_every_way(manager, centre, call):
    page, by_token, by_session, visitor = signed_in(Client(), manager), call(manager), Caller(), Client()
    signed_in(by_session, manager)
    feeds = [addresses_of(*make_feed(manager, facility=centre, kind=kind)) for kind in ("calendar", "wall")]
    by_secret = [path for feed in feeds for path in (feed.secret_path, feed.plain_path)]
    passwords = {feed.plain_path: b64encode(f"x:{feed.password}".encode()).decode() for feed in feeds}

    def answers():
        rest = (by_token.get("/api/v1/bookings/"), by_session.get("/api/v1/bookings/"))
        basic = [{"Authorization": f"Basic {passwords.get(path, '')}"} for path in by_secret]
        opened = [visitor.get(path, headers=headers) for path, headers in zip(by_secret, basic, strict=True)]
        return [page.get("/inbox/").status_code, *(each.status_code for each in (*rest, *opened))]

    assert answers() == [200] * 7
    begun = time.monotonic()
    User.objects.filter(pk=manager.pk).update(is_active=False)
    assert answers() == [302, 401, 401, 404, 401, 404, 401]
    assert time.monotonic() - begun < 1
