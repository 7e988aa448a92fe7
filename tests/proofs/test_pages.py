"""The whole demo city as each role finds it by its links: no dead end, no fault of axe, nothing that CSP refuses."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator
from html import unescape
from os import environ
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import Resolver404, resolve
from playwright.sync_api import Browser

from accounts.models import User
from tests.flows.conftest import browser_type_launch_args  # noqa: F401 (the fixture)
from tests.looking import looking

# All of them take half an hour; JISHI_ROLES="visitor manager" takes five minutes.
ROLES = environ.get(
    "JISHI_ROLES",
    "visitor researcher pi manager operator institution sme newfirm officer auditor guardian coordinator",
).split()
OF_A_KIND = 2  # pages of one route that each role looks at
LINK = re.compile(r'href="([^"]+)"')
LEADS_AWAY = ("/api/", "/admin/", "/files/", "/static/", "/feeds/")


def pages_of(client: Client, start: str) -> Iterator[tuple[str, Any]]:
    """Every page that links lead to, from `start` on; a broken link is one too."""
    seen: Counter[str] = Counter()
    waiting, known = deque([start]), {start}
    while waiting:
        path = waiting.popleft()
        name = _name_of(path)
        if seen[name] >= OF_A_KIND:
            continue
        seen[name] += 1
        response = client.get(path, follow=True)
        yield path, response
        if not response.get("Content-Type", "").startswith("text/html"):
            continue
        for link in LINK.findall(response.content.decode()):
            parts = urlsplit(unescape(link))
            found = parts.path + (f"?{parts.query}" if parts.query else "")
            leads_on = not parts.netloc and parts.path.startswith("/") and not parts.path.startswith(LEADS_AWAY)
            if leads_on and found not in known:
                known.add(found)
                waiting.append(found)


def _name_of(path: str) -> str:
    try:
        return str(resolve(urlsplit(path).path).url_name)
    except Resolver404:
        return path


@pytest.mark.django_db
def test_every_role_walks_the_demo_city(browser: Browser, show):
    call_command("demo")
    faults, looked, kinds = [], 0, set()
    with looking(browser) as eyes:
        for language, start in (("zh-hans", "/"), ("en", "/en/")):
            User.objects.update(language=language)
            for role in ROLES:
                client = Client(raise_request_exception=False)
                if role != "visitor":
                    client.force_login(User.objects.get(email=f"{role}@demo.example"))
                print(f"{role}, {language}: {looked} pages, {len(faults)} faults so far", flush=True)  # noqa: T201
                for path, response in pages_of(client, start):
                    where = f"{role} {path}"
                    if response.status_code != 200:
                        faults.append(f"{where}: {response.status_code}")
                    elif response["Content-Type"].startswith("text/html"):
                        faults += [f"{where} {each}" for each in eyes.faults_of(urlsplit(path).path, response)]
                        looked += 1
                        kinds.add(_name_of(path))
    rows = [
        ("roles × languages", "12 × 2", f"{len(ROLES)} × 2"),
        ("pages looked at, each at 1440 and 390 px", "reported", looked),
        ("routes among them", "reported", len(kinds)),
        ("dead links, axe (WCAG 2.2 A, AA, best practice), overflow, console and CSP", 0, len(faults)),
    ]
    show("Every page of the demo city, by each role's links", rows)
    assert not faults, "\n".join(faults)
