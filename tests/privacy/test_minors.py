"""The yearly audit counts what happened to children's data, and names nobody."""

from __future__ import annotations

from datetime import timedelta

import pypdfium2
import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from outreach.services import erase_due, withdraw_consent
from records.models import Access
from tests.factories import laboratory, member, university
from tests.outreach import situations

pytestmark = pytest.mark.django_db
PAGE = "/en/privacy/minors/"


@pytest.fixture
def english(coordinator):
    coordinator.language = "en"
    coordinator.save()
    return coordinator


def figures(browser, year=None):
    page = browser.get(PAGE, {"year": year} if year else {})
    assert page.status_code == 200
    return {
        f"{section.title}: {each.what}": each.count for section in page.context["sections"] for each in section.figures
    }


def test_what_happened_in_the_year_is_counted_and_nobody_named(browse, session, guardian, english, coordinator):
    given = situations.paid(situations.enrolled(session, guardian))
    other = situations.enrolled(session, guardian, name="另一个孩子")
    withdraw_consent(situations.consented(other), by=guardian)
    with time_machine.travel(session.starts_at - timedelta(hours=1)):
        assert browse(coordinator).get(reverse("roll_call", args=[session.pk]), follow=True).status_code == 200

    browser = browse(english)
    found = figures(browser, session.starts_at.year)

    assert found["Children: entered in the year"] == 2
    assert found["Enrolments: made in the year"] == 2
    assert found["Consents of guardians: given"] == 2
    assert found["Consents of guardians: taken back"] == 1
    assert found["Consents of guardians: places without one (must be 0)"] == 0
    assert found["Looks at what is sealed: coordinator · a child's health"] == "1 times, 1 people"
    assert figures(browser, session.starts_at.year - 1)["Children: entered in the year"] == 0
    page = browser.get(PAGE).content.decode()
    assert situations.NAME not in page
    assert str(given.child_id) not in page


def test_erasures_and_how_long_they_took(browse, session, guardian, english):
    situations.enrolled(session, guardian)
    after = session.ends_at + timedelta(days=session.programme.keep_days + 40)
    with time_machine.travel(after):
        erase_due(today=timezone.localdate())
        found = figures(browse(english), timezone.localdate().year)

    assert found["Erasures: overdue today (must be 0)"] == 0
    assert found["Incidents that the portal can see: keys lost: data that nobody can read"] == 0


def test_it_prints_and_others_do_not_see_it(browse, session, guardian, english, researcher):
    situations.enrolled(session, guardian)
    elsewhere = laboratory(university(name_zh="西海大学"), "west")
    stranger = member("west", elsewhere.organisation, "coordinator", language="en")

    printed = browse(english).get("/en/privacy/minors/2026.pdf")

    assert "2026" in pypdfium2.PdfDocument(printed.content)[0].get_textpage().get_text_bounded()
    assert figures(browse(stranger))["Children: entered in the year"] == 0
    assert [browse(each).get("/privacy/minors/").status_code for each in (researcher, guardian)] == [404, 404]
    assert browse(english).get("/en/privacy/minors/1999.pdf").status_code == 404
    assert not Access.objects.exists()
