"""A day of many instruments: the laboratory's plan, the timeline, the screen on the wall."""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from bookings.calendar import bars_of, hours_of_lanes
from bookings.models import Feed, UsageRecord
from bookings.services import addresses_of, day_of_many, for_a_day, make_feed, revoke_feed, set_hours, set_policy
from bookings.states import Purpose, State
from common.errors import NotAllowed
from common.ids import new_id
from instruments.models import Instrument
from tests.conftest import DALIAN, HOUR
from tests.factories import AROUND_THE_CLOCK, booked, instrument, lab_admin, laboratory
from tests.growth import fill

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def now(sem):
    """This minute, on an instrument that is always open."""
    set_hours(sem, AROUND_THE_CLOCK)
    return timezone.now().replace(second=0, microsecond=0)


def board(client, centre, **query):
    return client.get(f"/lab/{centre.slug}/today/", query).content.decode()


@pytest.mark.parametrize(
    ("starts", "fields", "word"),
    [
        (-10, {"state": State.IN_USE}, "已签到"),
        (-70, {"state": State.IN_USE}, "已超时"),
        (-10, {"no_show_at": timezone.now() + DAY}, "迟到"),
        (-10, {}, "进行中"),
        (30, {"state": State.REQUESTED}, "待审核"),
        (30, {"purpose": Purpose.MAINTENANCE}, "维护"),
        (-10, {"state": State.NO_SHOW}, "爽约"),
    ],
)
def test_the_plan_says_how_each_booking_stands(browse, manager, researcher, sem, now, starts, fields, word):
    booked(sem, at=now + timedelta(minutes=starts), by=researcher, **fields)

    page = board(browse(manager), sem.facility, day=f"{(now + timedelta(minutes=starts)).astimezone(DALIAN):%Y-%m-%d}")

    assert word in page[page.index('id="place-sem"') :]


def test_who_is_due_is_checked_in_and_out_from_the_plan(browse, manager, researcher, sem, now):
    due = booked(sem, at=now - timedelta(minutes=5), by=researcher)
    page, here = browse(manager), {"headers": {"Referer": "http://testserver/lab/centre/today/"}}

    offered = board(page, sem.facility)
    back = page.post(f"/bookings/{due.pk}/check-in/", **here)
    then = board(page, sem.facility)

    assert f"/bookings/{due.pk}/check-in/" in offered
    assert back["Location"].endswith("/lab/centre/today/")
    assert f"/bookings/{due.pk}/check-out/" in then


def test_another_day_and_another_laboratory_are_not_this_one(browse, manager, researcher, sem, nine, university):
    elsewhere = instrument(laboratory(university, "west"), "west-sem")
    booked(sem, at=nine, by=researcher)
    page = browse(manager)

    assert "researcher" not in board(page, sem.facility, day=f"{nine + DAY:%Y-%m-%d}")
    assert "researcher" in board(page, sem.facility, day=f"{nine:%Y-%m-%d}")
    assert "west-sem" not in board(page, sem.facility)
    assert page.get(f"/lab/{elsewhere.facility.slug}/today/").status_code == 403
    assert page.get("/lab/centre/today/", {"day": "9999-99-99"}).status_code == 200


def test_what_htmx_fetches_each_minute_is_the_plan_itself(browse, manager, sem):
    page = browse(manager)

    part = page.get("/lab/centre/today/", headers={"HX-Request-Type": "partial"}).content.decode()

    assert part.lstrip().startswith('<div id="board"')
    assert 'id="place-sem"' in part


@pytest.mark.parametrize("count", [2, 20])
def test_a_plan_costs_the_same_statements(browse, manager, centre, researcher, nine, statements, count):
    for n in range(count):
        instrument(centre, f"i{n}")
    fill(researcher, first=nine - DAY, last=nine + DAY)
    page = browse(manager)

    with statements() as counted:
        assert page.get("/lab/centre/today/", {"day": f"{nine:%Y-%m-%d}"}).status_code == 200

    assert len(counted) <= 18, "\n".join(counted)


def wall_of(centre, manager):
    feed, secret = make_feed(manager, facility=centre, kind="wall")
    return feed, f"/wall/{secret}/"


