"""The pages: what families, coordinators and mentors see and press."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from outreach import services
from outreach.models import Child, Enrolment, Programme, Session
from outreach.states import EnrolmentState as E
from tests import factories
from tests.outreach import situations
from tests.outreach.situations import HOUR, NAME


def child_form(**more):
    born = timezone.localdate() - timedelta(days=3660)
    given = {"name": NAME, "born": f"{born}", "grade": "4", "relation": "father", "first_name": "外婆"}
    return {**given, "first_phone": "139-0000-0001", "second_name": "舅舅", "second_phone": "139-0000-0002", **more}


def test_the_catalogue_is_narrowed_by_age_time_and_kind(browse, session, course):
    shown = browse().get("/youth/").content.decode()
    assert course.name_zh in shown
    assert "余 3 个名额" in shown
    day = f"{session.first_day}"
    for query, is_there in [
        ("age=8", True), ("age=13", False), ("kind=course", True), ("kind=camp", False),
        (f"first={day}&last={day}", True), ("last=2020-01-01", False),
    ]:  # fmt: skip
        assert (course.name_zh in browse().get(f"/youth/?{query}").content.decode()) is is_there, query


def test_the_programme_page_tells_parents_everything_and_prints_its_address(browse, session):
    shown = browse().get("/youth/programmes/course/").content.decode()

    for told in ("东门", "意外险", "示例-1", "0411-0000 0000", "¥200.00", "8–12", "100 %", "data:image/png;base64"):
        assert told in shown, told


def test_who_has_no_child_enters_one_on_the_way(browse, session, guardian):
    family = browse(guardian)

    way = family.get(f"/youth/sessions/{session.pk}/enrol/", follow=True)
    assert way.redirect_chain[-1][0].startswith("/youth/children/new/")
    entered = family.post("/youth/children/new/", child_form(next=f"/youth/sessions/{session.pk}/enrol/"), follow=True)
    assert NAME in entered.content.decode()
    chosen = family.post(f"/youth/sessions/{session.pk}/enrol/", {"child": Child.objects.get().pk}, follow=True)

    assert "不满十四周岁" in chosen.content.decode()
    assert Enrolment.objects.get().state == E.AWAITING_CONSENT


def test_a_refused_form_keeps_what_was_entered_and_says_why(browse, guardian, session):
    family = browse(guardian)
    wrong = family.post("/youth/children/new/", child_form(second_phone="1"))
    assert wrong.status_code == 400
    assert "两位紧急联系人" in wrong.content.decode()

    born = timezone.localdate() - timedelta(days=365 * 5)
    child = situations.child_of(guardian, born=born)
    refused = family.post(f"/youth/sessions/{session.pk}/enrol/", {"child": child.pk})

    assert refused.status_code == 400
    assert "面向 8 至 12 岁" in refused.content.decode()


def test_consent_to_an_old_text_shows_the_new_one(browse, guardian, session, coordinator):
    enrolment = situations.enrolled(session, guardian)
    old = services.current_text(session.programme)
    services.publish_consent_text(session.programme, by=coordinator, text_zh="第二版正文")

    shown = browse(guardian).post(f"/youth/enrolments/{enrolment.pk}/consent/", {"text": old.pk, "agree": "on"})

    assert "第二版正文" in shown.content.decode()
    assert "同意书已更新" in shown.content.decode()
    enrolment.refresh_from_db()
    assert enrolment.state == E.AWAITING_CONSENT


def test_no_consent_without_the_tick_and_no_is_respected(browse, guardian, session):
    enrolment = situations.enrolled(session, guardian)
    here, text = f"/youth/enrolments/{enrolment.pk}/consent/", services.current_text(session.programme)

    assert browse(guardian).post(here, {"text": text.pk}).status_code == 400
    browse(guardian).post(here, {"text": text.pk, "do": "refuse"})

    enrolment.refresh_from_db()
    assert enrolment.state == E.CANCELLED


def test_names_contacts_and_health_show_around_the_session_only(browse, guardian, session):
    enrolment = situations.paid(situations.enrolled(session, guardian))
    services.say_health(enrolment.child, by=guardian, text="花生过敏")
    mentor = browse(session.assignments.get().person)
    sheet = f"/youth/desk/sessions/{session.pk}/roll-call/"

    early = mentor.get(sheet).content.decode()
    with time_machine.travel(session.starts_at + HOUR):
        on_the_day = mentor.get(sheet).content.decode()

    assert [word in early for word in (NAME, "花生过敏", "13900001111")] == [False] * 3
    assert [word in on_the_day for word in (NAME, "花生过敏", "13900001111")] == [True] * 3


def test_a_mentors_phone_checks_a_child_in_by_its_code(browse, guardian, session, stranger):
    enrolment = situations.paid(situations.enrolled(session, guardian))
    here = f"/youth/check-in/{enrolment.code}/"
    with time_machine.travel(session.starts_at + HOUR):
        mentor = browse(session.assignments.get().person)
        assert NAME in mentor.get(here).content.decode()
        done = mentor.post(here, follow=True).content.decode()
        assert browse(stranger).get(here).status_code == browse(guardian).get(here).status_code == 404

    assert "今天已签到" in done


def test_a_certificate_is_checked_by_anybody_and_names_nobody(browse, guardian, session, coordinator):
    enrolment = situations.paid(situations.enrolled(session, guardian))
    with time_machine.travel(session.starts_at + HOUR):
        services.check_in(enrolment, by=coordinator)
    services.complete_past(now=session.ends_at)
    certificate = Enrolment.objects.get().certificate

    public = browse().get(f"/youth/certificates/{certificate.code}/").content.decode()
    paper = browse(guardian).get(f"/youth/enrolments/{enrolment.pk}/certificate.pdf")

    assert "J.S.Q.W.X.M." in public
    assert "金丝雀" not in public
    assert paper.content.startswith(b"%PDF")
    assert browse().get("/youth/certificates/wrong/").status_code == 404


def test_a_coordinator_goes_from_nothing_to_a_published_session(browse, coordinator, afm, centre, nine):
    factories.member("mentor", centre.organisation, "mentor")
    desk, told = browse(coordinator), situations.TOLD
    sent = {"kind": "course", "slug": "stars", "name_zh": "看星星", "age_from": 8, "age_to": 12, "fee": "80",
            "children_per_mentor": 15, "offer_hours": 14, "pay_hours": 42, "keep_days": 90,
            "refund_table": "7 100\n2 50%", **told}  # fmt: skip
    assert desk.post("/youth/desk/programmes/new/", {**sent, "age_to": 7}).status_code == 400
    desk.post("/youth/desk/programmes/new/", sent)
    here = "/youth/desk/programmes/stars/"
    wrong = desk.post(here, {"do": "itinerary", "lines": "1 nine o'clock"})
    assert "不是一项日程" in wrong.content.decode()
    desk.post(here, {"do": "itinerary", "lines": "1 09:00-10:30 看 | See | B101 | Room B101"})
    desk.post(here, {"do": "text", "text_zh": "同意书"})
    clock = {"starts_at": f"{nine:%Y-%m-%dT%H:%M}", "ends_at": f"{nine + 2 * HOUR:%Y-%m-%dT%H:%M}"}
    desk.post(here, {"do": "session", "places": 10, **clock})
    session = Session.objects.get()

    page = f"/youth/desk/sessions/{session.pk}/"
    assert "发布前还缺" in desk.get(page).content.decode()
    desk.post(page, {"do": "publish"})
    desk.post(page, {"do": "need", "need-slug": afm.slug, **{f"need-{name}": value for name, value in clock.items()}})
    checked = f"{timezone.localdate()}"
    desk.post(page, {"do": "mentor", "mentor-email": "mentor@example.org", "mentor-checked_on": checked})
    safety = {"safety-day": f"{session.first_day}", "safety-name": "安全员", "safety-phone": "0411-1"}
    desk.post(page, {"do": "safety", **safety})
    assert "条件齐备" in desk.get(page).content.decode()
    desk.post(page, {"do": "publish"})

    session.refresh_from_db()
    assert session.state == "published"
    assert Programme.objects.get().itinerary.get().place_en == "Room B101"
    desk.post(page, {"do": "drop_need", "need": "no id"})
    assert session.needs.count() == 1


def test_everybody_lands_where_their_work_is(browse, coordinator, guardian, session):
    situations.child_of(guardian)
    mentor = session.assignments.get().person

    places = [browse(each).get("/landing/")["Location"] for each in (coordinator, mentor, guardian)]

    assert places == ["/youth/desk/", "/youth/days/", "/youth/mine/"]


def test_erasing_a_child_asks_that_it_is_nowhere(browse, guardian, session, django_capture_on_commit_callbacks):
    enrolment = situations.enrolled(session, guardian)
    here, family = f"/youth/children/{enrolment.child_id}/", browse(guardian)

    family.post(here, {"do": "erase"})
    assert Child.objects.of(guardian).exists()
    services.cancel_enrolment(enrolment, by=guardian)
    family.post(here, {"do": "erase"})

    assert not Child.objects.of(guardian).exists()
    assert family.get(here).status_code == 404
    assert family.get(f"/youth/enrolments/{enrolment.pk}/").status_code == 200


@pytest.mark.parametrize("path", ["/youth/mine/", "/youth/desk/", "/youth/days/", "/youth/children/new/"])
def test_visitors_are_asked_to_sign_in(browse, db, path):
    assert "/login/" in browse().get(path)["Location"]
