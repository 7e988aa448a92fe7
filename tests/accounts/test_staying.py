"""How long one stays signed in without doing anything, what one reads afterwards, and what the browser keeps."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from importlib import import_module

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from accounts.adapters.staying import SINCE, USED, StaySignedIn
from accounts.models import User
from bookings.services import make_feed
from tests.conftest import Caller

pytestmark = pytest.mark.django_db
SessionStore = import_module(settings.SESSION_ENGINE).SessionStore
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


@contextmanager
def after(time):
    with time_machine.travel(timezone.now() + time):
        yield


@pytest.mark.parametrize(("role", "stays"), [("manager", 11 * HOUR), ("researcher", 13 * DAY)])
def test_who_comes_back_in_time_is_still_in_and_the_time_begins_anew(browse, request, role, stays):
    page = browse(request.getfixturevalue(role))

    for times in (1, 2):
        with after(times * stays):
            assert page.get("/account/").status_code == 200


@pytest.mark.parametrize(
    ("role", "away", "before", "words"),
    [
        ("manager", 12 * HOUR, "", "12 小时"),
        ("manager", 12 * HOUR, "/en", "12 hours"),
        ("researcher", 14 * DAY, "", "14 天"),
        ("researcher", 14 * DAY, "/en", "14 days"),
    ],
)
def test_who_comes_too_late_signs_in_again_knows_why_and_goes_on_where_they_were(
    browse, request, role, away, before, words
):
    user = request.getfixturevalue(role)
    User.objects.filter(pk=user.pk).update(language="en" if before else "zh-hans")
    page = browse(user)

    with after(away):
        door = page.get(f"{before}/account/")
        shown = page.get(door["Location"])

    assert door["Location"] == f"{before}/accounts/login/?next={before}/account/"
    assert door["Clear-Site-Data"] == '"cache", "storage"'
    assert words in shown.content.decode()
    assert shown.context["redirect_field_value"] == f"{before}/account/"
    assert page.get("/account/").status_code == 302  # and not for another clock alone


def test_a_month_is_the_longest_for_who_comes_each_day(browse, researcher):
    page = browse(researcher)

    for days in range(1, 30):
        with after(days * DAY):
            assert page.get("/account/").status_code == 200
    with after(30 * DAY):
        assert page.get("/account/").status_code == 302


@pytest.mark.parametrize(("role", "away"), [("manager", 12 * HOUR), ("researcher", 14 * DAY)])
def test_the_api_knows_a_session_no_longer_than_the_pages(request, role, away):
    client = Caller()
    client.force_login(user := request.getfixturevalue(role))
    asked = {"manager": 403, "researcher": 200}[role]  # a manager has shown no second factor here
    assert client.get("/api/v1/bookings/").status_code == asked

    with after(away):
        assert client.get("/api/v1/bookings/").status_code == 401
    assert user.is_active


def test_a_token_is_not_a_session(call, manager):
    program = call(manager)

    with after(15 * DAY):
        assert program.get("/api/v1/bookings/").status_code == 200


def test_a_plan_that_renews_itself_keeps_nobody_in(browse, manager, sem):
    page, plan = browse(manager), "/lab/centre/today/"
    assert "X-By-Itself" in page.get(plan).content.decode()

    for hours in range(1, 12):
        with after(hours * HOUR):
            assert page.get(plan, headers=HTMX | {"X-By-Itself": "1"}).status_code == 200
    with after(12 * HOUR):
        door = page.get(plan, headers=HTMX | {"X-By-Itself": "1", "Referer": f"http://testserver{plan}"})

    assert (door.status_code, door.content) == (200, b"")  # no door in the place of the plan
    assert door["HX-Redirect"] == "/accounts/login/?next=%2Flab%2Fcentre%2Ftoday%2F"


def test_being_seen_costs_one_statement_in_ten_minutes_or_a_day(browse, manager, researcher, statements):
    def cost(page, time):
        with after(time), statements() as asked:
            page.get("/account/profile/")
        return len(asked), sum("UPDATE" in sql and "django_session" in sql for sql in asked)

    for user, noted in ((manager, timedelta(minutes=10)), (researcher, DAY)):
        page = browse(user)
        cost(page, timedelta(0))
        usual = cost(page, noted - timedelta(minutes=1))
        assert usual[1] == 0
        assert cost(page, noted) == (usual[0] + 1, 1)
        assert cost(page, noted) == usual


def test_what_another_request_writes_into_the_session_meanwhile_is_not_lost(browse, manager):
    key = browse(manager).session.session_key

    def meanwhile(_request):
        other = SessionStore(key)
        other["shown"] = "a second factor"
        other.save()
        return HttpResponse()

    request = RequestFactory().get("/")
    request.COOKIES[settings.SESSION_COOKIE_NAME] = key
    with after(HOUR):
        SessionMiddleware(AuthenticationMiddleware(StaySignedIn(meanwhile)))(request)
        kept = SessionStore(key).load()

    assert kept["shown"] == "a second factor"
    assert kept[USED] > kept[SINCE]


def test_a_role_that_is_given_later_counts_from_the_next_page(browse, researcher, centre):
    page = browse(researcher)
    centre.roles.create(user=researcher, duty="admin")

    with after(12 * HOUR):
        assert page.get("/account/").status_code == 302


def test_what_somebody_signed_in_reads_is_kept_by_no_browser(browse, researcher, sem):
    page, visitor = browse(researcher), browse()

    for path in ("/", "/instruments/sem/", "/account/", "/no/such/page/", "/api/v1/bookings/"):
        assert page.get(path)["Cache-Control"] == "no-store", path
    for path in ("/", "/instruments/sem/", "/api/v1/instruments/"):
        assert "Cache-Control" not in visitor.get(path), path


def test_what_a_view_says_of_its_own_answer_stays(browse, researcher, call):
    feed = browse(researcher).get(f"/feeds/{make_feed(researcher)[1]}.ics")

    assert feed["Cache-Control"] == "private, max-age=300"
    assert "Cache-Control" not in call(researcher).get("/api/v1/bookings/")  # a program's own cache, by its tags


def test_signing_out_tells_the_browser_to_forget_but_not_its_language(browse, researcher):
    page = browse(researcher)
    assert "Clear-Site-Data" not in page.get("/account/")

    out = page.post("/accounts/logout/")

    assert out["Clear-Site-Data"] == '"cache", "storage"'
    assert "Clear-Site-Data" not in page.get("/")
