"""A full disk: one clear sentence, nothing half-done, and all goes on when there is room again."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from accounts.models import User
from bookings.models import Booking
from common.disk import LITTLE, says_full
from common.sealed import has_key, make_key
from records.models import Job, StoredFile
from records.services import keep_picture, queue_job, run_due_jobs
from tests.common.hostile import picture, real_pdf
from tests.factories import fresh_key
from tests.small_disk import fill, small_disk

pytestmark = pytest.mark.django_db
ROOM = 20_000
CHILD = UUID(int=7)
FULL = """
    CREATE FUNCTION full_() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'no room' USING ERRCODE = '53100'; END $$;
    CREATE TRIGGER full_ BEFORE INSERT ON bookings_claim EXECUTE FUNCTION full_()
"""


@pytest.fixture
def disk(tmp_path, settings):
    """DATA_DIR on a disk of 3 MB."""
    with small_disk(tmp_path / "disk", megabytes=3) as folder:
        settings.DATA_DIR = folder
        yield folder


@pytest.fixture
def patient(browse):
    """A browser that sees the page of an error, as people do."""

    def browser(user=None, **more):
        client = browse(user)
        client.raise_request_exception = False
        return client

    return browser


def files_in(folder):
    return [each.name for each in folder.rglob("*") if each.is_file()]


@pytest.mark.parametrize(("language", "before"), [("en", "/en"), ("zh-hans", "")])
def test_an_upload_that_finds_no_room_is_told_so_and_leaves_nothing(patient, manager, sem, disk, language, before):
    document = {"do": "document", "title_zh": "操作手册", "readers": "lab"}
    User.objects.filter(pk=manager.pk).update(language=language)
    page, ballast = patient(manager), fill(disk)
    sent = {**document, "file": SimpleUploadedFile("操作手册.pdf", real_pdf(), "application/pdf")}

    said = page.post(f"{before}/instruments/sem/files/", sent)

    sentence = {"en": "There is no room left", "zh-hans": "磁盘"}[language]
    assert (said.status_code, said["Retry-After"], sentence in said.content.decode()) == (503, "60", True)
    assert (StoredFile.objects.count(), files_in(disk)) == (0, ["ballast"])
    ballast.unlink()
    sent["file"].seek(0)
    assert page.post(f"{before}/instruments/sem/files/", sent).status_code == 302
    assert len(files_in(disk)) == StoredFile.objects.count() == 1


def test_where_the_small_picture_finds_room_and_the_large_one_does_not_neither_stays(manager, disk):
    kept = keep_picture(picture(size=(1800, 1200)), by=manager, name="a.jpg")
    ballast = fill(disk, leaving=ROOM)
    before = files_in(disk)
    assert kept.small.size < ROOM - 8192 < ROOM < kept.size

    with pytest.raises(OSError, match="No space left"):
        keep_picture(picture(size=(1800, 1200)), by=manager, name="b.jpg")

    assert sorted(files_in(disk)) == sorted(before)
    ballast.unlink()


def test_a_child_s_key_is_whole_or_not_there(disk):
    make_key(UUID(int=CHILD.int + 256))  # the folder is there; only the file finds no room
    ballast = fill(disk)
    before = files_in(disk)

    with pytest.raises(OSError, match="No space left"):
        make_key(CHILD)

    assert (has_key(CHILD), files_in(disk)) == (False, before)
    ballast.unlink()
    make_key(CHILD)
    assert has_key(CHILD)


def test_long_work_waits_for_room_without_using_up_its_tries(researcher, disk):
    def write(job, _progress):
        (disk / "made").write_bytes(bytes(10_000))
        return {"made": 1}

    job = queue_job("write", owner=researcher, given={})
    ballast = fill(disk)
    for _again in range(5):
        run_due_jobs({"write": write})
        Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    ballast.unlink()
    run_due_jobs({"write": write})

    job.refresh_from_db()
    assert (job.state, job.attempts, job.outcome) == ("done", 1, {"made": 1})


def test_work_that_cannot_be_handed_in_leaves_neither_row_nor_file(researcher, disk):
    fill(disk)

    with pytest.raises(OSError, match="No space left") as raised:
        queue_job("read", owner=researcher, given={}, file=bytes(10_000))

    assert says_full(raised.value)
    assert (Job.objects.count(), files_in(disk)) == (0, ["ballast"])


def test_a_database_without_room_is_a_problem_of_its_own_and_the_same_key_books_later(
    call, patient, researcher, xrd, nine
):
    api, page = call(researcher), patient(researcher)
    api.raise_request_exception = False
    wish = {"instrument": "xrd", "start": nine.isoformat(), "end": (nine + timedelta(hours=1)).isoformat()}
    with connection.cursor() as cursor:
        cursor.execute(FULL)

    told = api.post("/api/v1/bookings/", wish, key="the-same-key")
    times = {"day": f"{nine:%Y-%m-%d}", "start": f"{nine:%H:%M}", "end": f"{nine + timedelta(hours=1):%H:%M}"}
    seen = page.post("/instruments/xrd/book/", {**times, "purpose": "research", "key": fresh_key()})

    assert (told.status_code, told["Content-Type"]) == (503, "application/problem+json")
    assert told.json()["code"] == "disk_full"
    assert (seen.status_code, "磁盘" in seen.content.decode()) == (503, True)
    assert not Booking.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER full_ ON bookings_claim")
    assert api.post("/api/v1/bookings/", wish, key="the-same-key").status_code == 201


def test_whoever_asks_whether_the_portal_is_well_hears_of_it(browse, disk):
    assert LITTLE > 3_000_000
    answer = browse().get("/health/ready")
    assert (answer.status_code, answer.json()["status"], answer.json()["disk"]) == (200, "degraded", "full")
