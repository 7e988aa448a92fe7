"""A real browser that this very process answers: what it is shown is rendered inside the test's transaction.

A thread hands out the page and the static files, and no query is made there. Playwright's own way to answer for a
server takes away the browser's cache: each page would fetch and compile each script again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from mimetypes import guess_type
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from django.contrib.staticfiles import finders
from playwright.sync_api import Browser, Page

WIDTHS = (1440, 390)
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
KEPT_HEADERS = ("Content-Type", "Content-Security-Policy")
AXE_FILE = "/static/vendor/axe.min.js"
AXE = """async (tags) => {
  const found = await axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']});
  return found.violations.map(each => `${each.id}: ${each.nodes.map(node => node.target).slice(0, 3).join(' | ')}`);
}"""


class Answers(ThreadingHTTPServer):
    """One page at a time, and whatever static file it asks for; anything else is empty."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.pages: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.origin = f"http://127.0.0.1:{self.server_port}"

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        if path in self.pages:
            return self.pages[path]
        if path.startswith("/static/") and (found := finders.find(path.removeprefix("/static/"))):
            kind = guess_type(path)[0] or "application/octet-stream"
            return 200, {"Content-Type": kind, "Cache-Control": "max-age=3600"}, Path(found).read_bytes()
        return 204, {}, b""


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Answers

    def do_GET(self) -> None:
        status, headers, body = self.server.answer(urlsplit(self.path).path)
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.close_connection = True
        self.do_GET()

    def log_message(self, *_words: Any) -> None:
        """Nobody reads it."""


class Looking:
    """Shows responses in a browser, and says what is wrong with them."""

    def __init__(self, page: Page, answers: Answers) -> None:
        self.page, self.complaints, self.answers = page, list[str](), answers
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def faults_of(self, path: str, response: Any, *, axe_at: Sequence[int] = WIDTHS) -> list[str]:
        """What is too wide at either width, what axe finds, what the console complains of (CSP among it)."""
        headers = {name: response[name] for name in KEPT_HEADERS if name in response}
        self.answers.pages = {path: (response.status_code, headers, response.content)}
        self.complaints.clear()
        self.page.set_viewport_size({"width": WIDTHS[0], "height": 900})
        self.page.goto(self.answers.origin + path)
        self.page.add_script_tag(url=AXE_FILE)
        faults = []
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 900})
            wide = self.page.evaluate("document.documentElement.scrollWidth")
            faults += [f"at {width}: {wide} px wide"] if wide > width else []
            if width in axe_at:
                faults += [f"at {width}: {each}" for each in self.page.evaluate(AXE, TAGS)]
        return [*faults, *self.complaints]


@contextmanager
def looking(browser: Browser) -> Iterator[Looking]:
    answers = Answers()
    thread = Thread(target=answers.serve_forever, daemon=True)
    thread.start()
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
    try:
        yield Looking(context.new_page(), answers)
    finally:
        context.close()
        answers.shutdown()
        answers.server_close()
        thread.join()
