"""The page of a service account, and the webhooks of people and programs, as somebody clicks them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import ApiToken, Membership
from accounts.services import make_service_account, make_token
from accounts.states import Role
from notifications.models import WebhookDelivery, WebhookEndpoint
from notifications.services import add_webhook
from tests.conftest import Caller
from tests.factories import booked, member
from tests.notifications.conftest import stand_in  # noqa: F401 (the fixture)
from tests.notifications.stand_in import deliver, happens

pytestmark = pytest.mark.django_db(transaction=True)
SHOWN = re.compile(r'<code class="secret">([^<]+)</code>')


@pytest.fixture
def admin(university):
    return member("admin", university, Role.ADMIN)


@pytest.fixture
def lims(university, admin):
    return make_service_account(university, by=admin, name="lims", email="lims@example.org")


def test_a_service_account_says_who_answers_for_it_and_that_is_handed_on(browse, university, admin, researcher):
    pages = f"/organisations/{university.pk}/service-accounts/"
    browser = browse(admin)

    made = browser.post(pages, {"name": "lims", "email": "lims@example.org"})
    page = browser.get(made["Location"]).content.decode()
    assert "admin@example.org" in page
    assert browser.post(made["Location"], {"email": "nobody@example.org"}).status_code == 400
    browser.post(made["Location"], {"email": researcher.email})

    assert researcher.email in browser.get(made["Location"]).content.decode()
    assert researcher.name in browser.get(pages).content.decode()


def test_who_left_cannot_be_put_in_charge_of_it(browse, university, admin, researcher, lims):
    Membership.objects.filter(person=researcher).delete()
    refused = browse(admin).post(
        f"/organisations/{university.pk}/service-accounts/{lims.pk}/", {"email": researcher.email}
    )

    assert refused.status_code == 400


def test_a_token_is_rotated_with_a_day_of_both(browse, admin, lims):
    old, text = make_token(lims, by=admin, name="nightly", scopes=["read", "book"], days=30)

    page = browse(admin).post(f"/account/tokens/{old.pk}/rotate/").content.decode()

    fresh = SHOWN.search(page).group(1)
    new = ApiToken.objects.exclude(pk=old.pk).get()
    assert (new.name, new.scopes, new.user_id) == ("nightly", ["book", "read"], lims.pk)
    assert timedelta(days=29) < new.expires_at - timezone.now() <= timedelta(days=30)

    def answers(token):
        return Caller().get("/api/v1/me/", headers={"Authorization": f"Bearer {token}"}).status_code

    assert [answers(text), answers(fresh)] == [200, 200]
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert [answers(text), answers(fresh)] == [401, 200]


def test_a_revoked_token_is_not_rotated(browse, admin):
    old, _text = make_token(admin, by=admin, name="x", scopes=["read"])
    browse(admin).post(f"/account/tokens/{old.pk}/revoke/")
    browse(admin).post(f"/account/tokens/{old.pk}/rotate/")

    assert ApiToken.objects.count() == 1


def test_out_of_use_it_opens_nothing_and_is_called_no_more(browse, university, admin, lims):
    _token, text = make_token(lims, by=admin, name="x", scopes=["read"])
    add_webhook("https://example.org/", by=lims)

    browse(admin).post(f"/organisations/{university.pk}/service-accounts/{lims.pk}/", {"do": "retire"})

    assert Caller().get("/api/v1/me/", headers={"Authorization": f"Bearer {text}"}).status_code == 401
    assert not WebhookEndpoint.objects.filter(active=True).exists()


@pytest.fixture
def endpoint_of_lims(browse, admin, lims, stand_in):  # noqa: F811
    wanted = {"url": stand_in.url, "owner": str(lims.pk), "description": "LIMS", "kinds": ["booking.confirmed"]}
    page = browse(admin).post("/webhooks/", wanted).content.decode()
    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.owner, [endpoint.secret]) == (lims, SHOWN.findall(page))
    return endpoint


def test_a_secret_is_shown_once_and_in_no_log(browse, admin, endpoint_of_lims, stand_in):  # noqa: F811
    browser, path, secret = browse(admin), f"/webhooks/{endpoint_of_lims.pk}/", endpoint_of_lims.secret
    assert secret not in browser.get(path).content.decode()
    tried = browser.post(path, {"do": "ping"})
    stand_in.answers = [(500, {}, f"got {secret} v1,{'A' * 44}".encode())]

    assert deliver() == 0

    shown, ping = browser.get(tried["Location"]).content.decode(), WebhookDelivery.objects.get()
    assert ("webhook.ping" in shown, "500" in shown, secret in shown, "A" * 44 in shown) == (True, True, False, False)
    assert (ping.duration_ms is None, ping.tried_at is None) == (False, False)
    (renewed,) = SHOWN.findall(browser.post(path, {"do": "rotate"}).content.decode())
    assert renewed not in {secret, ""}


def test_what_was_missed_while_it_was_paused_is_replayed(browse, admin, lims, endpoint_of_lims, sem, nine):
    browser, path, booking = browse(admin), f"/webhooks/{endpoint_of_lims.pk}/", booked(sem, at=nine, by=lims)
    begun = timezone.localtime()
    browser.post(path, {"do": "pause"})
    happens(booking, reader=lims)
    happens(booking, "booking.started", reader=lims)
    deliver()
    browser.post(path, {"do": "resume"})
    assert deliver() == 0

    first, last = (f"{begun + timedelta(hours=hours):%Y-%m-%dT%H:%M}" for hours in (-1, 1))
    span = {"do": "replay", "since": first, "until": last}
    for _time in range(2):
        browser.post(path, span)
        assert deliver() == 1
    (told,) = endpoint_of_lims.deliveries.all()
    browser.post(f"{path}deliveries/{told.pk}/replay/")
    assert deliver() == 1

    browser.post(path, {"do": "remove"})
    assert not WebhookEndpoint.objects.exists()


def test_a_span_that_ends_before_it_begins_is_said_beside_its_field(browse, researcher):
    endpoint = add_webhook("https://example.org/", by=researcher)
    answer = browse(researcher).post(
        f"/webhooks/{endpoint.pk}/", {"do": "replay", "since": "2026-01-02T00:00", "until": "2026-01-01T00:00"}
    )

    assert answer.status_code == 400
    assert 'id="id_until_error"' in answer.content.decode()


def test_nobody_adds_a_webhook_for_another(browse, researcher, labmate, lims):
    for other in (labmate, lims):
        wanted = {"url": "https://example.org/", "owner": str(other.pk), "kinds": ["booking.confirmed"]}
        assert browse(researcher).post("/webhooks/", wanted).status_code == 400
    assert not WebhookEndpoint.objects.exists()
