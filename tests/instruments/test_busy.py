"""Owners' calendars: read on a schedule from a stand-in server, shown with their moment, never trusted."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from common.errors import WrongInput
from common.interval import Interval
from instruments.formats.busy import busy_times
from instruments.models import BusyFeed, BusyTime
from instruments.services import enter_instrument, read_due_feeds
from tests.instruments.test_editing import filled

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOVEMBER = Interval(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))


def calendar(*lines):
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *lines, "END:VCALENDAR", ""]).encode()


def event(start, end, *more, uid="1"):
    return ["BEGIN:VEVENT", f"UID:{uid}", f"DTSTART{start}", f"DTEND{end}", *more, "END:VEVENT"]


NINE_TO_ELEVEN = [("03 09:00", "03 11:00")]
BERLIN = ";TZID=Europe/Berlin:20261103T0"
OVERLAPPING = [
    *event(":20261103T010000Z", ":20261103T030000Z"),
    *event(":20261103T020000Z", ":20261103T040000Z", uid="2"),
]


def held(*lines):
    """What it holds, in local hours."""
    found = busy_times(calendar(*lines), window=NOVEMBER, zone=SHANGHAI)
    return [
        (f"{each.start.astimezone(SHANGHAI):%d %H:%M}", f"{each.end.astimezone(SHANGHAI):%d %H:%M}") for each in found
    ]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (event(":20261103T010000Z", ":20261103T030000Z"), NINE_TO_ELEVEN),
        (event(":20261103T090000", ":20261103T110000"), NINE_TO_ELEVEN),
        (event(f"{BERLIN}20000", f"{BERLIN}40000"), NINE_TO_ELEVEN),
        (event(";VALUE=DATE:20261103", ";VALUE=DATE:20261104"), [("03 00:00", "04 00:00")]),
        (event(":20261103T010000Z", ":20261103T030000Z", "TRANSP:TRANSPARENT"), []),
        (event(":20261103T010000Z", ":20261103T030000Z", "STATUS:CANCELLED"), []),
        (event(":20261103T010000Z", ":20261103T010000Z"), []),
        (event(":20271103T010000Z", ":20271103T030000Z"), []),
        (OVERLAPPING, [("03 09:00", "03 12:00")]),
        (
            event(":20261026T010000Z", ":20261026T020000Z", "RRULE:FREQ=WEEKLY;COUNT=4", "EXDATE:20261109T010000Z"),
            [("02 09:00", "02 10:00"), ("16 09:00", "16 10:00")],
        ),
        (
            ["BEGIN:VFREEBUSY", "UID:3", "FREEBUSY:20261103T010000Z/PT2H",
             "FREEBUSY;FBTYPE=FREE:20261104T010000Z/PT2H", "END:VFREEBUSY"],
            NINE_TO_ELEVEN,
        ),
        ([], []),
    ],
)  # fmt: skip
def test_what_a_calendar_holds(lines, expected):
    assert held(*lines) == expected


@pytest.mark.parametrize(
    "data",
    [
        b"", b"<html>", b"\x00\xff", b"BEGIN:VEVENT\r\nEND:VEVENT\r\n",
        calendar(*event(":19000101T000000Z", ":19000101T000001Z", "RRULE:FREQ=SECONDLY")),
        calendar(*(line for n in range(5001) for line in event(":20261103T010000Z", ":20261103T030000Z", uid=n))),
    ],
)  # fmt: skip
def test_what_is_no_calendar_or_would_keep_us_busy_is_refused(data):
    with pytest.raises(ValueError, match=r"."):
        busy_times(data, window=NOVEMBER, zone=SHANGHAI)


class Owner(BaseHTTPRequestHandler):
    def do_GET(self):
        status, headers, body = self.server.pages.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words):
        pass


@pytest.fixture
def owner():
    """The owner's own system, as a stand-in."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Owner) as server:
        server.pages = {}
        server.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def elsewhere(sem, owner):
    """An instrument that is booked at its owner's, whose calendar lies at /busy.ics."""
    more = {"booked_where": "owner", "booked_url": "https://owner.example/", "busy_url": f"{owner.url}/busy.ics"}
    start = timezone.now().replace(microsecond=0) + timedelta(hours=3)
    stamp = [f":{each:%Y%m%dT%H%M%SZ}" for each in (start, start + timedelta(hours=2))]
    owner.pages["/busy.ics"] = (200, {}, calendar(*event(*stamp)))
    return enter_instrument(sem.facility, slug="sem", name_zh=sem.name_zh, **more)


