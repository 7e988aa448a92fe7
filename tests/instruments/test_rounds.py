"""Rounds of collection: the city asks, institutions confirm, reminders go out once, the officer sees who answered."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Barrier, Thread
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from accounts.models import Organisation
from accounts.states import OrganisationKind, Role
from common.errors import NotAllowed, Refused, WrongInput
from instruments import services
from instruments.models import Instrument, RoundAnswer, TestItem
from instruments.services import enter_instrument
from instruments.states import Status
from instruments.tasks import remind_of_rounds
from notifications.models import Mail, Notice
from tests.factories import lab_admin, laboratory, member
from tests.instruments.tables import applied, csv_file

DALIAN = ZoneInfo("Asia/Shanghai")
OPENED = datetime(2026, 11, 24, 9, tzinfo=DALIAN)


def city_officer() -> object:
    city = Organisation.objects.create(kind=OrganisationKind.GOVERNMENT, name_zh="科学城办公室")
    return member("officer", city, Role.OFFICER)


@pytest.fixture
def officer(db):
    return city_officer()


@pytest.fixture
def admin(university):
    return member("institution", university, Role.ADMIN)


@pytest.fixture
def records(centre):
    sem = enter_instrument(centre, slug="sem", inner_number="A1", name_zh="扫描电镜", name_en="SEM")
    enter_instrument(centre, slug="old", name_zh="旧天平", status=Status.RETIRED)
    item = TestItem.objects.create(slug="carbon", facility=centre, name_zh="碳含量", name_en="Carbon", purpose_zh="x")
    return sem, item


def opened_by(officer, days=30):
    return services.open_round(by=officer, title_zh="2026 年征集", due_on=timezone.localdate() + timedelta(days=days))


def test_every_institution_with_a_facility_is_asked_and_its_admins_are_told(browse, officer, admin, centre, university):
    without = Organisation.objects.create(kind="university", name_zh="无平台大学")
    west = Organisation.objects.create(kind="university", name_zh="西海大学")
    alone = lab_admin("alone", laboratory(west, "west"))

    said = browse(officer).post(
        "/rounds/", {"title_zh": "征集", "due_on": (timezone.localdate() + timedelta(days=20)).isoformat()}
    )

    answers = {each.organisation: each for each in RoundAnswer.objects.all()}
    assert set(answers) == {university, west}
    assert said["Location"] == f"/rounds/{answers[west].round_id}/"
    assert without not in answers
    told = Mail.objects.filter(event="round_opened")
    assert {each.reader for each in told} == {admin, alone}
    assert answers[university].get_absolute_url() in told.get(reader=admin).body
    assert browse(admin).get(answers[university].get_absolute_url()).status_code == 200


def test_records_are_confirmed_one_by_one_all_at_once_or_by_a_table(
    browse, officer, admin, centre, university, records
):
    sem, _item = records
    asked = opened_by(officer)
    part = f"/rounds/{asked.pk}/{university.pk}/"

    def confirmed():
        return [(each.confirmed, each.records) for each in services.state_of_round(asked)]

    assert confirmed() == [(0, 2)]
    browse(admin).post(part, {"do": "item:carbon"})
    assert confirmed() == [(1, 2)]
    browse(admin).post(part, {"do": "all"})
    assert confirmed() == [(2, 2)]
    Instrument.objects.update(confirmed_at=None)
    applied(university, admin, csv_file("资产编号,仪器名称\nA1,扫描电镜\n"))
    assert confirmed() == [(2, 2)]
    sem.refresh_from_db()
    assert (sem.confirmed_by, sem.version) == (admin, 1)
    assert Instrument.objects.get(slug="old").confirmed_at is None


def test_a_lab_admin_confirms_their_own_facility_and_does_not_speak_for_the_institution(
    browse, officer, university, centre, records
):
    second = laboratory(university, "second")
    other = enter_instrument(second, slug="other", name_zh="别处")
    mine = lab_admin("mine", centre)
    asked = opened_by(officer)
    part = f"/rounds/{asked.pk}/{university.pk}/"

    browse(mine).post(part, {"do": "all"})

    other.refresh_from_db()
    assert other.confirmed_at is None
    assert Instrument.objects.get(slug="sem").confirmed_by == mine
    assert browse(mine).post(part, {"do": "instrument:other"}).status_code == 404
    with pytest.raises(NotAllowed):
        services.confirm_record(other, by=mine)
    assert browse(mine).post(part, {"do": "answer"}).status_code == 403


def test_an_institution_declares_its_part_done_once_and_not_after_the_round(
    browse, officer, admin, university, records
):
    asked = opened_by(officer)
    part = f"/rounds/{asked.pk}/{university.pk}/"

    browse(admin).post(part, {"do": "answer"})
    first = RoundAnswer.objects.get().answered_at
    browse(admin).post(part, {"do": "answer"})

    assert RoundAnswer.objects.get().answered_at == first
    assert "已答复" in browse(officer).get(f"/rounds/{asked.pk}/").content.decode()
    RoundAnswer.objects.update(answered_at=None)
    browse(officer).post(f"/rounds/{asked.pk}/close/")
    with pytest.raises(Refused):
        services.answer_round(RoundAnswer.objects.get(), by=admin)


def test_the_officers_table_says_how_far_each_institution_is(browse, officer, admin, university, records):
    asked = opened_by(officer)
    services.confirm_all(university, by=admin)

    rows = browse(officer).get(f"/en/rounds/{asked.pk}/states.csv", follow=True).content.decode("utf-8-sig")

    assert rows.splitlines()[1].split(",")[1:4] in (["部分核对", "2", "2"], ["in part", "2", "2"])


@pytest.mark.parametrize("institutions", [2, 12])
def test_the_officers_page_costs_the_same_for_a_whole_city(browse, officer, statements, institutions):
    for number in range(institutions):
        place = Organisation.objects.create(kind="university", name_zh=f"大学{number}")
        enter_instrument(laboratory(place, f"f{number}"), slug=f"i{number}", name_zh="x")
    asked = opened_by(officer)
    client = browse(officer)

    with statements() as counted:
        client.get(f"/rounds/{asked.pk}/")

    assert len(counted) <= 14, "\n".join(counted)


def reminded(admin):
    return [
        each.occasion.split()[-1] for each in Notice.objects.filter(event="round_reminder", reader=admin).order_by("pk")
    ]


def test_who_has_not_answered_is_reminded_a_week_and_a_day_before_and_once_after(officer, admin, centre, university):
    with time_machine.travel(OPENED, tick=False):
        opened_by(officer, days=30)
    seen = {}
    for day in range(40):
        for hour in (1, 12):
            with time_machine.travel(OPENED + timedelta(days=day, hours=hour), tick=False):
                remind_of_rounds()
        if (told := reminded(admin)) and len(told) > len(seen):
            seen[30 - day] = told[-1]

    assert seen == {7: "week", 1: "day", -1: "after"}
    mail = Mail.objects.filter(event="round_reminder", reader=admin).order_by("created_at").last()
    assert mail.subject.startswith("已过截止日期")


def test_who_answered_or_whose_round_is_closed_or_just_opened_is_not_reminded(officer, admin, centre, university):
    with time_machine.travel(OPENED, tick=False):
        asked = opened_by(officer, days=5)
        remind_of_rounds()
    with time_machine.travel(OPENED + timedelta(days=1), tick=False):
        remind_of_rounds()
    assert reminded(admin) == []  # it was opened within the week
    services.answer_round(RoundAnswer.objects.get(), by=admin)
    with time_machine.travel(OPENED + timedelta(days=4), tick=False):
        remind_of_rounds()
    assert reminded(admin) == []
    RoundAnswer.objects.update(answered_at=None)
    services.close_round(asked, by=officer)
    with time_machine.travel(OPENED + timedelta(days=9), tick=False):
        remind_of_rounds()
    assert reminded(admin) == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_remind_once():
    university = Organisation.objects.create(kind="university", name_zh="东海大学")
    laboratory(university)
    admin = member("institution", university, Role.ADMIN)
    asked = opened_by(city_officer())
    now = timezone.now() + timedelta(days=29)
    together, counts = Barrier(2), []

    def work():
        together.wait()
        counts.append(services.remind_of_rounds(now=now))
        connection.close()

    threads = [Thread(target=work) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(counts) == 1
    assert reminded(admin) == ["day"]
    assert asked.answers.get().reminded_at == now


def test_rounds_are_the_officers_and_their_deadlines_are_to_come(browse, officer, admin, centre):
    with pytest.raises(NotAllowed):
        opened_by(admin)
    with pytest.raises(WrongInput):
        opened_by(officer, days=0)
    assert browse(admin).get("/rounds/").status_code == 403
    assert browse(officer).post("/rounds/", {"title_zh": "x", "due_on": "2020-01-01"}).status_code == 400


@pytest.mark.parametrize(("days", "said"), [(None, "尚未核对"), (3, "核对于 2026-11-21"), (400, "13 个月未核对")])
def test_an_instruments_page_says_how_fresh_its_record_is(browse, records, days, said):
    sem, _item = records
    with time_machine.travel(OPENED, tick=False):
        sem.confirmed_at = timezone.now() - timedelta(days=days) if days else None
        sem.save(update_fields=["confirmed_at"])

        assert said in browse().get("/instruments/sem/").content.decode()
