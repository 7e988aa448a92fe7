"""Somebody asks for all that is held about them, and nobody else gets it."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.utils import timezone

from notifications.models import Mail
from privacy.tasks import forget_old_exports, run_jobs
from records.models import Access, Job
from tests import factories
from tests.outreach import situations

pytestmark = pytest.mark.django_db
PAGE = "/account/data/"


def asked_for(browser, person):
    assert browser.post(PAGE, {"do": "export"}).status_code == 302
    run_jobs()
    return Job.objects.get(owner=person, kind="privacy-export")


def opened(answer):
    return zipfile.ZipFile(io.BytesIO(answer.content))


def test_a_copy_holds_the_bookings_in_three_forms_and_no_secret(browse, researcher, labmate, sem, nine):
    booking = factories.booked(sem, at=nine, by=researcher, title="断口 =1+1")
    factories.booked(sem, at=nine + timedelta(hours=3), by=labmate, title="不是我的")
    factories.token_for(researcher)
    browser = browse(researcher)

    job = asked_for(browser, researcher)
    archive = opened(browser.get(f"{PAGE}{job.pk}/"))

    data = json.loads(archive.read("data.json"))
    assert [each["id"] for each in data["bookings_booking"]] == [str(booking.pk)]
    assert data["accounts_apitoken"][0]["name"] == "test"
    everything = b"".join(archive.read(name) for name in archive.namelist()).decode()
    assert "断口" in archive.read("tables/bookings_booking.csv").decode("utf-8-sig")
    assert "断口" in archive.read("index.html").decode()
    assert researcher.email in everything
    for hidden in ("不是我的", labmate.email, str(labmate.pk), researcher.password, "digest"):
        assert hidden not in everything


def test_a_guardian_gets_what_is_sealed_of_their_child(browse, session, guardian):
    situations.enrolled(session, guardian)

    job = asked_for(browse(guardian), guardian)
    data = json.loads(opened(browse(guardian).get(f"{PAGE}{job.pk}/")).read("data.json"))

    (child,) = data["children"]
    assert (child["name"], child["contacts"][0]) == (situations.NAME, "外婆金丝雀 13900001111")
    lying_there = [path for path in Path(settings.DATA_DIR).rglob("*") if path.is_file()]
    assert not [path for path in lying_there if situations.NAME.encode() in path.read_bytes()]


def test_the_link_is_told_and_only_theirs_for_seven_days_and_each_access_is_written_down(
    browse, researcher, labmate, manager
):
    job = asked_for(browse(researcher), researcher)
    path = f"{PAGE}{job.pk}/"

    assert Mail.objects.get(event="export_ready").body.count(PAGE) == 1
    assert [browse(each).get(path).status_code for each in (labmate, manager)] == [404, 404]
    assert browse().get(path).status_code == 302
    assert not Access.objects.exists()
    assert browse(researcher).get(path).status_code == 200
    access = Access.objects.get()
    assert (access.by, access.kind, access.subject_id) == (researcher, "export", str(researcher.pk))
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)):
        assert browse(researcher).get(path).status_code == 404
        forget_old_exports()
    assert not list(Path(settings.DATA_DIR, "exports").iterdir())


def test_one_copy_at_a_time(browse, researcher):
    browser = browse(researcher)
    assert [browser.post(PAGE, {"do": "export"}).status_code for _n in range(2)] == [302, 400]


def test_what_others_know_of_a_person_in_office_is_not_given(browse, manager, researcher, sem, nine):
    factories.booked(sem, at=nine, by=researcher, decided_by=manager, title="别人的预约")

    job = asked_for(browse(manager), manager)

    assert "别人的预约" not in opened(browse(manager).get(f"{PAGE}{job.pk}/")).read("data.json").decode()