def read():
    return read_due_feeds(vet=lambda _host, _address: True)


@pytest.mark.django_db
def test_what_the_owner_says_is_shown_with_its_moment_on_page_and_by_rest(elsewhere, browse, call):
    assert read() == 1

    page, answer = (
        browse().get("/instruments/sem/").content.decode(),
        call().get("/api/v1/instruments/sem/busy/").json(),
    )
    assert "截至" in page
    assert len(answer["busy"]) == 1
    assert (answer["fault"], bool(answer["as_of"])) == ("", True)
    assert read() == 0  # not due for a quarter of an hour


@pytest.mark.django_db
def test_a_redirect_is_followed(elsewhere, owner):
    owner.pages["/new.ics"] = owner.pages["/busy.ics"]
    owner.pages["/busy.ics"] = (301, {"Location": "/new.ics"}, b"")
    assert read() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("page", "fault"),
    [
        ((500, {}, b""), "answer"),
        ((302, {"Location": "/busy.ics"}, b""), "answer"),
        ((302, {"Location": "file:///etc/passwd"}, b""), "answer"),
        ((200, {}, b"a" * (2 * 1024 * 1024 + 1)), "too_large"),
        ((200, {}, b"<html>"), "no_calendar"),
    ],
)
def test_a_fault_is_said_and_what_was_known_stays(elsewhere, owner, browse, page, fault):
    read()
    BusyFeed.objects.update(due_at=timezone.now())
    owner.pages["/busy.ics"] = page

    assert read() == 0

    feed = BusyFeed.objects.get()
    assert (feed.fault, feed.times.count(), bool(feed.read_at)) == (fault, 1, True)
    assert feed.due_at > timezone.now() + timedelta(minutes=20)


@pytest.mark.django_db
def test_a_machine_of_ours_is_never_asked(elsewhere):
    assert read_due_feeds() == 0
    assert BusyFeed.objects.get().fault == "address"


@pytest.mark.django_db
def test_what_is_booked_here_has_no_calendar_elsewhere(elsewhere, browse, manager, sem):
    with pytest.raises(WrongInput):
        enter_instrument(sem.facility, slug="sem", booked_where="here", busy_url="https://owner.example/a.ics")
    read()

    enter_instrument(sem.facility, slug="sem", booked_where="here", booked_url="")

    assert not BusyTime.objects.exists()


@pytest.mark.django_db
def test_the_address_is_entered_on_the_records_page_and_stands_in_its_history(browse, manager, sem):
    more = {"booked_where": "enquiry", "busy_url": "https://owner.example/a.ics"}
    page = browse(manager)

    saved = page.post("/instruments/sem/edit/", filled(sem.version, **more))

    assert saved.status_code == 302, saved.context["sheet"].form.errors
    assert BusyFeed.objects.get().url == "https://owner.example/a.ics"
    assert "https://owner.example/a.ics" in page.get("/instruments/sem/edit/").content.decode()
    assert "https://owner.example/a.ics" in page.get("/instruments/sem/record-history/").content.decode()
    wrong = page.post("/instruments/sem/edit/", filled(sem.version + 1, **{**more, "booked_where": "here"}))
    assert "busy_url" in wrong.context["sheet"].form.errors
