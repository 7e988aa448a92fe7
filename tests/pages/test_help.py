"""Help: every role's page, its links, its pictures, and the command that draws them."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from accounts.states import Role
from pages.management.commands.pictures import IN_README, SHOTS
from pages.templatetags.pictures import place_of
from pages.views.help import ROLES
from records.models import DEMO, Mark
from tests import factories
from tests.common.hostile import picture

pytestmark = pytest.mark.django_db
SLUGS = [each.slug for each in ROLES]
LINK = re.compile(r'<a\b[^>]*href="(/[^"#]*)"')


def links_on(page, path):
    """Where the page's own part leads, without the bar and the foot."""
    shown = page.get(path)
    assert shown.status_code == 200
    return {unescape(link) for link in LINK.findall(shown.content.decode().split("<main")[1].split("</main>")[0])}


def draw(name, language="zh-hans"):
    place = place_of(name, language)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(picture("PNG"))
    return place


@pytest.mark.parametrize("before", ["", "/en"])
@pytest.mark.parametrize("slug", SLUGS)
def test_a_visitor_reads_each_roles_help_and_every_link_on_it_leads_somewhere(browse, sem, before, slug):
    page = browse()

    links = links_on(page, f"{before}/help/{slug}/")

    assert f"{before}/help/{slug}/" in links_on(page, f"{before}/help/")
    assert {link: page.get(link).status_code for link in links if page.get(link).status_code not in {200, 302}} == {}


def test_whoever_runs_something_is_led_to_their_own_pages_and_may_open_them(
    browse, sem, university, manager, researcher
):
    keeper, ways = factories.member("keeper", university, Role.ADMIN), {}

    for who in (manager, keeper, researcher):
        page = browse(who)
        for slug in SLUGS:
            ways[who, slug] = links_on(page, f"/help/{slug}/")
            assert {page.get(link).status_code for link in ways[who, slug]} == {200}, slug

    assert {"/lab/centre/hours/", "/lab/centre/today/"} <= ways[manager, "lab-admin"]
    assert f"/organisations/{university.pk}/import/" in ways[keeper, "institution"]
    assert "/laboratories/" not in ways[researcher, "lab-admin"]
    assert not [link for link in ways[researcher, "lab-admin"] if link.startswith("/lab/centre/")]


def test_a_role_that_there_is_not_has_no_page(browse):
    assert browse().get("/help/emperor/").status_code == 404


def test_help_is_linked_in_the_foot_and_in_the_map_of_the_site(browse, researcher):
    foot = browse().get("/en/help/").content.decode().split("<footer")[1]
    menu = browse(researcher).get("/bookings/").content.decode().split("<main")[0]

    assert 'href="/en/help/"' in foot
    assert 'href="/help/"' in menu
    assert "/en/help/researcher/" in browse().get("/sitemap-help.xml").content.decode()


def test_pictures_are_shown_only_where_there_are_some(browse):
    page, words = browse(), "在“待办”中审核"
    bare = page.get("/help/lab-admin/").content.decode()
    place = draw("inbox")
    shown = page.get("/help/lab-admin/").content.decode()
    elsewhere = page.get("/en/help/lab-admin/").content.decode()
    drawn = re.search(r'<img src="/help/pictures/inbox.png" alt="([^"]+)" width="(\d+)" height="(\d+)"', shown)

    assert words in bare
    assert words in shown
    assert '<img src="/help/pictures/' not in bare + elsewhere
    assert drawn
    assert "审核按钮" in drawn[1]

    answer = page.get("/help/pictures/inbox.png")
    assert (answer["Content-Type"], b"".join(answer.streaming_content)) == ("image/png", place.read_bytes())
    assert "max-age" in answer["Cache-Control"]
    assert page.get("/help/pictures/inbox.png", headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert page.get("/help/pictures/nothing.png").status_code == 404
    assert page.get("/en/help/pictures/inbox.png").status_code == 404


def test_pictures_are_drawn_of_a_demo_that_answers_and_of_nothing_else():
    with pytest.raises(CommandError, match="not marked as a demo"):
        call_command("pictures")

    Mark.objects.create(name=DEMO)
    with pytest.raises(CommandError, match=r"No demo portal answers at http://127\.0\.0\.1:9"):
        call_command("pictures", "--address", "http://127.0.0.1:9")
    with pytest.raises(CommandError, match="is no address"):
        call_command("pictures", "--address", "file:///etc")

    assert not (settings.DATA_DIR / "pictures").exists()


def test_every_picture_that_help_shows_is_one_that_the_command_draws():

    templates = settings.BASE_DIR / "templates" / "help"
    shown = {
        name for each in templates.glob("*.html") for name in re.findall(r'{% picture "([\w-]+)"', each.read_text())
    }

    assert shown | set(IN_README) == {shot.name for shot in SHOTS}
