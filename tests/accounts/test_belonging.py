"""Who belongs where: claims, firms and research groups, as people press the buttons."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import MailDomain, Membership, Organisation, ResearchGroup, User
from accounts.states import Role
from notifications.models import Mail, Notice
from tests.factories import booked, member, person

CODE = "91210299DEM000014W"


@pytest.fixture
def admin(university):
    return member("admin", university, Role.ADMIN)


@pytest.fixture
def group(university):
    pi = member("pi", university)
    return ResearchGroup.objects.create(organisation=university, pi=pi, name_zh="课题组", name_en="The group")


def claim(browse, user, organisation):
    return browse(user).post("/account/memberships/", {"organisation": organisation.pk})


def test_a_claim_is_told_to_the_admins_of_that_organisation_alone(browse, university, admin, stranger):
    second = member("second", university, Role.ADMIN, language="en")
    waiting = person("waiting")
    waiting.memberships.create(organisation=university, role=Role.ADMIN)
    member("finance", university, Role.FINANCE)
    west = Organisation.objects.create(kind="university", name_zh="西海大学")
    member("elsewhere", west, Role.ADMIN)

    claim(browse, stranger, university)

    assert {each.reader for each in Notice.objects.all()} == {admin, second}
    assert "says to belong to East Sea University" in Mail.objects.get(reader=second).subject
    assert f"/en/organisations/{university.pk}/members/" in Mail.objects.get(reader=second).body


def test_who_is_confirmed_hears_of_it_and_a_second_press_changes_nothing(browse, university, admin, stranger):
    claim(browse, stranger, university)
    path = f"/memberships/{stranger.memberships.get().pk}/confirm/"

    first, second = (browse(admin).post(path) for _ in range(2))

    assert (first.status_code, second.status_code) == (302, 302)
    assert Mail.objects.filter(reader=stranger, event="membership_confirmed").count() == 1


def test_an_admin_who_only_claims_to_be_one_confirms_nobody(browse, university, stranger):
    waiting = person("waiting")
    waiting.memberships.create(organisation=university, role=Role.ADMIN)
    claim(browse, stranger, university)

    assert browse(waiting).post(f"/memberships/{stranger.memberships.get().pk}/confirm/").status_code == 404
    assert browse(waiting).post(f"/memberships/{waiting.memberships.get().pk}/confirm/").status_code == 403


def test_the_mail_domain_must_be_the_whole_domain(browse, university, stranger):
    MailDomain.objects.create(organisation=university, domain="ample.org")
    MailDomain.objects.create(organisation=university, domain="mail.example.org")

    claim(browse, stranger, university)

    assert stranger.memberships.get().state == "claimed"


@pytest.mark.parametrize(("hours", "mails"), [(1, 1), (25, 2)])
def test_who_left_may_come_back_and_is_asked_for_again_on_another_day(
    browse, university, admin, stranger, hours, mails
):
    claim(browse, stranger, university)
    browse(stranger).post(f"/memberships/{stranger.memberships.get().pk}/end/")
    assert stranger.memberships.get().state == "ended"

    with time_machine.travel(timezone.now() + timedelta(hours=hours)):
        claim(browse, stranger, university)

    assert sorted(stranger.memberships.values_list("state", flat=True)) == ["claimed", "ended"]
    assert Mail.objects.filter(reader=admin).count() == mails


def test_an_ended_membership_is_not_confirmed_by_an_old_page(browse, university, admin, stranger):
    claim(browse, stranger, university)
    membership = stranger.memberships.get()
    browse(admin).post(f"/memberships/{membership.pk}/end/")

    browse(admin).post(f"/memberships/{membership.pk}/confirm/")

    membership.refresh_from_db()
    assert membership.state == "ended"


def test_the_booking_of_who_was_let_go_is_theirs_still(browse, university, admin, researcher, sem, nine):
    mine = booked(sem, at=nine, by=researcher)

    browse(admin).post(f"/memberships/{researcher.memberships.get().pk}/end/")

    assert browse(researcher).get(f"/bookings/{mine.pk}/").status_code == 200


def test_a_firm_registered_twice_by_one_person_is_one_claim(browse, stranger):
    form = {"name_zh": "示例公司", "uscc": CODE}

    browse(stranger).post("/account/firms/", form)
    browse(stranger).post("/account/firms/", form)

    assert list(Membership.objects.values_list("role", flat=True)) == [Role.ADMIN]


@pytest.mark.parametrize(
    "typed", ["91210299dem000014w", " 91210299 DEM000014W ", "９１２１０２９９　dem００００１４Ｗ"]
)
def test_a_code_is_tidied_before_it_is_looked_up(browse, stranger, typed):
    assert browse(stranger).post("/account/firms/", {"name_zh": "示例公司", "uscc": typed}).status_code == 302
    assert Organisation.objects.get().uscc == CODE


@pytest.mark.parametrize(
    "typed", ["91210299DEM000014X", "91210299DEM0000140W", "91210299DEM00014W", "9121O299DEM000014W"]
)
def test_another_code_is_refused_beside_its_field(browse, stranger, typed):
    answer = browse(stranger).post("/account/firms/", {"name_zh": "示例公司", "uscc": typed})

    assert answer.status_code == 400
    assert answer.context["firm_form"].errors.keys() == {"uscc"}
    assert typed in answer.content.decode()
    assert not Organisation.objects.exists()


def test_the_second_comer_waits_for_the_firms_admin_who_is_told(browse, stranger):
    browse(stranger).post("/account/firms/", {"name_zh": "示例公司", "uscc": CODE})
    firm = Organisation.objects.get()
    firm.memberships.update(state="confirmed")
    second = person("second")

    browse(second).post("/account/firms/", {"name_zh": "又一家", "uscc": CODE})

    assert Notice.objects.get().reader == stranger
    assert browse(stranger).post(f"/memberships/{second.memberships.get().pk}/confirm/").status_code == 302
    assert second.memberships.get().state == "confirmed"


def test_a_phone_that_another_person_gave_is_said_beside_its_field(browse, researcher, labmate):
    User.objects.filter(pk=labmate.pk).update(phone="13800000000")

    answer = browse(researcher).post(
        "/account/profile/", {"name": "New", "phone": "13800000000", "language": "zh-hans"}
    )

    assert answer.status_code == 400
    assert answer.context["profile_form"].errors.keys() == {"phone"}


@pytest.mark.parametrize("name", ["\u200b", "\u2060\u00ad\ufeff", "\u3164", "\u2800 \u2800", "\u0301"])
def test_a_name_that_nobody_can_see_is_refused_beside_its_field(browse, stranger, name):
    page = browse(stranger)

    profile = page.post("/account/profile/", {"name": name, "language": "zh-hans"})
    firm = page.post("/account/firms/", {"name_zh": name, "uscc": CODE})

    assert (profile.status_code, firm.status_code) == (400, 400)
    assert profile.context["profile_form"].errors.keys() == {"name"}
    assert firm.context["firm_form"].errors.keys() == {"name_zh"}


@pytest.mark.parametrize("name", ["张三", "O\u2019Brien", "👩\u200d🔬", "é"])
def test_other_names_are_taken(browse, stranger, name):
    assert browse(stranger).post("/account/profile/", {"name": name, "language": "zh-hans"}).status_code == 302


def test_two_people_may_both_give_no_phone(browse, researcher, labmate):
    for each in (researcher, labmate):
        form = {"name": "New", "phone": " ", "language": "zh-hans"}
        assert browse(each).post("/account/profile/", form).status_code == 302


def test_the_pi_lets_go_whom_they_admitted_and_nobody_else_does(browse, university, group, researcher, labmate):
    for each in (researcher, labmate):
        browse(group.pi).post(f"/groups/{group.pk}/admit/", {"email": f" {each.email.upper()} "})
    path = f"/groups/{group.pk}/members/{labmate.pk}/dismiss/"

    assert browse(researcher).post(path).status_code == 403
    assert browse(group.pi).post(path).status_code == 302

    assert list(group.members.all()) == [researcher]
    assert browse(labmate).get(f"/groups/{group.pk}/").status_code == 404


def test_a_pi_leads_their_own_group_alone(browse, university, group, researcher):
    other = ResearchGroup.objects.create(
        organisation=university, pi=member("other", university), name_zh="另一个课题组"
    )

    assert browse(other.pi).post(f"/groups/{group.pk}/admit/", {"email": researcher.email}).status_code == 404
    assert browse(other.pi).post(f"/groups/{other.pk}/admit/", {"email": researcher.email}).status_code == 302
    assert browse(group.pi).post(f"/groups/{other.pk}/members/{researcher.pk}/dismiss/").status_code == 404


def test_a_pi_who_left_the_institution_admits_nobody_more(browse, group, researcher):
    page, path = browse(group.pi), f"/groups/{group.pk}/"
    assert f"{path}admit/" in page.get(path).content.decode()
    page.post(f"/memberships/{group.pi.memberships.get().pk}/end/")

    answer = page.post(f"{path}admit/", {"email": researcher.email})

    assert answer.status_code == 403
    assert not group.members.exists()
    assert f"{path}admit/" not in page.get(path).content.decode()


def test_admitting_somebody_twice_admits_them_once(browse, group, researcher):
    for _ in range(2):
        assert browse(group.pi).post(f"/groups/{group.pk}/admit/", {"email": researcher.email}).status_code == 302

    assert group.admissions.count() == 1


@pytest.mark.parametrize("email", ["nobody@example.org", "waiting@example.org", "no address"])
def test_who_is_not_confirmed_there_is_not_admitted_and_the_field_says_so(browse, university, group, email):
    person("waiting").memberships.create(organisation=university)

    answer = browse(group.pi).post(f"/groups/{group.pk}/admit/", {"email": email})

    assert answer.status_code == 400
    assert answer.context["form"].errors.keys() == {"email"}
