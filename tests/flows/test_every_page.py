"""Every page that the matrix knows, at two widths and in both languages: no overflow, nothing that CSP refuses.

axe looks at each in Chinese as wide as a desk and in English as narrow as a phone; `./portal prove pages` lets it look
at all four, over the whole demo city.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils import translation
from playwright.sync_api import Browser

from accounts.models import User
from tests.looking import looking
from tests.test_permissions import ACTORS, ask, path_of, routes, said, world  # noqa: F401 (the fixture)

# Who is shown a page: who sees the most of it.
FIRST = ["manager", "researcher", "institution", "officer", "staff"]


def pages() -> Iterator[tuple[str, frozenset[str], str]]:
    """Each route with a page: its name, its arguments, and who looks."""
    by_name = dict(routes())
    for (name, method), row in said().items():
        actors = [actor for actor in [*FIRST, *ACTORS] if row[actor] == "200"]
        if method == "GET" and actors and not name.startswith(("api_", "admin:")):
            yield name, by_name[name], actors[0]


@pytest.mark.browser
@pytest.mark.django_db
@pytest.mark.parametrize(("language", "axe_at"), [("zh-hans", 1440), ("en", 390)])
def test_every_page_fits_both_widths_and_anybody_can_use_it(browser: Browser, world, language, axe_at):  # noqa: F811
    User.objects.update(language=language)
    faults, seen = [], 0
    with looking(browser) as eyes, translation.override(language):
        for name, arguments, actor in pages():
            translation.activate(language)  # a page that was asked for leaves its own behind
            path = path_of(world, name, arguments)
            response = ask(world, path, name, "GET", actor)
            assert response.status_code == 200, (path, response.status_code)
            if response.get("Content-Type", "").startswith("text/html"):
                faults += [f"{name}, {each}" for each in eyes.faults_of(path, response, axe_at=[axe_at])]
                seen += 1

    assert seen > 60
    assert not faults, "\n".join(faults)


@pytest.mark.browser
@pytest.mark.django_db
@pytest.mark.parametrize("before", ["", "/en"])
def test_a_page_of_trouble_fits_too_and_leads_home_in_its_language(
    browser: Browser, researcher, sem, monkeypatch, before
):
    client = Client(raise_request_exception=False)
    client.force_login(researcher)
    monkeypatch.setattr("pages.adapters.seconds_off", lambda: 3600)

    with looking(browser) as eyes:
        answer = client.post(f"{before}/instruments/{sem.slug}/book/")
        faults = eyes.faults_of("/trouble/", answer)

    assert answer.status_code == 503
    assert [each for each in faults if "status of 503" not in each] == []
    assert f'href="{before}/"' in answer.content.decode()
