"""Signing in and out, in both languages: who may, who is held up, and where it leads."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.test import Client
from django.utils import timezone

from accounts.models import MailDomain, Membership, SignInFailure, User
from accounts.tasks import forget_old_failures
from notifications.models import Mail
from tests.factories import PASSWORD, person

pytestmark = pytest.mark.django_db
BOTH = pytest.mark.parametrize("before", ["", "/en"])
CACHE_AWAY = pytest.mark.usefixtures("_no_cache")
ELSEWHERE = ["https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example", "javascript:alert(1)"]


def sign_in(who, password=PASSWORD, *, before="", client=None, address="127.0.0.1", **more):
    client = client or Client()
    form = {"login": who if isinstance(who, str) else who.email, "password": password, **more}
    return client.post(f"{before}/accounts/login/", form, REMOTE_ADDR=address)


def link_in(mail, part):
    return re.search(rf"http://testserver(/\S*{part}\S*)", mail.body)[1]


@BOTH
def test_who_is_known_signs_in_and_comes_to_the_landing_page_of_their_language(before):
    user = person("somebody", language="en" if before else "zh-hans")

    answer = sign_in(user, before=before)

    assert (answer.status_code, answer["Location"]) == (302, f"{before}/landing/")


def test_the_address_may_be_typed_in_capitals_and_with_spaces(researcher):
    assert sign_in(f" {researcher.email.upper()} ")["Location"] == "/landing/"


@pytest.mark.parametrize(("before", "words"), [("", "不正确"), ("/en", "not correct")])
def test_a_wrong_password_and_an_unknown_address_are_answered_alike(researcher, before, words):
    wrong, unknown = sign_in(researcher, "wrong", before=before), sign_in("nobody@example.org", before=before)

    for answer in (wrong, unknown):
        assert answer.status_code == 200
        assert words in answer.content.decode()


def test_the_limit_is_one_addresses_and_one_minutes(researcher, labmate):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        tried = [sign_in(f"n{n}@example.org", "wrong", address="192.0.2.1").status_code for n in range(11)]
        held_up = sign_in(researcher, address="192.0.2.1").status_code
        from_elsewhere = sign_in(labmate, address="192.0.2.2").status_code
        clock.shift(61)
        later = sign_in(researcher, address="192.0.2.1").status_code

    assert tried == [200] * 10 + [429]
    assert (held_up, from_elsewhere, later) == (429, 302, 302)


def test_right_passwords_of_a_whole_institute_behind_one_address_are_not_counted(researcher):
    assert {sign_in(researcher).status_code for _ in range(20)} == {302}


def test_a_guesser_cannot_hide_behind_an_invented_address(researcher):
    answers = [
        Client()
        .post(
            "/accounts/login/",
            {"login": f"n{n}@example.org", "password": "wrong"},
            headers={"X-Forwarded-For": f"192.0.2.{n}"},
        )
        .status_code
        for n in range(11)
    ]

    assert answers[-1] == 429


@CACHE_AWAY
def test_people_sign_in_while_the_cache_is_away_and_right_passwords_are_not_counted(researcher):
    assert {sign_in(researcher).status_code for _ in range(12)} == {302}
    assert not SignInFailure.objects.exists()


@CACHE_AWAY
def test_the_limit_is_the_same_while_the_cache_is_away(researcher, labmate):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        tried = [sign_in(f"n{n}@example.org", "wrong", address="192.0.2.1").status_code for n in range(12)]
        held_up = sign_in(researcher, address="192.0.2.1").status_code
        from_elsewhere = sign_in(labmate, address="192.0.2.2").status_code
        clock.shift(61)
        later = sign_in(researcher, address="192.0.2.1").status_code

    assert tried == [200] * 10 + [429] * 2
    assert (held_up, from_elsewhere, later) == (429, 302, 302)


@CACHE_AWAY
def test_an_account_is_not_guessed_from_many_addresses_while_the_cache_is_away(researcher, labmate):
    guesses = [sign_in(researcher, "wrong", address=f"192.0.2.{n}").status_code for n in range(11)]

    assert guesses == [200] * 10 + [429]
    assert sign_in(researcher.email.upper(), address="192.0.2.99").status_code == 429
    assert sign_in(labmate, address="192.0.2.99").status_code == 302


@CACHE_AWAY
def test_failures_that_count_no_more_are_swept(researcher):
    sign_in(researcher, "wrong")
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        sign_in(researcher, "wrong")
        forget_old_failures()

    assert SignInFailure.objects.count() == 2


@CACHE_AWAY
def test_neither_names_nor_addresses_are_kept_with_the_failures(researcher):
    sign_in(researcher, "wrong", address="192.0.2.1")

    kept = " ".join(SignInFailure.objects.values_list("key", flat=True))
    assert researcher.email not in kept
    assert "192.0.2.1" not in kept


@CACHE_AWAY
def test_people_sign_up_and_ask_for_a_new_password_while_the_cache_is_away(researcher):
    form = {"name": "n", "email": "new@example.org", "password1": PASSWORD}
    signed_up = Client().post("/accounts/signup/", form)
    asked = Client().post("/accounts/password/reset/", {"email": researcher.email})

    assert (signed_up.status_code, asked.status_code) == (302, 302)
    assert User.objects.filter(email="new@example.org").exists()
    assert Mail.objects.filter(address=researcher.email).exists()


def test_with_a_cache_nothing_is_counted_in_the_database(researcher):
    sign_in(researcher, "wrong")

    assert not SignInFailure.objects.exists()


def test_the_door_of_the_admin_is_limited_like_the_other():
    staff, client = person("staff", is_staff=True), Client()
    for _ in range(10):
        client.post("/admin/login/", {"username": staff.email, "password": "wrong"})

    client.post("/admin/login/", {"username": staff.email, "password": PASSWORD})

    assert client.get("/admin/").status_code == 302


def test_a_disabled_user_is_out_of_the_page_at_once_and_does_not_come_back(browse, researcher):
    page = browse(researcher)
    assert page.get("/account/").status_code == 200

    User.objects.filter(pk=researcher.pk).update(is_active=False)

    assert page.get("/account/")["Location"].startswith("/accounts/login/")
    back = Client()
    sign_in(researcher, client=back)
    assert back.get("/account/").status_code == 302


def test_signing_out_ends_the_session_for_every_copy_of_its_cookie(researcher):
    client, copy = Client(), Client()
    sign_in(researcher, client=client)
    copy.cookies["sessionid"] = client.cookies["sessionid"].value
    assert copy.get("/account/").status_code == 200

    client.post("/accounts/logout/")

    assert copy.get("/account/").status_code == 302


@pytest.mark.parametrize("there", ELSEWHERE)
def test_signing_in_and_out_lead_nowhere_else(browse, researcher, there):
    assert sign_in(researcher, next=there)["Location"] == "/landing/"
    signed_in = browse(researcher)
    assert signed_in.get("/accounts/login/", {"next": there})["Location"] == "/landing/"
    assert signed_in.post("/accounts/logout/", {"next": there})["Location"] == "/"


def test_signing_in_leads_back_to_the_page_that_asked_for_it(researcher, sem):
    client = Client()
    asked = client.get("/instruments/sem/book/")["Location"]

    assert asked == "/accounts/login/?next=/instruments/sem/book/"
    assert sign_in(researcher, client=client, next="/instruments/sem/book/")["Location"] == "/instruments/sem/book/"


@BOTH
def test_a_link_that_a_mail_scanner_opens_confirms_nothing_until_it_is_pressed(before):
    Client().post(f"{before}/accounts/signup/", {"name": "n", "email": "new@example.org", "password1": PASSWORD})
    link = link_in(Mail.objects.get(), "confirm-email")

    scanned = Client().get(link)
    assert (scanned.status_code, EmailAddress.objects.get().verified) == (200, False)

    Client().post(link)
    assert EmailAddress.objects.get().verified


def test_signing_up_with_a_known_address_tells_nobody_but_its_owner(researcher):
    form = {"name": "n", "email": researcher.email, "password1": PASSWORD}
    known = Client().post("/accounts/signup/", form)
    unknown = Client().post("/accounts/signup/", form | {"email": "new@example.org"})

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert User.objects.count() == 2
    assert Mail.objects.get(address=researcher.email).event == "account_already_exists"


@pytest.mark.parametrize("password", ["short", "1234567890", "n@example.org"])
def test_a_weak_password_is_refused_beside_its_field(db, password):
    answer = Client().post("/accounts/signup/", {"name": "n", "email": "n@example.org", "password1": password})

    assert answer.status_code == 200
    assert not User.objects.exists()


@BOTH
@pytest.mark.parametrize("password", ["", "wrong", "Passw\u200bord"])
def test_another_address_needs_the_current_password(browse, before, password):
    user = person("somebody", language="en" if before else "zh-hans")
    page, form = browse(user), {"action_add": "", "email": "new@example.org", "password": password}

    refused = page.post(f"{before}/accounts/email/", form)

    assert refused.status_code == 200
    assert refused.context["form"].errors.keys() == {"password"}
    assert not EmailAddress.objects.filter(email="new@example.org").exists()
    page.post(f"{before}/accounts/email/", form | {"password": PASSWORD})
    assert EmailAddress.objects.filter(email="new@example.org").exists()


@pytest.mark.parametrize(("length", "people"), [(254, 1), (255, 0), (320, 0)])
def test_an_address_that_is_too_long_is_an_error_and_not_cut(db, length, people):
    address = f"{'a' * 64}@{('b' * 31 + '.') * 10}"[: length - 3] + ".cn"

    Client().post("/accounts/signup/", {"name": "n", "email": address, "password1": PASSWORD})

    assert len(address) == length
    assert User.objects.filter(email=address).count() == User.objects.count() == people


def test_a_name_that_nobody_can_see_is_refused_at_sign_up(db):
    form = {"name": "\u200b", "email": "n@example.org", "password1": PASSWORD}

    assert Client().post("/accounts/signup/", form).context["form"].errors.keys() == {"name"}
    assert not User.objects.exists()


def test_a_name_given_at_sign_up_is_one_line():
    Client().post("/accounts/signup/", {"name": " 张\n三 ", "email": "n@example.org", "password1": PASSWORD})

    assert User.objects.get().name == "张 三"


def test_a_new_password_is_asked_for_by_mail_and_its_link_works_once(researcher):
    Client().post("/accounts/password/reset/", {"email": researcher.email})
    link, client = link_in(Mail.objects.get(), "password/reset/key"), Client()
    form = client.get(link)["Location"]

    client.post(form, {"password1": PASSWORD + "!", "password2": PASSWORD + "!"})

    assert "/landing/" not in sign_in(researcher).get("Location", "")
    assert sign_in(researcher, PASSWORD + "!")["Location"] == "/landing/"
    assert Client().get(link).status_code == 200


def test_an_unknown_address_asks_for_a_new_password_and_learns_nothing(researcher):
    answers = [Client().post("/accounts/password/reset/", {"email": each}) for each in (researcher.email, "x@y.cn")]

    assert {(each.status_code, each["Location"]) for each in answers} == {(302, "/accounts/password/reset/done/")}


def test_a_second_address_at_the_institutions_domain_confirms_what_was_claimed(browse, university, stranger):
    MailDomain.objects.create(organisation=university, domain="eastsea.example")
    page = browse(stranger)
    page.post("/account/memberships/", {"organisation": university.pk})
    page.post("/accounts/email/", {"action_add": "", "email": "s@EastSea.example", "password": PASSWORD})
    assert Membership.objects.get().state == "claimed"

    page.post(link_in(Mail.objects.get(address="s@eastsea.example"), "confirm-email"))

    assert Membership.objects.get().state == "confirmed"


def test_who_prefers_english_is_sent_to_the_english_page_and_forms_are_not_lost(browse, researcher):
    User.objects.filter(pk=researcher.pk).update(language="en")
    page = browse(researcher)

    assert page.get("/instruments/")["Location"] == "/en/instruments/"
    assert page.get("/en/instruments/").status_code == 200
    assert page.post("/account/profile/", {"name": "New", "language": "en"})["Location"].endswith("/en/account/")
    assert page.get("/api/v1/instruments/").status_code == page.get("/health/live").status_code == 200


def test_the_languages_of_visitors_are_the_addresses():
    assert Client().get("/instruments/", headers={"Accept-Language": "en"})["Content-Language"] == "zh-hans"
    assert Client().get("/en/instruments/")["Content-Language"] == "en"


@pytest.mark.parametrize(
    ("here", "there"),
    [("/", "/en/"), ("/en/instruments/?q=a%26b&page=2", "/instruments/?q=a%26b&page=2"), ("/instruments/en/", None)],
)
def test_the_switch_shows_the_same_page(sem, here, there):
    language = "zh-hans" if here.startswith("/en") else "en"

    switched = Client().post("/language/", {"language": language, "next": here})

    assert switched["Location"] == (there or f"/en{here}")


def test_a_session_ends_by_itself_within_a_month(browse, researcher):
    page = browse(researcher)

    with time_machine.travel(timezone.now() + timedelta(days=30)):
        assert page.get("/account/").status_code == 302


@CACHE_AWAY
@pytest.mark.parametrize("path", ["/accounts/signup/", "/accounts/password/reset/"])
def test_joining_and_new_passwords_are_limited_while_the_cache_is_away(path):
    def asked(n, address):
        form = {"name": "n", "email": f"n{n}@example.org", "password1": PASSWORD}
        return Client().post(path, form, REMOTE_ADDR=address).status_code

    with time_machine.travel(timezone.now(), tick=False) as clock:
        answers = [asked(n, "192.0.2.1") for n in range(11)]
        from_elsewhere = asked(11, "192.0.2.2")
        clock.shift(61)
        later = asked(12, "192.0.2.1")

    assert answers == [302] * 10 + [429]
    assert (from_elsewhere, later) == (302, 302)


@CACHE_AWAY
def test_one_address_is_not_flooded_from_many_places_while_the_cache_is_away(researcher):
    for n in range(12):
        written = researcher.email.capitalize() if n % 2 else researcher.email
        Client().post("/accounts/password/reset/", {"email": written}, REMOTE_ADDR=f"192.0.2.{n}")

    assert Mail.objects.filter(address=researcher.email).count() == 10


@CACHE_AWAY
def test_addresses_that_are_none_hold_nobody_else_up_while_the_cache_is_away():
    answers = [
        Client().post("/accounts/password/reset/", {"email": "no address"}, REMOTE_ADDR=f"192.0.2.{n}").status_code
        for n in range(12)
    ]

    assert answers == [200] * 12


@pytest.mark.parametrize("password", ["K7f!" * 32, "海风吹过实验楼第三层的电子显微镜" * 8])
def test_a_long_password_works_whole_in_any_script(password):
    form = {"name": "n", "email": "n@example.org", "password1": password}
    Client().post("/accounts/signup/", form)
    EmailAddress.objects.update(verified=True)

    assert len(password) == 128
    assert sign_in("n@example.org", password)["Location"] == "/landing/"
    assert "Location" not in sign_in("n@example.org", password[:-1])
