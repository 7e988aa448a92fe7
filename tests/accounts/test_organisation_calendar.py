"""An institution's own calendar: its admins bring it as a file, see what comes, and take a day out again."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import HolidayYear, Organisation
from accounts.services import import_calendar
from accounts.states import Role
from common.errors import NotAllowed
from tests.factories import member

TABLE = (
    "日期,类型,按周几,中文名,英文名\n2026-10-08,停馆,,校庆,Founding day\n2026-10-10,补班,周五,,\n2026-10-99,停馆,,,\n"
)
NOW = datetime(2026, 9, 30, 12, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(autouse=True)
def _in_september():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def admin(university):
    return member("admin", university, Role.ADMIN)


def path_of(organisation, before=""):
    return f"{before}/organisations/{organisation.pk}/calendar/"


def send(page, organisation, content, *, name="校历.csv", before=""):
    content = content if isinstance(content, bytes) else content.encode()
    return page.post(f"{path_of(organisation, before)}import/", {"file": SimpleUploadedFile(name, content)})


def test_good_rows_come_in_and_the_wrong_one_is_named_with_its_line(browse, university, admin):
    answer = send(browse(admin), university, TABLE)

    assert answer.status_code == 200
    assert list(university.calendar_days.order_by("day").values_list("day", "kind", "follows", "name_zh")) == [
        (date(2026, 10, 8), "closed", None, "校庆"),
        (date(2026, 10, 10), "make_up", 4, ""),
    ]
    assert [(wrong.line) for wrong in answer.context["outcome"].wrong] == [4]
    assert "校庆" in answer.content.decode()


def test_the_same_file_again_changes_nothing_and_a_new_one_only_what_it_names(browse, university, admin):
    page = browse(admin)
    send(page, university, TABLE)

    again = send(page, university, TABLE).context["outcome"]
    later = send(page, university, "day,kind\n2026-10-08,open\n2026-10-09,closed\n").context["outcome"]

    assert (again.new, again.changed, again.unchanged) == (0, 0, 2)
    assert (later.new, later.changed, later.unchanged) == (1, 1, 0)
    assert list(university.calendar_days.order_by("day").values_list("kind", flat=True)) == [
        "open",
        "closed",
        "make_up",
    ]


def test_the_page_shows_coming_days_month_by_month_in_both_languages(browse, university):
    admin = member("admin", university, Role.ADMIN, language="en")
    for day, name in ((date(2026, 9, 29), "past"), (date(2026, 10, 8), "Founding day"), (date(2026, 11, 2), "Sports")):
        university.calendar_days.create(day=day, kind="closed", name_zh="校庆", name_en=name)

    text = browse(admin).get(path_of(university, "/en")).content.decode()

    assert [text.find(each) > 0 for each in ("October 2026", "Founding day", "November 2026", "Sports")] == [True] * 4
    assert "past" not in text


def test_the_page_says_which_year_is_not_announced(browse, university, admin):
    HolidayYear.objects.update_or_create(year=2026, defaults={"days": []})
    HolidayYear.objects.filter(year=2027).delete()

    assert browse(admin).get(path_of(university)).context["not_announced"] == [2027]


def test_a_calendar_costs_the_same_statements_however_long_it_is(browse, university, admin, statements):
    page, asked = browse(admin), []
    for days in (1, 200):
        table = "day,kind\n" + "\n".join(f"{date.fromordinal(NOW.toordinal() + n)},closed" for n in range(days))
        with statements() as sent:
            send(page, university, table)
        asked.append(len(sent))

    assert asked[0] == asked[1]


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", b"nonsense"), ("a.xlsx", b"PK"), ("a.csv", b"x" * 1_000_001), ("a.ics", b"BEGIN:VCALENDAR\n" * 9)],
)
def test_a_file_that_cannot_be_taken_is_said_beside_its_field(browse, university, admin, name, content):
    answer = send(browse(admin), university, content, name=name)

    assert answer.status_code == 400
    assert answer.context["form"].errors.keys() == {"file"}


def test_without_a_file_the_field_says_so(browse, university, admin):
    answer = browse(admin).post(f"{path_of(university)}import/")

    assert answer.context["form"].errors.keys() == {"file"}


def test_a_day_is_taken_out_by_its_institution_alone(browse, university, admin):
    west = Organisation.objects.create(kind="university", name_zh="西海大学")
    elsewhere = member("elsewhere", west, Role.ADMIN)
    day = university.calendar_days.create(day=date(2026, 10, 8), kind="closed")

    for organisation in (university, west):
        assert browse(elsewhere).post(f"{path_of(organisation)}{day.pk}/remove/").status_code == 404
    answer = browse(admin).post(f"{path_of(university)}{day.pk}/remove/")

    assert answer["Location"] == path_of(university)
    assert not university.calendar_days.exists()


def test_the_service_itself_asks_who_imports(university, researcher):
    with pytest.raises(NotAllowed):
        import_calendar(university, by=researcher, name="a.csv", content=TABLE.encode())


def test_admins_find_the_calendar_from_their_account_and_others_do_not(browse, university, admin, researcher):
    assert path_of(university) in browse(admin).get("/account/").content.decode()
    assert path_of(university) in browse(admin).get(f"/organisations/{university.pk}/members/").content.decode()
    assert path_of(university) not in browse(researcher).get("/account/").content.decode()
    assert browse(researcher).get(path_of(university)).status_code == 404
