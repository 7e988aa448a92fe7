"""Runs in NEMO's environment: people, a project, tools and reservations; says by JSON who may ask for what."""

import json
import sys
from datetime import datetime, timedelta

import django

django.setup()

from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.db import connection  # noqa: E402
from NEMO.models import Account, Project, Reservation, Tool, User  # noqa: E402

HOUR = timedelta(hours=1)


def session_of(user):
    store = SessionStore()
    backend = "django.contrib.auth.backends.ModelBackend"
    store.update({"_auth_user_id": str(user.pk), "_auth_user_backend": backend})
    store.create()
    return store.session_key


def main(first, week, page):
    account = Account.objects.create(name="account")
    project = Project.objects.create(name="project", application_identifier="p1", account=account)
    people = []
    for n in range(30):
        person = User.objects.create(
            username=f"user{n}",
            first_name="User",
            last_name=str(n),
            email=f"user{n}@example.org",
            badge_number=n + 1,
            training_required=False,
        )
        person.projects.add(project)
        people.append(person)
    chief = User.objects.create(
        username="chief", first_name="Chief", last_name="C", email="chief@example.org", badge_number=99,
        is_superuser=True, is_staff=True,
    )  # fmt: skip
    tools = [
        Tool.objects.create(
            name=name, visible=True, _category="microscopy", _location="room 1", _phone_number="1",
            _primary_owner=chief, _reservation_horizon=400,
        )
        for name in ("booked", "week", "page")
    ]  # fmt: skip
    for person in people:
        person.qualifications.set(tools)
    for tool, count, step in ((tools[1], week, HOUR * 1.5), (tools[2], page, HOUR)):
        for n in range(count):
            start = first + n * step
            Reservation.objects.create(
                user=people[n % 30], creator=people[n % 30], tool=tool, project=project, start=start,
                end=start + HOUR, short_notice=False,
            )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as for the portal's own tables
    sessions = {"member": session_of(people[0]), "chief": session_of(chief)}
    print(json.dumps({**sessions, "tools": {tool.name: tool.pk for tool in tools}}))  # noqa: T201


main(datetime.fromisoformat(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
