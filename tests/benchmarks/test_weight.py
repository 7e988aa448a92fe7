"""What a page weighs and how soon it is seen: Lighthouse's mobile throttling on the portal as it is served."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tests.contention import served
from tests.factories import booked, instrument
from tests.proofs.conftest import show  # noqa: F401 (the fixture)

PLACE = Path(__file__).with_name("lighthouse")
FLAGS = "--headless --no-sandbox --disable-gpu --disable-background-networking --disable-sync"
# Lighthouse 12 runs on Node.js 18 and newer; 13 wants 22, which Debian 12 does not have.
LIGHTHOUSE = PLACE / "node_modules" / "lighthouse" / "cli" / "index.js"


@pytest.fixture(scope="module")
def lighthouse():
    """Looks at one address as a phone on a slow line does, and returns the report."""
    node = shutil.which("node")
    if not node:
        pytest.fail("Lighthouse needs Node.js 18 or newer")
    if not LIGHTHOUSE.exists():
        subprocess.run(["npm", "ci", "--ignore-scripts"], cwd=PLACE, check=True, capture_output=True)

    def look(address: str, cookie: str = "") -> dict[str, Any]:
        headers = ["--extra-headers", json.dumps({"Cookie": cookie})] if cookie else []
        command = [node, str(LIGHTHOUSE), address, "--quiet", "--output=json", f"--chrome-flags={FLAGS}", *headers]
        environment = {**os.environ, "CHROME_PATH": os.environ["CHROMIUM"]}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=180)
        assert done.returncode == 0, done.stderr[-600:]
        return json.loads(done.stdout)

    return look


def own_scripts() -> int:
    """Bytes of all our own JavaScript, gzipped file by file."""
    files = Path(settings.BASE_DIR, "static", "js").glob("*.js")
    return sum(len(gzip.compress(file.read_bytes(), 9)) for file in files)


@pytest.mark.django_db(transaction=True)
def test_pages_are_light_and_soon_seen(lighthouse, centre, researcher, nine, show):  # noqa: F811
    for n in range(12):
        booked(instrument(centre, f"i{n}", needs_approval=False), at=nine, by=researcher, hours=2)
    client = Client()
    client.force_login(researcher)
    cookie = f"sessionid={client.cookies['sessionid'].value}"
    pages = [("/", ""), ("/instruments/", ""), ("/instruments/i3/", ""), ("/instruments/i3/book/", cookie)]
    rows, fits = [("our own JavaScript, gzipped", "≤ 50 kB", f"{own_scripts() / 1000:.1f} kB")], own_scripts() <= 50_000
    with served() as port:
        for path, who in pages:
            report = lighthouse(f"http://127.0.0.1:{port}{path}", who)
            seen = {name: report["audits"][name]["numericValue"] for name in WANTED}
            scores = {name: round(each["score"] * 100) for name, each in report["categories"].items()}
            rows += [
                (f"{path} transferred", "≤ 150 kB", f"{seen['total-byte-weight'] / 1000:.0f} kB"),
                (f"{path} LCP", "≤ 2.0 s", f"{seen['largest-contentful-paint'] / 1000:.2f} s"),
                (f"{path} CLS", "≤ 0.05", f"{seen['cumulative-layout-shift']:.3f}"),
                (f"{path} best practices, SEO", "≥ 95", f"{scores['best-practices']}, {scores['seo']}"),
            ]
            fits = fits and all(seen[name] <= most for name, most in WANTED.items())
            fits = fits and scores["best-practices"] >= 95 and (scores["seo"] >= 95 or bool(who))
    show("Weight and speed of pages, Lighthouse 12, mobile throttling", rows)
    assert fits, rows


WANTED = {"total-byte-weight": 150_000, "largest-contentful-paint": 2000, "cumulative-layout-shift": 0.05}
