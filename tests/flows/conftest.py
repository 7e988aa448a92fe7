"""A real browser, the portal as it is served, and a real worker with beat."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage

from tests.contention import environment_of_tests, served

# Playwright's synchronous API keeps an event loop in this thread; the tests' own queries are not asynchronous.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session")
def browser_type_launch_args():
    chromium = os.environ.get("CHROMIUM")
    assert chromium, "No Chromium was found: apt-get install chromium"
    connections.close_all()  # before Playwright's event loop begins: within it there are connections of its own
    return {"executable_path": chromium, "args": ["--no-sandbox", "--disable-background-networking"]}


@pytest.fixture(scope="session")
def browser(browser) -> Iterator[Browser]:
    """The browser; the tests that come after it leave no connection behind in its event loop."""
    yield browser
    connections.close_all()


@pytest.fixture(scope="session")
def folder(tmp_path_factory) -> Path:
    """Where the portal of these tests keeps its files."""
    return tmp_path_factory.mktemp("portal")


@pytest.fixture(scope="session")
def portal_of_all(folder, django_db_setup) -> Iterator[str]:
    """Gunicorn reads two thousand modules: once for all of these tests. What one of them leaves in the tables, the
    next one does not find; each has a folder without mails.
    """
    with served(DATA_DIR=str(folder)) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def portal(portal_of_all, folder, settings) -> str:
    """The address of the portal under gunicorn, on the tests' database."""
    settings.DATA_DIR = folder
    shutil.rmtree(folder / "mail", ignore_errors=True)
    return portal_of_all


@pytest.fixture(autouse=True)
def heard_of_all(request, monkeypatch) -> Iterator[list[str]]:
    """In whatever a flow opens, no script breaks and nothing is against the Content Security Policy.

    That an answer was 4xx is told by the console too, and is often what a flow is about.
    """
    if not request.node.get_closest_marker("browser"):
        yield []
        return
    browser, complaints = request.getfixturevalue("browser"), list[str]()
    usual = browser.new_context

    def heard(said: ConsoleMessage) -> None:
        against = "Content Security Policy" in said.text
        if against or (said.type == "error" and not said.text.startswith("Failed to load resource")):
            complaints.append(said.text)

    def listened_to(**more: Any) -> BrowserContext:
        context = usual(**more)
        context.on("console", heard)
        context.on("weberror", lambda broken: complaints.append(str(broken.error)))
        return context

    monkeypatch.setattr(browser, "new_context", listened_to)
    yield complaints
    assert complaints == []


@pytest.fixture
def worker(portal, folder, tmp_path) -> Iterator[Path]:
    """Celery with beat on the real broker; the file of its log."""
    options = ["-B", "-P", "threads", "-c", "2", "--schedule", str(tmp_path / "beat"), "-l", "warning"]
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", *options]
    environment = environment_of_tests(DATA_DIR=str(folder), EMAIL_URL="")
    said = tmp_path / "worker.log"
    with said.open("ab") as out:
        process = subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR, stderr=out)
    yield said
    process.terminate()
    process.wait(timeout=30)
    print(said.read_text())  # noqa: T201  (pytest shows it where the test has failed)


@pytest.fixture
def delivered(folder) -> Callable[..., EmailMessage]:
    """Waits until a mail to `address` with `words` in it lies in the mailbox, and returns it."""

    def wait_for(address: str, words: str, seconds: float = 30) -> EmailMessage:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for message in _messages(folder / "mail"):
                if message["To"] == address and words in message.get_content() + str(message["Subject"]):
                    return message
            time.sleep(0.2)
        raise AssertionError(f"no mail to {address} with “{words}” within {seconds} s")

    return wait_for


def _messages(mailbox: Path) -> Iterator[EmailMessage]:
    for file in sorted(mailbox.glob("*.log")) if mailbox.exists() else []:
        parts = file.read_bytes().split(b"\n" + b"-" * 79 + b"\n")
        yield from (message_from_bytes(part, policy=policy.default) for part in parts if part.strip())