@pytest.mark.parametrize("shows_names", [False, True])
def test_a_wall_names_people_only_where_the_policy_does(browse, manager, researcher, sem, now, shows_names):
    set_policy(sem, shows_names=shows_names)
    booked(sem, at=now - timedelta(minutes=5), by=researcher, title="secret title")
    _feed, address = wall_of(sem.facility, manager)

    answer = browse().get(address)
    page = answer.content.decode()

    assert ("researcher" in page) == shows_names
    assert ("已预约" in page) != shows_names
    assert "secret title" not in page
    assert (answer["X-Robots-Tag"], answer["Cache-Control"]) == ("noindex", "no-store")
    assert not answer.cookies


def test_a_wall_ends_when_it_is_revoked_by_a_colleague_or_its_maker_leaves(browse, manager, centre, sem):
    colleague = lab_admin("colleague", centre)
    feed, address = wall_of(centre, manager)
    _other, second = wall_of(centre, manager)
    visitor = browse()
    assert [visitor.get(each).status_code for each in (address, second)] == [200, 200]

    answer = browse(colleague).post(f"/calendars/{feed.pk}/revoke/")
    revoked = visitor.get(address).status_code
    manager.facility_roles.update(until=timezone.localdate() - DAY)
    left = visitor.get(second).status_code

    assert answer.status_code == 302
    assert (revoked, left) == (404, 404)


def test_a_secret_opens_only_what_it_was_made_for(browse, manager, centre, sem):
    _feed, address = wall_of(centre, manager)
    calendar, secret = make_feed(manager, facility=centre)
    visitor = browse()

    found = [address.replace("/wall/", "/feeds/")[:-1] + ".ics", f"/wall/{secret}/", "/wall/x/", "/wall/%00/"]

    assert [visitor.get(each).status_code for each in found] == [404] * 4
    assert visitor.get(f"/feeds/{secret}.ics").status_code == 200
    assert calendar.kind == "calendar"


def opened(page, path, password, name="calendar"):
    sent = b64encode(f"{name}:{password}".encode()).decode()
    return page.get(path, headers={"Authorization": f"Basic {sent}"})


def test_calendar_and_wall_open_by_a_plain_address_with_their_own_password(browse, manager, centre, sem):
    calendar, wall = (addresses_of(*make_feed(manager, facility=centre, kind=kind)) for kind in ("calendar", "wall"))
    visitor, revoked = browse(), Feed.objects.get(kind="calendar")
    assert opened(visitor, calendar.plain_path, calendar.password)["Content-Type"].startswith("text/calendar")
    assert opened(visitor, wall.plain_path, wall.password, "").context["facility"] == centre

    shut = [
        visitor.get(calendar.plain_path),
        opened(visitor, calendar.plain_path, wall.password),
        opened(visitor, wall.plain_path, calendar.password),
        opened(visitor, f"/calendar/{new_id()}.ics", calendar.password),
        browse(manager).get(wall.plain_path),
        *(visitor.get(wall.plain_path, headers={"Authorization": sent}) for sent in ("Basic", "Basic é", "Bearer x")),
    ]
    revoke_feed(revoked)
    shut.append(opened(visitor, calendar.plain_path, calendar.password))

    assert {answer.status_code for answer in shut} == {401}
    assert len({answer.content for answer in shut}) == 1
    assert shut[0]["WWW-Authenticate"].startswith("Basic ")


def test_an_institution_can_do_without_secrets_in_addresses(browse, call, manager, centre, sem, settings):
    calendar, wall = (addresses_of(*make_feed(manager, facility=centre, kind=kind)) for kind in ("calendar", "wall"))
    settings.SECRETS_IN_ADDRESSES = False
    page = browse(manager)

    page.post("/calendars/make/")
    shown = page.get("/calendars/").content.decode()
    made = call(manager).post("/api/v1/feeds/").json()

    assert [browse().get(each.secret_path).status_code for each in (calendar, wall)] == [404, 404]
    assert opened(browse(), calendar.plain_path, calendar.password).status_code == 200
    assert "/calendar/" in shown
    assert "/feeds/" not in shown
    assert made["address"] is None
    assert opened(browse(), urlsplit(made["plain_address"]).path, made["password"]).status_code == 200


