"""Draws the pictures of the help pages, and those of the README, from a demo portal that runs.

Playwright is a package of requirements/dev. It is imported on top like everything else, and its absence is kept for
the sentence that says what is missing: Django reads this module only when somebody runs the command.
"""

from __future__ import annotations

import io
import os
import shutil
from argparse import ArgumentParser
from datetime import timedelta
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple
from urllib.error import URLError
from urllib.request import urlopen

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from PIL import Image

from accounts.models import Organisation, User
from bookings.models import Booking
from bookings.states import State
from instruments.models import CollectionRound
from pages.demo import PASSWORD
from pages.templatetags.pictures import place_of
from records.models import DEMO, Mark

try:
    from playwright.sync_api import Browser, Page, sync_playwright
except ImportError:
    sync_playwright = None  # type: ignore[assignment]

WIDTH, WINDOW, BELOW, COLOURS = 1200, 1400, 24, 128
LANGUAGES = {"zh-hans": "", "en": "/en"}
# How a date field looks is the browser's affair and not in the page's language: pictures show the value itself.
PLAIN_DATES = "document.querySelectorAll('[type=date], [type=time]').forEach(each => { each.type = 'text' })"
IN_README, README_LIMIT = ["home", "week", "inbox"], 120_000  # bytes
README_PICTURES = Path(settings.BASE_DIR) / "docs" / "pictures"


class Shot(NamedTuple):
    """One picture: the account that sees the page (none: a visitor), what is cropped to and how high it may be."""

    name: str
    who: str
    path: str
    of: str = "main"
    height: int = 760


LAB, SEM = "/lab/dut-analysis", "/instruments/dut-fe-sem/"
SHOTS = [
    Shot("home", "", "/", "body", 860),
    Shot("find", "", "/find/?q=SEM&day={day}&minutes=120&start=08:00&end=20:00"),
    Shot("tests", "", "/instruments/?show=items"),
    Shot("item", "", "/items/dut-analysis-fe-sem/"),
    Shot("programmes", "", "/youth/"),
    Shot("week", "researcher", SEM, "body", 1020),
    Shot("book", "researcher", f"{SEM}book/?start={{day}}T10:00", height=900),
    Shot("my-bookings", "researcher", "/bookings/"),
    Shot("booking", "researcher", "/bookings/{booking}/", height=900),
    Shot("tokens", "researcher", "/account/", "section.wide"),
    Shot("inbox", "manager", "/inbox/", "body", 1040),
    Shot("day-plan", "manager", f"{LAB}/today/?day={{busy}}"),
    Shot("hours", "manager", f"{LAB}/hours/"),
    Shot("rules", "manager", f"{LAB}/rules/", height=900),
    Shot("people", "manager", f"{LAB}/people/"),
    Shot("figures", "manager", f"{LAB}/charts/"),
    Shot("laboratories", "operator", "/lab/"),
    Shot("logbook", "operator", f"{SEM}logbook/"),
    Shot("records", "institution", "/registry/"),
    Shot("import", "institution", "/organisations/{organisation}/import/"),
    Shot("round", "institution", "/rounds/{round}/{organisation}/"),
    Shot("children", "guardian", "/youth/mine/"),
    Shot("desk", "coordinator", "/youth/desk/"),
]


class Command(BaseCommand):
    help = "Draws the pictures of the help pages from a demo portal that runs; --readme draws those of the README too."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--address", default=settings.SITE_URL, help="where the portal runs (default: SITE_URL)")
        parser.add_argument("--readme", action="store_true", help="write docs/pictures as well")

    def handle(self, *args: Any, **options: Any) -> None:
        address = options["address"].rstrip("/")
        browser = _what_is_needed(address)
        found = _what_is_there()
        with sync_playwright() as drives:
            chromium = drives.chromium.launch(executable_path=browser, args=["--no-sandbox"])
            for who, shots in groupby(SHOTS, key=lambda each: each.who):
                self.stdout.write(f"{who or 'visitor'} …")
                _draw(chromium, address, who, list(shots), found)
        if options["readme"]:
            _into_readme()


