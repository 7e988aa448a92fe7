"""The permission matrix: every route × method × actor, as docs/permissions.csv says.

`./portal manage` has nothing to write it: a new route is a decision, entered by hand. To see what the code answers
now, run this test with JISHI_PERMISSIONS=print.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from rest_framework.test import APIClient

from accounts.models import Organisation, ResearchGroup
from accounts.services import make_service_account, make_token
from accounts.states import OrganisationKind, Role
from bookings.states import State
from instruments.services import entrust
from instruments.states import FacilityDuty
from notifications.models import Mail
from records.models import DEMO, Mark
from tests import factories

MATRIX = Path(__file__).parents[1] / "docs" / "permissions.csv"
OF_PAGES, OF_THE_API = ["GET", "POST"], ["GET", "POST", "PUT", "PATCH", "DELETE"]
SLOW_AND_PUBLIC = {"api_schema"}  # takes half a second to make, the same for everybody: two are asked for all
ACTORS = [
    "visitor", "individual", "unconfirmed", "researcher", "labmate", "pi", "operator", "manager", "elsewhere",
    "institution", "finance", "coordinator", "mentor", "officer", "auditor", "broker", "firm", "guardian", "service",
    "staff",
]  # fmt: skip
# Django's admin has a hundred routes of one kind: these stand for them.
OF_THE_ADMIN = ["admin:index", "admin:notifications_mail_changelist", "admin:notifications_mail_add"]
LOGIN = "login"


@pytest.fixture
def world(university, centre, sem, nine) -> dict[str, Any]:
    """The cast, and one of each thing: all belong to `researcher` or to the centre."""
    people: dict[str, Any] = {name: factories.member(name, university) for name in ("researcher", "labmate", "pi")}
    people |= {name: factories.person(name) for name in ("individual", "guardian")}
    people["unconfirmed"] = factories.person("unconfirmed")
    claim = people["unconfirmed"].memberships.create(organisation=university)
    people["manager"] = factories.lab_admin("manager", centre)
    people["operator"] = factories.member("operator", university)
    entrust(centre, to=people["operator"], duty=FacilityDuty.OPERATOR)
    west = factories.university(name_zh="西海大学")
    people["elsewhere"] = factories.lab_admin("elsewhere", factories.laboratory(west, "west"))
    roles = {"institution": Role.ADMIN, "finance": Role.FINANCE, "coordinator": Role.COORDINATOR, "mentor": Role.MENTOR}
    people |= {name: factories.member(name, university, role) for name, role in roles.items()}
    city = Organisation.objects.create(kind=OrganisationKind.GOVERNMENT, name_zh="科学城办公室")
    people |= {name: factories.member(name, city, name) for name in ("officer", "auditor")}
    transfer = Organisation.objects.create(kind=OrganisationKind.SERVICE_PROVIDER, name_zh="转移中心")
    people["broker"] = factories.member("broker", transfer, Role.BROKER)
    company = Organisation.objects.create(kind=OrganisationKind.COMPANY, name_zh="示例公司")
    people["firm"] = factories.member("firm", company, Role.ADMIN)
    program = make_service_account(university, by=people["institution"], name="lims", email="lims@example.org")
    entrust(centre, to=program, duty=FacilityDuty.OPERATOR)
    people["service"] = program
    people["staff"] = factories.person("staff", is_staff=True)
    group = ResearchGroup.objects.create(organisation=university, pi=people["pi"], name_zh="课题组")
    for name in ("researcher", "labmate"):
        group.admissions.create(person=people[name])
    Mark.objects.create(name=DEMO)
    booking = factories.booked(sem, at=nine, by=people["researcher"], state=State.REQUESTED)
    token, _text = make_token(people["researcher"], by=people["researcher"], name="mine", scopes=["read"])
    mail = Mail.objects.create(address="a@example.org", event="x", subject="x", body="x")
    values = {
        "slug": sem.slug, "booking_id": booking.pk, "token_id": token.pk, "membership_id": claim.pk,
        "organisation_id": university.pk, "user_id": people["labmate"].pk, "group_id": group.pk, "mail_id": mail.pk,
        "service": program.pk, "key": "x", "uidb36": "1",
    }  # fmt: skip
    later = nine.replace(hour=15)
    bodies = {
        "api_bookings": {"instrument": sem.slug, "start": later.isoformat(), "end": later.replace(hour=16).isoformat()},
        "api_decline": {"reason": "full"},
        "api_cancel": {"reason": "broken"},
        "api_tokens": {"name": "new", "scopes": ["read"]},
        "decline": {"reason": "full"},
        "cancel": {"reason": "broken"},
        "new_booking": {
            "day": f"{later:%Y-%m-%d}",
            "start": "15:00",
            "end": "16:00",
            "purpose": "research",
            "key": "k",
        },
        "profile": {"name": "New", "language": "zh-hans"},
        "claim": {"organisation": west.pk},
        "register_firm": {"name_zh": "新公司", "uscc": "91210299DEM000030J"},
        "make_token": {"name": "t", "scopes": ["read"], "days": 9},
        "make_service_token": {"name": "t", "scopes": ["read"], "days": 9},
        "make_service_account": {"name": "p", "email": "p@example.org"},
        "admit": {"email": "finance@example.org"},
        "choose_language": {"language": "en"},
    }
    sessions = {name: session_of(user) for name, user in people.items()}
    return {"people": people, "sessions": sessions, "values": values, "bodies": bodies}


def session_of(user: Any) -> str:
    """The key of a session in which somebody is signed in."""
    client = APIClient()
    client.force_login(user)
    return str(client.cookies[settings.SESSION_COOKIE_NAME].value)


def routes(patterns: Any = None, before: str = "") -> Iterator[tuple[str, set[str]]]:
    """The name of every route, with the names of its arguments."""
    for each in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(each, URLResolver):
            if each.namespace == "admin":
                yield from ((name, set()) for name in OF_THE_ADMIN)
            else:
                yield from routes(each.url_patterns, before)
        elif isinstance(each, URLPattern):
            assert each.name, f"a route without a name: {each.pattern}"
            yield each.name, set(each.pattern.regex.groupindex)


def answer(world: dict[str, Any], name: str, arguments: set[str], method: str, actor: str) -> str:
    """What the actor gets, in one word; whatever it changed is undone."""
    values = {argument: world["values"][argument] for argument in arguments}
    if name == "make_service_token":
        values["user_id"] = world["values"]["service"]
    client = APIClient()
    if actor != "visitor":
        client.cookies[settings.SESSION_COOKIE_NAME] = world["sessions"][actor]
    path, body = reverse(name, kwargs=values), world["bodies"].get(name, {})
    if name == "api_availability":
        path += "?from=2027-01-01T00:00:00Z&to=2027-01-02T00:00:00Z"
    sent: dict[str, Any] = {"data": body, "headers": {"Idempotency-Key": factories.fresh_key()}}
    sent["format"] = "json" if name.startswith("api_") else "multipart"
    with transaction.atomic():
        response = client.get(path) if method == "GET" else getattr(client, method.lower())(path, **sent)
        transaction.set_rollback(True)
    to_login = response.status_code == 302 and "/login/" in response["Location"]
    return LOGIN if to_login else str(response.status_code)


def test_every_route_answers_every_actor_as_the_matrix_says(world, monkeypatch):
    monkeypatch.setattr(settings, "EMAIL_URL", "")
    monkeypatch.setattr(settings, "ACCOUNT_RATE_LIMITS", False)
    said = {(row["route"], row["method"]): row for row in csv.DictReader(MATRIX.open())} if MATRIX.exists() else {}
    found: dict[tuple[str, str], dict[str, str]] = {}
    for name, arguments in sorted({(name, frozenset(arguments)) for name, arguments in routes()}):
        for method in OF_THE_API if name.startswith("api_") else OF_PAGES:
            first = answer(world, name, arguments, method, "manager")
            if first != "405" and name in SLOW_AND_PUBLIC:
                found[name, method] = dict.fromkeys(ACTORS, first)
                found[name, method]["visitor"] = answer(world, name, arguments, method, "visitor")
            elif first != "405":
                found[name, method] = {actor: answer(world, name, arguments, method, actor) for actor in ACTORS}
    if os.environ.get("JISHI_PERMISSIONS") == "print":
        lines = [",".join(["route", "method", *ACTORS])]
        lines += [",".join([*route, *cells.values()]) for route, cells in found.items()]
        pytest.fail("\n".join(lines))
    differing = [
        f"{method} {name}: {actor} gets {got}, the matrix says {said.get((name, method), {}).get(actor, 'nothing')}"
        for (name, method), cells in found.items()
        for actor, got in cells.items()
        if said.get((name, method), {}).get(actor) != got
    ]
    gone = [f"{method} {name} is in the matrix and is no route" for name, method in said if (name, method) not in found]
    assert not differing + gone, "\n".join(differing + gone)