def test_only_who_runs_a_laboratory_hangs_up_its_wall(browse, manager, researcher, centre, sem):
    page = browse(manager)

    page.post("/calendars/make/", {"facility": centre.slug, "kind": "wall"})
    shown = page.get("/calendars/").content.decode()
    listed = board(page, centre)

    assert "/wall/" in shown
    assert f"/calendars/{Feed.objects.get().pk}/revoke/" in listed
    with pytest.raises(NotAllowed):
        make_feed(researcher, facility=centre, kind="wall")


def test_the_timeline_shows_what_is_free_and_leads_to_the_form(browse, sem, researcher, labmate, nine):
    booked(sem, at=nine, by=researcher)
    query = {"day": f"{nine:%Y-%m-%d}"}

    visitor, theirs, other = (
        browse(who).get("/timeline/", query).content.decode() for who in (None, researcher, labmate)
    )

    assert f"/instruments/sem/book/?start={nine + HOUR:%Y-%m-%dT%H:%M}" in visitor
    assert "stretch taken f36 t40" in visitor
    assert "stretch mine f36 t40" in theirs
    assert "researcher" not in visitor + other
    assert visitor.count('class="hour-mark') == 12  # from 8 to 20, as it is open


def test_the_timeline_shows_buffers_and_what_is_only_free_at_some_time(browse, manager, sem, xrd, researcher, nine):
    set_policy(sem, buffer_after_minutes=30)
    taken = booked(sem, at=nine, by=researcher)
    taken.claims.update(ends_at=nine + 1.5 * HOUR)
    query = {"day": f"{nine:%Y-%m-%d}"}
    page = browse(manager)

    whole = page.get("/lab/centre/timeline/", query).content.decode()
    free = page.get("/lab/centre/timeline/", {**query, "free": "09:00"}).content.decode()

    assert "stretch taken f36 t40" in whole
    assert "stretch buffer f40 t42" in whole
    assert 'id="lane-sem"' not in free
    assert 'id="lane-xrd"' in free


@pytest.mark.parametrize(
    "query", ["?day=x&free=x&page=x", "?q=%00&day=0001-01-01", "?category=nonsense", "?free=25:99"]
)
def test_an_odd_question_to_the_timeline_is_no_fault_of_ours(browse, sem, query):
    assert browse().get(f"/timeline/{query}").status_code == 200


@pytest.mark.parametrize("count", [2, 20])
def test_a_timeline_costs_the_same_statements(browse, labmate, centre, researcher, nine, statements, count):
    for n in range(count):
        instrument(centre, f"i{n}")
    fill(researcher, first=nine - DAY, last=nine + DAY)
    ours, page = for_a_day(Instrument.objects.all(), day=nine.date(), now=timezone.now()), browse(labmate)

    with statements() as counted:
        lanes = day_of_many(ours, day=nine.date(), seen_by=labmate, now=timezone.now())
    with statements() as of_the_page:
        assert page.get("/timeline/", {"day": f"{nine:%Y-%m-%d}"}).status_code == 200

    assert len(lanes) == count
    assert len(counted) <= 3, "\n".join(counted)
    assert len(of_the_page) <= 12, "\n".join(of_the_page)


def test_a_day_is_laid_out_in_quarters_of_an_hour(sem, researcher, nine):
    set_policy(sem, step_minutes=15, shortest_minutes=15)
    booked(sem, at=nine + HOUR / 4, by=researcher, hours=0.5)
    booked(sem, at=nine.replace(hour=23), by=researcher, hours=2)  # over midnight
    ours = for_a_day(Instrument.objects.all(), day=nine.date(), now=timezone.now())

    (lane,) = day_of_many(ours, day=nine.date(), seen_by=None, now=timezone.now())
    bars = bars_of(lane.day, zone=DALIAN)

    assert [(bar.kind, bar.first, bar.last) for bar in bars] == [
        ("closed", 0, 32), ("free", 32, 37), ("taken", 37, 39), ("free", 39, 80), ("closed", 80, 92), ("taken", 92, 96),
    ]  # fmt: skip
    assert hours_of_lanes([bars]) == (8, 24)


def test_who_works_without_a_booking_is_on_the_plan(browse, manager, sem, now):
    UsageRecord.objects.create(
        instrument=sem, user_name="访客丙", starts_at=now - HOUR, source="entered", entered_by=manager
    )

    assert "访客丙" in board(browse(manager), sem.facility)
