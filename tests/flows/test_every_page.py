"""Every page that the matrix knows, at two widths and in both languages: axe, no overflow, nothing that CSP refuses.

The browser asks this very process: what it is shown is rendered inside the test's transaction, and static files come
from where they lie. `./portal prove pages` does the same over the whole demo city.
"""

from __future__ import annotations

from collections.abc import Iterator
from mimetypes import guess_type
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.utils import translation
from playwright.sync_api import Browser, Page, Route

from accounts.models import User
from tests.test_permissions import ACTORS, ask, path_of, routes, said, world  # noqa: F401 (the fixture)

ORIGIN = "http://testserver"
WIDTHS = (1440, 390)
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Who is shown a page: who sees the most of it.
FIRST = ["manager", "researcher", "institution", "officer", "staff"]
# allauth's own pages for what is not offered yet, and addresses that lead on.
LEFT_OUT = {"account_inactive", "sitemap_index", "robots", "live", "ready"}
LOOK = """async (tags) => {
  const found = await axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations'],
                                         rules: {region: {enabled: false}}});
  return found.violations.map(each => `${each.id}: ${each.nodes.map(node => node.target).slice(0, 3).join(' | ')}`);
}"""


def pages() -> Iterator[tuple[str, frozenset[str], str]]:
    """Each route with a page: its name, its arguments, and who looks."""
    by_name = dict(routes())
    for (name, method), row in said().items():
        actors = [actor for actor in [*FIRST, *ACTORS] if row[actor] == "200"]
        if method == "GET" and actors and name not in LEFT_OUT and not name.startswith(("api_", "admin:")):
            yield name, by_name[name], "visitor" if name == "account_login" else actors[0]


@pytest.fixture
def shown(browser: Browser, world: dict[str, Any]) -> Iterator[tuple[Page, dict[str, Any]]]:  # noqa: F811
    """A page whose every request is answered from here, and what is to be answered."""
    answers: dict[str, Any] = {}

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path in answers:
            response = answers[path]
            headers = {name: response[name] for name in ("Content-Type", "Content-Security-Policy") if name in response}
            route.fulfill(status=response.status_code, headers=headers, body=response.content)
        elif path.startswith("/static/") and (found := finders.find(path.removeprefix("/static/"))):
            kind = guess_type(path)[0] or "application/octet-stream"
            route.fulfill(status=200, content_type=kind, body=Path(found).read_bytes())
        else:
            route.fulfill(status=204)

    page = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai").new_page()
    page.route("**/*", answer)
    yield page, answers
    page.context.close()


@pytest.mark.browser
@pytest.mark.django_db
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_fits_both_widths_and_anybody_can_use_it(shown, world, language):  # noqa: F811
    page, answers = shown
    axe = Path(settings.BASE_DIR, "static", "vendor", "axe.min.js").read_text()
    User.objects.update(language=language)
    faults, seen, complaints = [], 0, list[str]()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    with translation.override(language):
        for name, arguments, actor in pages():
            translation.activate(language)  # a page that was asked for leaves its own behind
            path = path_of(world, name, arguments)
            response = ask(world, path, name, "GET", actor)
            assert response.status_code == 200, (path, response.status_code)
            if not response.get("Content-Type", "").startswith("text/html"):
                continue
            answers.clear()
            answers[path] = response
            complaints.clear()
            page.set_viewport_size({"width": WIDTHS[0], "height": 900})
            page.goto(ORIGIN + path)
            page.evaluate(axe)
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                wide = page.evaluate("document.documentElement.scrollWidth")
                faults += [f"{name} at {width}: {wide} px wide"] if wide > width else []
                faults += [f"{name} at {width}: {each}" for each in page.evaluate(LOOK, TAGS)]
            faults += [f"{name}: {each}" for each in complaints]
            seen += 1

    assert seen > 60
    assert not faults, "\n".join(faults)