def _what_is_needed(address: str) -> str:
    """The browser, once it is sure that a demo portal answers. Raises CommandError with what is missing."""
    if not Mark.objects.filter(name=DEMO).exists():
        raise CommandError("This database is not marked as a demo: pictures are drawn of the demo city only.")
    if sync_playwright is None:
        raise CommandError("Playwright is missing: ./portal check installs the packages of requirements/dev.")
    browser = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not browser:
        raise CommandError("No Chromium was found: apt-get install chromium, or name one in CHROMIUM.")
    if not address.startswith(("http://", "https://")):
        raise CommandError(f"{address} is no address: it begins with http:// or https://.")
    try:
        urlopen(f"{address}/demo/mail/", timeout=10).close()  # noqa: S310 (begins with http; a demo alone has this page)
    except (URLError, OSError) as error:
        raise CommandError(f"No demo portal answers at {address} ({error}): ./portal up, or --address.") from error
    return browser


def _what_is_there() -> dict[str, Any]:
    """What the addresses need to know of the demo city; asked before the browser, beside which no query may run."""
    today = timezone.localdate()
    researcher = User.objects.get(email="researcher@demo.example")
    institution = User.objects.get(email="institution@demo.example")
    coming = Booking.objects.filter(user=researcher, state=State.CONFIRMED, starts_at__gt=timezone.now())
    booking, asked = coming.order_by("starts_at").first(), CollectionRound.objects.open().first()
    if booking is None or asked is None:
        raise CommandError("The demo city has grown old, and nothing is ahead of it: ./portal demo --reset.")
    return {
        "languages": dict(User.objects.filter(email__endswith="@demo.example").values_list("email", "language")),
        "busy": today + timedelta(days=1 if today.weekday() < 4 else 7 - today.weekday()),
        "day": today + timedelta(days=7 - today.weekday()),
        "booking": booking.pk,
        "organisation": Organisation.objects.administered_by(institution).get().pk,
        "round": asked.pk,
    }


def _draw(chromium: Browser, address: str, who: str, shots: list[Shot], found: dict[str, Any]) -> None:
    """The pictures that one account sees; its own language comes last, and so stays what it was."""
    context = chromium.new_context(viewport={"width": WIDTH, "height": WINDOW}, locale="zh-CN", reduced_motion="reduce")
    page, email = context.new_page(), f"{who}@demo.example"
    if who:
        _sign_in(page, address, email)
    for language in sorted(LANGUAGES, key=lambda each: each == found["languages"].get(email)):
        for shot in shots:
            path = LANGUAGES[language] + shot.path.format(**found)
            answer = page.goto(address + path, wait_until="networkidle")
            if answer is None or not answer.ok:
                raise CommandError(f"{path} does not answer {who or 'a visitor'} as the demo does.")
            _speak(page, language)
            _keep(_cropped(page, shot), place_of(shot.name, language))
    context.close()


def _speak(page: Page, language: str) -> None:
    """Press the button of the language where the page came in the account's own one."""
    if (button := page.locator(f".who button[value={language}]")).count():
        button.click()
        page.wait_for_load_state("networkidle")


def _sign_in(page: Page, address: str, email: str) -> None:
    page.goto(f"{address}/accounts/login/")
    page.locator("main [name=login]").fill(email)
    page.locator("main [name=password]").fill(PASSWORD)
    page.locator("main form button").first.click()
    page.wait_for_load_state("networkidle")
    if "/accounts/login/" in page.url:
        raise CommandError(f"{email} cannot sign in at {address} with the demo's password.")


def _cropped(page: Page, shot: Shot) -> bytes:
    """The page from the top of what matters, over its whole width."""
    page.evaluate(PLAIN_DATES)
    nothing = {"y": 0, "height": 0}
    box = page.locator(shot.of).first.bounding_box() or nothing
    last = page.locator(f"{shot.of} > :last-child").first.bounding_box() or box
    height = min(last["y"] + last["height"] + BELOW - box["y"], shot.height)
    clip = {"x": 0, "y": box["y"], "width": WIDTH, "height": height}
    return page.screenshot(full_page=True, clip=clip, animations="disabled")  # type: ignore[arg-type]


def _keep(drawn: bytes, place: Path) -> None:
    """In few colours, which is a quarter of the bytes; put in its place at once, since somebody may be reading it."""
    place.parent.mkdir(parents=True, exist_ok=True)
    arriving = place.with_suffix(".part")
    with Image.open(io.BytesIO(drawn)) as picture:
        few = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(arriving, format="PNG", optimize=True)
    arriving.replace(place)


def _into_readme() -> None:
    README_PICTURES.mkdir(parents=True, exist_ok=True)
    for name in IN_README:
        drawn = place_of(name, "en")
        if drawn.stat().st_size > README_LIMIT:
            raise CommandError(f"{drawn} has more than {README_LIMIT} bytes: crop it more.")
        shutil.copyfile(drawn, README_PICTURES / drawn.name)
