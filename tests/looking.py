"""A real browser that this very process answers: what it is shown is rendered inside the test's transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from mimetypes import guess_type
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from playwright.sync_api import Browser, Page, Route

ORIGIN = "http://testserver"
WIDTHS = (1440, 390)
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
KEPT_HEADERS = ("Content-Type", "Content-Security-Policy")
AXE = """async (tags) => {
  const found = await axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']});
  return found.violations.map(each => `${each.id}: ${each.nodes.map(node => node.target).slice(0, 3).join(' | ')}`);
}"""


class Looking:
    """Shows responses in a browser, and says what is wrong with them."""

    def __init__(self, page: Page) -> None:
        self.page, self.complaints = page, list[str]()
        self.answers: dict[str, Any] = {}
        self.axe = Path(settings.BASE_DIR, "static", "vendor", "axe.min.js").read_text()
        page.route("**/*", self._answer)
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def faults_of(self, path: str, response: Any, *, axe_at: Sequence[int] = WIDTHS) -> list[str]:
        """What is too wide at either width, what axe finds, what the console complains of (CSP among it)."""
        self.answers, self.complaints[:] = {path: response}, []
        self.page.set_viewport_size({"width": WIDTHS[0], "height": 900})
        self.page.goto(ORIGIN + path)
        self.page.evaluate(self.axe)
        faults = []
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 900})
            wide = self.page.evaluate("document.documentElement.scrollWidth")
            faults += [f"at {width}: {wide} px wide"] if wide > width else []
            if width in axe_at:
                faults += [f"at {width}: {each}" for each in self.page.evaluate(AXE, TAGS)]
        return [*faults, *self.complaints]

    def _answer(self, route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path in self.answers:
            response = self.answers[path]
            headers = {name: response[name] for name in KEPT_HEADERS if name in response}
            route.fulfill(status=response.status_code, headers=headers, body=response.content)
        elif path.startswith("/static/") and (found := finders.find(path.removeprefix("/static/"))):
            kind = guess_type(path)[0] or "application/octet-stream"
            route.fulfill(status=200, content_type=kind, body=Path(found).read_bytes())
        else:
            route.fulfill(status=204)


@contextmanager
def looking(browser: Browser) -> Iterator[Looking]:
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
    yield Looking(context.new_page())
    context.close()
