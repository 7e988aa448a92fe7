"""Signing in by a code, to a phone or an address; joining with nothing but a phone."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.test import Client
from django.utils import timezone

from accounts.formats import tidy_phone
from accounts.models import User
from accounts.services import make_service_account
from accounts.states import Role
from accounts.tasks import forget_who_never_came
from notifications.models import Mail, Sms
from tests.accounts.test_second_factor import code_now, with_app
from tests.factories import PASSWORD, agreed, member, person

pytestmark = pytest.mark.django_db
PHONE = "13800000001"
BOTH = pytest.mark.parametrize("before", ["", "/en"])


def ask(login, client=None, *, before="", address="127.0.0.1"):
    client = client or Client()
    return client, client.post(f"{before}/accounts/login/code/", {"login": login}, REMOTE_ADDR=address)


def confirm(client, code, *, before=""):
    return client.post(f"{before}/accounts/login/code/confirm/", {"code": code})


def code_in(message):
    return re.search(r"\b\d{6}\b", getattr(message, "text", None) or message.body)[0]


@pytest.fixture
def by_phone(researcher):
    User.objects.filter(pk=researcher.pk).update(phone=PHONE, phone_verified=True)
    researcher.refresh_from_db()
    return researcher


@BOTH
def test_a_code_by_mail_lets_its_reader_in(researcher, before):
    User.objects.filter(pk=researcher.pk).update(language="en" if before else "zh-hans")
    client, asked = ask(f" {researcher.email.upper()} ", before=before)
    assert asked["Location"] == f"{before}/accounts/login/code/confirm/"

    answer = confirm(client, code_in(Mail.objects.get(address=researcher.email)), before=before)

    assert answer["Location"] == f"{before}/landing/"
    assert client.get(f"{before}/account/").status_code == 200


@pytest.mark.parametrize("typed", [PHONE, "+86 138-0000-0001", "0086 138 0000 0001", "１３８０００００００１"])
def test_a_code_by_text_message_lets_its_reader_in(by_phone, typed):
    client, _asked = ask(typed)
    message = Sms.objects.get()

    confirm(client, code_in(message))

    assert (message.address, message.event) == (PHONE, "sign_in_code")
    assert client.get("/account/").status_code == 200


def test_a_password_goes_with_the_phone_too(by_phone):
    form = {"login": "+86 13800000001", "password": PASSWORD}

    assert Client().post("/accounts/login/", form)["Location"] == "/landing/"


def test_the_second_factor_is_asked_after_a_code_too(university):
    client, _asked = ask(with_app(member("finance", university, Role.FINANCE)).email)

    assert confirm(client, code_in(Mail.objects.get()))["Location"] == "/accounts/2fa/authenticate/"
    assert client.get("/account/").status_code == 302
    assert client.post("/accounts/2fa/authenticate/", {"code": code_now()})["Location"] == "/landing/"


@pytest.mark.parametrize("known", ["researcher@example.org", PHONE])
@pytest.mark.parametrize("unknown", ["nobody@example.org", "13900000009"])
def test_known_and_unknown_look_alike_and_cost_alike(by_phone, statements, known, unknown):
    seen = []
    for login in (known, unknown):
        with statements() as asked:
            client, answer = ask(login)
        page = client.get(answer["Location"])
        wrong = confirm(client, "000000")
        shown = re.sub(r"csrfmiddlewaretoken\S* value=\S+", "", page.content.decode())
        words = [re.sub(re.escape(login), "", each) for each in (shown, wrong.content.decode())]
        words = [re.sub(r'value="\w{64}"|mailto:|tel:', "", each) for each in words]
        seen.append((answer.status_code, answer["Location"], page.status_code, wrong.status_code, words, len(asked)))

    assert seen[0][:5] == seen[1][:5]
    assert abs(seen[0][5] - seen[1][5]) <= 3


def test_a_number_that_was_only_typed_into_a_profile_lets_nobody_in(researcher):
    User.objects.filter(pk=researcher.pk).update(phone=PHONE)

    ask(PHONE)

    assert not Sms.objects.exists()


def test_an_address_that_was_not_confirmed_and_a_disabled_person_get_no_code(researcher, labmate):
    EmailAddress.objects.create(user=researcher, email="second@example.org", verified=False)
    User.objects.filter(pk=labmate.pk).update(is_active=False)

    for login in ("second@example.org", labmate.email):
        ask(login)

    assert {mail.event for mail in Mail.objects.all()} == {"unknown_account"}


def test_nobody_signs_in_as_a_service_account(university):
    admin = member("admin", university, Role.ADMIN)
    program = make_service_account(university, by=admin, name="lims", email="lims@example.org")
    EmailAddress.objects.create(user=program, email=program.email, verified=True, primary=True)
    program.set_password(PASSWORD)
    program.save()

    ask(program.email)
    client = Client()
    answer = client.post("/accounts/login/", {"login": program.email, "password": PASSWORD})

    assert Mail.objects.get().event == "unknown_account"
    assert answer["Location"] == "/accounts/inactive/"
    assert client.get("/account/").status_code == 302


def test_a_code_is_tried_three_times_and_lives_ten_minutes(researcher):
    client, _asked = ask(researcher.email)
    code = code_in(Mail.objects.get())
    for _ in range(3):
        confirm(client, "x")
    confirm(client, code)
    assert client.get("/account/").status_code == 302

    client, _asked = ask(researcher.email)
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        confirm(client, code_in(Mail.objects.order_by("created_at").last()))
        assert client.get("/account/").status_code == 302


@pytest.mark.parametrize("login", ["researcher@example.org", "nobody@example.org", PHONE, "13900000009"])
def test_the_sixth_code_within_an_hour_is_429_for_known_and_unknown_alike(by_phone, login):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        answers = [ask(login, address=f"192.0.2.{n}")[1].status_code for n in range(6)]
        clock.shift(timedelta(hours=1, seconds=1))
        later = ask(login)[1].status_code

    assert answers == [302] * 5 + [429]
    assert later == 302


@pytest.mark.usefixtures("_no_cache")
def test_codes_are_counted_while_redis_is_away(by_phone):
    with time_machine.travel(timezone.now(), tick=False):
        answers = [ask(PHONE, address=f"192.0.2.{n}")[1].status_code for n in range(11)]

    assert answers == [302] * 10 + [429]


@BOTH
def test_a_guardian_joins_with_a_phone_alone_and_comes_back_with_it(before):
    client = Client()
    sent = client.post(f"{before}/accounts/join/", {"name": "王芳", "phone": "138 0000 0001"})
    assert sent["Location"] == f"{before}/accounts/phone/verify/"
    assert client.get(f"{before}/account/").status_code == 302

    client.post(sent["Location"], {"code": code_in(Sms.objects.get())})

    assert agreed(client, before).get(f"{before}/account/").status_code == 200
    user = User.objects.get()
    assert (user.name, user.phone, user.phone_verified, user.email) == ("王芳", PHONE, True, None)
    back, _asked = ask(PHONE, before=before)
    confirm(back, code_in(Sms.objects.order_by("created_at").last()), before=before)
    assert back.get(f"{before}/account/").status_code == 200


def test_joining_with_a_number_that_is_somebodys_tells_only_its_owner(by_phone):
    known, unknown = (
        Client().post("/accounts/join/", {"name": "x", "phone": phone}) for phone in (PHONE, "13900000009")
    )

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert Sms.objects.get(address=PHONE).event == "account_already_exists"
    by_phone.refresh_from_db()
    assert by_phone.name == "researcher"


def test_whoever_proves_a_number_takes_it_from_who_only_typed_it(researcher):
    User.objects.filter(pk=researcher.pk).update(phone=PHONE)
    client = Client()
    sent = client.post("/accounts/join/", {"name": "王芳", "phone": PHONE})
    client.post(sent["Location"], {"code": code_in(Sms.objects.get())})

    researcher.refresh_from_db()
    assert researcher.phone is None
    assert User.objects.get(phone=PHONE).name == "王芳"


def test_who_never_sends_the_code_back_is_forgotten_after_a_day_and_nobody_else(by_phone):
    Client().post("/accounts/join/", {"name": "x", "phone": "13900000009"})
    forget_who_never_came()
    assert User.objects.filter(phone="13900000009").exists()

    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        forget_who_never_came()
    assert list(User.objects.all()) == [by_phone]


@pytest.mark.parametrize("typed", ["12345", "0411-84700000", "+1", "letters"])
def test_what_no_text_message_reaches_is_refused_beside_its_field(db, typed):
    answer = Client().post("/accounts/join/", {"name": "x", "phone": typed})

    assert answer.status_code == 400
    assert answer.context["form"].errors.keys() == {"phone"}
    assert not User.objects.exists()


def test_a_number_is_added_to_an_account_by_a_code(browse, researcher):
    page = browse(researcher)
    page.post("/accounts/reauthenticate/", {"password": PASSWORD})
    sent = page.post("/accounts/phone/change/", {"phone": "+8613800000001"})
    page.post(sent["Location"], {"code": code_in(Sms.objects.get())})

    researcher.refresh_from_db()
    assert (researcher.phone, researcher.phone_verified) == (PHONE, True)


def test_a_number_that_is_typed_anew_has_to_be_proven_anew(browse, by_phone):
    browse(by_phone).post("/account/profile/", {"name": "x", "phone": "13900000009", "language": "zh-hans"})

    by_phone.refresh_from_db()
    assert (by_phone.phone, by_phone.phone_verified) == ("13900000009", False)


def test_who_has_only_a_phone_does_not_lose_it_in_the_profile(browse):
    user = User.objects.create(name="王芳", phone=PHONE, phone_verified=True)

    for phone in ("", "13900000009"):
        form = {"name": "王芳", "phone": phone, "language": "zh-hans"}
        answer = browse(user).post("/account/profile/", form)
        assert answer.context["profile_form"].errors.keys() == {"phone"}
    assert browse(user).post("/account/profile/", {**form, "phone": PHONE}).status_code == 302


def test_a_person_is_not_shown_by_the_phone_that_they_share_with_nobody():
    person("somebody")

    assert [tidy_phone(each) for each in ("+852 5123 4567", "0411-8470")] == ["+85251234567", "04118470"]
