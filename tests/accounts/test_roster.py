"""Rosters: what a table would do, doing it, and memberships that end by themselves."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from openpyxl import Workbook

from accounts.models import Membership, RosterEntry, RosterImport, User
from accounts.services import forget_old_rosters, prove_phone, trust_address
from accounts.states import Role
from accounts.tasks import end_memberships
from notifications.models import Mail
from tests.factories import PASSWORD, member, person

pytestmark = pytest.mark.django_db
HEADER = "姓名,邮箱,手机,学号,角色,截止日期\n"


@pytest.fixture
def admin(university):
    return member("admin", university, Role.ADMIN)


@pytest.fixture
def next_month():
    return timezone.localdate() + timedelta(days=30)


def hand_in(page, organisation, text, name="roster.csv"):
    content = text if isinstance(text, bytes) else text.encode()
    return page.post(f"/organisations/{organisation.pk}/roster/", {"file": SimpleUploadedFile(name, content)})


def apply(page, answer):
    return page.post(answer["Location"], {"do": "apply"})


def handed_in_and_applied(page, organisation, text):
    return apply(page, hand_in(page, organisation, text))


def test_a_roster_is_looked_at_first_and_changes_nothing_until_it_is_applied(browse, admin, university, next_month):
    person("wang")
    page = browse(admin)

    answer = hand_in(
        page, university, f"{HEADER}王芳,WANG@example.org,,S1,,{next_month}\n李强,,138-0000-0001,S2,导师,\n"
    )
    preview = page.get(answer["Location"])

    assert [each.who for each in preview.context["preview"].new] == ["wang@example.org", "13800000001"]
    assert preview.context["preview"].here == 1
    assert not RosterEntry.objects.exists()
    assert Membership.objects.exclude(person=admin).count() == 0

    assert apply(page, answer).status_code == 302
    held = Membership.objects.get(person__name="wang")
    assert (held.state, held.role, held.number, held.ends_on) == ("confirmed", "member", "S1", next_month)
    assert Mail.objects.filter(event="membership_confirmed", address="wang@example.org").exists()
    assert RosterEntry.objects.count() == 2
    assert not RosterImport.objects.exists()


def test_the_same_roster_again_is_unchanged_and_another_day_is_a_change(browse, admin, university, next_month):
    person("wang")
    page, text = browse(admin), f"{HEADER}王芳,wang@example.org,,S1,,{next_month}\n"
    handed_in_and_applied(page, university, text)

    again = page.get(hand_in(page, university, text)["Location"]).context["preview"]
    assert (again.new, again.changed, again.unchanged) == ([], [], 1)
    handed_in_and_applied(page, university, text.replace(str(next_month), ""))
    assert Membership.objects.get(person__name="wang").ends_on is None
    assert RosterEntry.objects.get().ends_on is None


WRONG = [
    (",,,S1,,", "邮箱"),
    ("x,not an address,,,,", "not an address"),
    ("x,,12345,,,", "12345"),
    ("x,a@example.org,,,国王,", "国王"),
    ("x,a@example.org,,,officer,", "角色"),
    ("x,a@example.org,,,,2020-01-01", "已过"),
    ("x,a@example.org,,,,someday", "日期"),
    ("x,admin@example.org,,,admin,", "管理员"),
    (f"{'x' * 81},a@example.org,,,,", "80"),
]


@pytest.mark.parametrize(("row", "words"), WRONG)
def test_each_problem_is_named_with_its_line_and_nothing_is_half_done(browse, admin, university, row, words):
    page = browse(admin)
    person("good")
    answer = hand_in(page, university, f"{HEADER}好,good@example.org,,,,\n{row}\n")

    shown = page.get(answer["Location"])
    [wrong] = shown.context["preview"].wrong
    assert wrong.line == 3
    assert words in wrong.reason
    assert str(wrong.reason) in shown.content.decode().replace("&quot;", '"')
    assert apply(page, answer).status_code == 409
    assert not RosterEntry.objects.exists()
    assert Membership.objects.exclude(person=admin).count() == 0


def test_a_person_who_comes_twice_is_named(browse, admin, university):
    page = browse(admin)
    rows = "a,a@example.org,13800000001,,,\nb,b@example.org,13800000001,,,\na,A@example.org,,,导师,\n"

    [wrong] = page.get(hand_in(page, university, HEADER + rows)["Location"]).context["preview"].wrong

    assert wrong.line == 3


@pytest.mark.parametrize(
    ("content", "name"), [(b"", "a.csv"), (b"x\n1\n", "a.csv"), (b"PK\x03\x04no", "a.xlsx"), (b"\x00\x01", "a.csv")]
)
def test_what_is_no_roster_is_refused_beside_its_field(browse, admin, university, content, name):
    answer = hand_in(browse(admin), university, content or b" ", name)

    assert answer.status_code == 400
    assert answer.context["form"].errors.keys() == {"file"}


def test_a_workbook_with_dates_as_excel_has_them_is_read(browse, admin, university, next_month):
    book = Workbook()
    book.active.append(["name", "email", "last_day"])
    book.active.append(["王芳", "wang@example.org", next_month])
    content = io.BytesIO()
    book.save(content)
    page = browse(admin)

    handed_in_and_applied(page, university, content.getvalue())

    assert RosterEntry.objects.get().ends_on == next_month


def test_who_joins_later_belongs_as_soon_as_the_address_or_the_phone_is_proven(browse, admin, university, next_month):
    rows = f"王芳,wang@example.org,,S1,,{next_month}\n李强,,13800000001,S2,,\n"
    handed_in_and_applied(browse(admin), university, HEADER + rows)
    stranger = person("li")
    assert not Membership.objects.exclude(person=admin).exists()

    Client().post("/accounts/signup/", {"name": "王芳", "email": "wang@example.org", "password1": PASSWORD})
    assert not Membership.objects.exclude(person=admin).exists()
    link = Mail.objects.get(address="wang@example.org").body.split("http://testserver")[1].split()[0]
    Client().post(link)
    prove_phone(stranger, "13800000001")

    held = {each.number: each for each in Membership.objects.exclude(person=admin)}
    assert (held["S1"].state, held["S1"].ends_on) == ("confirmed", next_month)
    assert held["S2"].person == stranger


def test_an_address_that_is_only_typed_proves_nothing(browse, admin, university):
    thief = person("thief")
    EmailAddress.objects.create(user=thief, email="wang@example.org", verified=False)
    User.objects.filter(pk=thief.pk).update(phone="13800000001")

    handed_in_and_applied(browse(admin), university, f"{HEADER}王芳,wang@example.org,,,,\n李强,,13800000001,,admin,\n")
    trust_address(thief, "thief@example.org")

    assert not thief.memberships.exists()


def test_a_membership_ends_the_day_after_its_last_day_with_sessions_and_tokens(browse, admin, university, call):
    wang = person("wang")
    today = timezone.localdate()
    handed_in_and_applied(browse(admin), university, f"{HEADER}王芳,wang@example.org,,,,{today}\n")
    page, caller = Client(), call(wang)
    page.post("/accounts/login/", {"login": wang.email, "password": PASSWORD})
    end_memberships()
    assert wang.memberships.get().state == "confirmed"
    assert page.get("/account/").status_code == caller.get("/api/v1/bookings/").status_code == 200

    with time_machine.travel(timezone.now() + timedelta(days=1)):
        end_memberships()
        end_memberships()

        assert wang.memberships.get().state == "ended"
        assert (page.get("/account/").status_code, caller.get("/api/v1/bookings/").status_code) == (302, 401)
        assert Mail.objects.filter(event="membership_over").count() == 1
        page.post("/accounts/login/", {"login": wang.email, "password": PASSWORD})
        assert page.get("/account/").status_code == 200


def test_others_neither_see_nor_hand_in_nor_apply(browse, admin, university, manager, researcher):
    answer = hand_in(browse(admin), university, f"{HEADER}王芳,wang@example.org,,,,\n")
    west = member("west", university.__class__.objects.create(kind="university", name_zh="西海大学"), Role.ADMIN)
    colleague = member("colleague", university, Role.ADMIN)

    for other in (manager, researcher, west):
        assert hand_in(browse(other), university, HEADER).status_code == 404
        assert browse(other).get(answer["Location"]).status_code == 404
    assert browse(colleague).get(answer["Location"]).status_code == 404
    assert apply(browse(west), answer).status_code == 404


def test_applying_costs_the_same_statements_for_many_unknown_people(browse, admin, university, statements):
    page, counts = browse(admin), []
    for many in (5, 50):
        rows = "".join(f"n,{many}-{n}@example.org,,,,\n" for n in range(many))
        answer = hand_in(page, university, HEADER + rows)
        with statements() as asked:
            page.get(answer["Location"])
        counts.append(len(asked))

    assert counts[0] == counts[1]


def test_a_table_that_nobody_applied_is_forgotten_after_a_day(browse, admin, university):
    hand_in(browse(admin), university, f"{HEADER}王芳,wang@example.org,,,,\n")

    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        assert forget_old_rosters() == 1
    assert not RosterImport.objects.exists()


def test_entries_are_forgotten_three_months_after_their_last_day(browse, admin, university, next_month):
    handed_in_and_applied(browse(admin), university, f"{HEADER}a,a@example.org,,,,{next_month}\nb,b@example.org,,,,\n")

    with time_machine.travel(timezone.now() + timedelta(days=130)):
        forget_old_rosters()
    assert RosterEntry.objects.get().email == "b@example.org"


def test_a_table_is_dropped(browse, admin, university):
    page = browse(admin)
    answer = hand_in(page, university, f"{HEADER}王芳,wang@example.org,,,,\n")

    assert page.post(answer["Location"], {"do": "drop"}).status_code == 302
    assert not RosterImport.objects.exists()
