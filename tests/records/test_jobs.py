"""Long work: taken up once, followed, found again, taken over from a worker that was killed."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from common.errors import WrongInput
from records.models import Job
from records.querysets import JobQuerySet
from records.services import forget_old_jobs, jobs, progress_of, queue_job, run_due_jobs
from records.services.jobs import file_of

pytestmark = pytest.mark.django_db


def test_a_job_is_done_once_and_its_owner_finds_it_again(call, researcher, labmate):
    job = queue_job("count", owner=researcher, given={"to": 3}, file=b"1,2,3")
    seen = []

    def count(job, progress):
        seen.append(file_of(job))
        progress.of(1, 2)
        job.refresh_from_db()
        seen.append(progress_of(job))
        return {"counted": job.given["to"]}

    assert run_due_jobs({"other": count}) == 0
    assert run_due_jobs({"count": count}) == 1
    assert run_due_jobs({"count": count}) == 0
    assert seen == [b"1,2,3", 50]
    found = call(researcher).get(f"/api/v1/jobs/{job.pk}/").json()
    assert (found["state"], found["progress"], found["counts"]) == ("done", 100, {"counted": 3})
    assert call(labmate).get(f"/api/v1/jobs/{job.pk}/").status_code == 404
    assert call(labmate).get("/api/v1/jobs/").json()["results"] == []


def test_a_job_that_fails_says_why(researcher):
    def refuse(_job, _progress):
        raise WrongInput("file", "wrong", "No such column.")

    def break_down(_job, _progress):
        raise ZeroDivisionError

    queue_job("refuse", owner=researcher, given={})
    queue_job("break", owner=researcher, given={})
    run_due_jobs({"refuse": refuse, "break": break_down})

    assert set(Job.objects.values_list("state", flat=True)) == {"failed"}
    assert Job.objects.get(kind="refuse").error == "No such column."
    assert "ZeroDivisionError" in Job.objects.get(kind="break").error


def test_a_killed_workers_job_is_taken_over_and_given_up_after_three_tries(researcher):
    queue_job("long", owner=researcher, given={})

    def killed(_job, _progress):
        raise KeyboardInterrupt

    for _try in range(3):
        with pytest.raises(KeyboardInterrupt):
            run_due_jobs({"long": killed})
        assert run_due_jobs({"long": killed}) == 0  # its lease has not run out
        Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    assert run_due_jobs({"long": killed}) == 1
    job = Job.objects.get()
    assert (job.state, job.attempts) == ("failed", 4)


def test_old_jobs_are_forgotten_with_their_files(researcher):
    job = queue_job("x", owner=researcher, given={}, file=b"x")
    run_due_jobs({"x": lambda _job, _progress: {}})
    path = jobs._path(job)
    assert (forget_old_jobs(), path.exists()) == (0, True)

    Job.objects.update(finished_at=timezone.now() - timedelta(days=31))
    assert (forget_old_jobs(), path.exists()) == (1, False)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("skips", [True, False])
def test_four_workers_at_once_do_each_of_eight_jobs_once(researcher, monkeypatch, skips):
    if not skips:  # the negative control: without the lock two workers take the same job
        monkeypatch.setattr(JobQuerySet, "select_for_update", lambda self, **_how: self)
    save = Job.save
    monkeypatch.setattr(Job, "save", lambda self, **how: (time.sleep(0.02), save(self, **how)))
    for n in range(8):
        queue_job("slow", owner=researcher, given={"n": n})
    done: list[int] = []
    ready = threading.Barrier(4)

    def work():
        ready.wait()
        run_due_jobs({"slow": lambda job, _progress: done.append(job.given["n"]) or {}})
        connection.close()

    threads = [threading.Thread(target=work) for _n in range(4)]
    [each.start() for each in threads]
    [each.join() for each in threads]

    assert (sorted(done) == list(range(8))) == skips
