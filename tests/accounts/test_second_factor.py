"""The second factor: who owes it, what opens without it, and how it is shown."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
import time
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core.management import CommandError, call_command
from django.test import Client, TestCase
from django.utils import timezone

from accounts.models import Organisation, ResearchGroup, User
from accounts.rules import needs_second_factor
from accounts.services import mark_of, seal_factors_anew, take_factors_away
from accounts.services.factors import NO_FACTOR
from accounts.states import OrganisationKind, Proof, Role, Vouched
from common.errors import NotAllowed
from common.sealed import Unreadable
from instruments.services import entrust
from instruments.states import FacilityDuty
from notifications.models import Mail, Sms
from records.models import DEMO, Mark
from tests import factories
from tests.conftest import Caller
from tests.factories import PASSWORD, member, person
from tests.outreach import situations

pytestmark = pytest.mark.django_db
SECRET = base64.b32encode(b"twenty bytes of ours").decode()
CACHE_AWAY = pytest.mark.usefixtures("_no_cache")


def code_now(secret=SECRET):
    """RFC 6238, worked out here a second time."""
    counter = struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at : at + 4], 'big') & 0x7FFFFFFF) % 10**6:06}"


def with_app(user):
    """`user` has an authenticator app."""
    TOTP.activate(user, SECRET)
    return user


@pytest.fixture
def officer(db):
    city = Organisation.objects.create(kind=OrganisationKind.GOVERNMENT, name_zh="科学城办公室")
    return member("officer", city, Role.OFFICER)


@pytest.fixture
def dean(university):
    return member("dean", university, Role.ADMIN)


def by_password(user, client=None):
    client = client or Client()
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    return client


@pytest.mark.parametrize("role", Role.values)
def test_who_decides_sees_much_or_handles_money_owes_it_and_others_do_not(role):
    owes = {"officer", "auditor", "finance", "admin", "coordinator"}

    assert needs_second_factor([role], runs_laboratory=False, is_staff=False) is (role in owes)
    assert needs_second_factor([role], runs_laboratory=True, is_staff=False)
    assert needs_second_factor([role], runs_laboratory=False, is_staff=True)


def test_nothing_opens_to_an_officer_before_the_second_step_is_set_up(officer):
    page = by_password(officer)

    for path in ("/landing/", "/account/", "/officer/firms/", "/", "/instruments/", "/accounts/password/change/"):
        assert page.get(path)["Location"].startswith("/accounts/2fa/?next="), path
    assert page.get("/accounts/2fa/").status_code == 200
    assert page.post("/account/profile/", {"name": "x", "language": "en"})["Location"].startswith("/accounts/2fa/")
    refused = page.get("/api/v1/bookings/")
    assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_needed")


def test_somebody_without_a_guarded_role_is_asked_for_nothing(researcher):
    assert by_password(researcher).get("/account/").status_code == 200


@pytest.mark.parametrize("duty", FacilityDuty.values)
def test_of_those_who_run_a_laboratory_its_admins_owe_it(centre, university, duty):
    user = member("somebody", university)
    entrust(centre, to=user, duty=duty)

    assert by_password(user).get("/inbox/").status_code == (302 if duty == FacilityDuty.ADMIN else 200)


def test_it_is_owed_from_the_moment_of_the_appointment_and_no_longer_than_that(browse, researcher, university):
    page = Client()
    page.force_login(researcher)
    held = researcher.memberships.create(organisation=university, role=Role.FINANCE, state="confirmed")

    assert page.get("/account/").status_code == 302
    held.state = "ended"
    held.save()
    assert page.get("/account/").status_code == 200


def test_a_claim_that_nobody_confirmed_owes_nothing(stranger, university):
    stranger.memberships.create(organisation=university, role=Role.ADMIN)

    assert by_password(stranger).get("/account/").status_code == 200


def test_a_demo_asks_nobody(officer):
    Mark.objects.create(name=DEMO)

    assert by_password(officer).get("/account/").status_code == 200


def test_a_token_is_a_programs_and_owes_nothing(officer, call):
    assert call(officer).get("/api/v1/bookings/").status_code == 200


def test_a_token_counts_where_a_session_comes_along(officer):
    caller = Caller()
    caller.force_login(officer)
    token = factories.token_for(officer)

    assert caller.get("/api/v1/bookings/", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_the_reader_costs_no_statement_more(statements, researcher, officer):
    factories.signed_in(page := Client(), officer)

    with statements() as asked:
        page.get("/accounts/2fa/")

    assert len([sql for sql in asked if sql.startswith("EXECUTE reader_") or 'FROM "accounts_user"' in sql]) == 1


@pytest.mark.django_db(transaction=True)
def test_an_app_is_set_up_then_everything_opens_and_the_codes_are_shown_once(officer):
    page = by_password(officer)
    page.post("/accounts/reauthenticate/", {"password": PASSWORD})
    form = page.get("/accounts/2fa/totp/activate/")
    assert form.status_code == 200
    secret = form.context["form"].secret
    assert "data:image/svg+xml" in form.content.decode()

    done = page.post("/accounts/2fa/totp/activate/", {"code": code_now(secret)})

    assert done["Location"] == "/accounts/2fa/recovery-codes/"
    codes = page.get(done["Location"]).context["unused_codes"]
    assert len({*codes}) == 10
    assert codes[0] not in page.get(done["Location"]).content.decode()
    assert page.get("/officer/firms/").status_code == 200
    kept = str(Authenticator.objects.values_list("data", flat=True))
    assert secret not in kept
    assert not any(code in kept for code in codes)


def test_a_wrong_code_sets_nothing_up(officer):
    page = by_password(officer)
    page.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page.get("/accounts/2fa/totp/activate/")

    assert page.post("/accounts/2fa/totp/activate/", {"code": "000000"}).status_code == 200
    assert not Authenticator.objects.exists()


def test_setting_up_asks_for_the_password_again_where_it_was_typed_long_ago(officer):
    page = by_password(officer)

    with time_machine.travel(time.time() + 900):
        assert page.get("/accounts/2fa/totp/activate/")["Location"].startswith("/accounts/reauthenticate/")


def test_the_password_alone_leads_to_the_second_step_and_the_code_through_it_once(officer):
    page = by_password(with_app(officer))
    assert page.get("/landing/")["Location"].startswith("/accounts/login/")

    code = code_now()
    through = page.post("/accounts/2fa/authenticate/", {"code": code})

    assert through["Location"] == "/landing/"
    assert page.get("/officer/firms/").status_code == 200
    again = by_password(officer)
    assert again.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 200


def test_a_session_from_before_has_to_show_what_was_set_up_elsewhere(officer):
    old = Client()
    old.force_login(officer)
    with_app(officer)

    assert old.get("/officer/firms/")["Location"].startswith("/accounts/2fa/reauthenticate/?next=")
    assert old.get("/accounts/2fa/totp/activate/")["Location"].startswith("/accounts/2fa/reauthenticate/")
    old.post("/accounts/2fa/reauthenticate/", {"code": code_now()})
    assert old.get("/officer/firms/").status_code == 200


@pytest.mark.parametrize("cache", [True, False])
def test_codes_are_not_guessed_redis_or_no_redis(request, officer, cache):
    if not cache:
        request.getfixturevalue("_no_cache")
    page = by_password(with_app(officer))
    with time_machine.travel(timezone.now(), tick=False):
        guesses = [page.post("/accounts/2fa/authenticate/", {"code": f"{n:06}"}).status_code for n in range(11)]
        right = page.post("/accounts/2fa/authenticate/", {"code": code_now()}).status_code

    assert guesses == [200] * 10 + [429]
    assert right == 429


@CACHE_AWAY
def test_right_codes_are_not_counted_while_redis_is_away(officer):
    with_app(officer)
    answers = set()
    for n in range(12):
        with time_machine.travel(timezone.now() + timedelta(minutes=n), tick=False):
            answers.add(by_password(officer).post("/accounts/2fa/authenticate/", {"code": code_now()}).status_code)

    assert answers == {302}


def test_the_last_factor_of_a_guarded_role_is_not_taken_away(officer, researcher):
    for user, stays in ((officer, True), (researcher, False)):
        page = factories.signed_in(Client(), with_app(user))
        page.post("/accounts/reauthenticate/", {"password": PASSWORD})
        page.post("/accounts/2fa/totp/deactivate/")
        assert Authenticator.objects.filter(user=user, type="totp").exists() is stays


def test_the_secrets_are_sealed_anew_by_the_first_key(officer, settings):
    with_app(officer)
    old, settings.FIELD_KEYS = (
        settings.FIELD_KEYS,
        ["another key of more than thirty-two characters", *settings.FIELD_KEYS],
    )
    assert seal_factors_anew() == 1
    settings.FIELD_KEYS = settings.FIELD_KEYS[:1]
    page = by_password(officer)
    assert page.post("/accounts/2fa/authenticate/", {"code": code_now()})["Location"] == "/landing/"

    settings.FIELD_KEYS = old
    with pytest.raises(Unreadable):
        seal_factors_anew()


def test_the_admins_reading_room_asks_for_it_too():
    staff = person("staff", is_staff=True)

    assert by_password(staff).get("/admin/")["Location"].startswith("/accounts/2fa/")


def test_whoever_has_only_a_phone_is_told_by_text_message_and_found_by_the_command(researcher, lines):
    researcher.email, researcher.phone, researcher.phone_verified = None, "13800000009", True
    researcher.save()
    with_app(researcher)

    with TestCase.captureOnCommitCallbacks(execute=True):
        call_command("second_step_lost", "13800000009", proof="in_person", stdout=StringIO())

    assert Sms.objects.get(address="13800000009").event == "second_step_taken_away"
    [said] = [each for each in lines() if each["event"] == "second_step_taken_away"]
    assert (said["who"], said["by"], said["proof"]) == (mark_of(researcher), "", "in_person")


def test_an_admin_takes_away_what_a_member_has_lost_and_they_are_told_who_and_on_what_proof(
    browse, researcher, dean, university
):
    device = by_password(researcher)
    with_app(researcher)
    assert device.get("/account/").status_code == 200
    held = researcher.memberships.get(organisation=university)
    admin = browse(dean)

    assert f"/memberships/{held.pk}/second-step/" in admin.get(f"/organisations/{university.pk}/members/").text
    assert admin.post(f"/memberships/{held.pk}/second-step/").status_code == 400  # without a proof
    assert Authenticator.objects.filter(user=researcher).exists()
    answer = admin.post(f"/memberships/{held.pk}/second-step/", {"proof": "in_person"})
    assert answer["Location"] == f"/organisations/{university.pk}/members/"

    assert not Authenticator.objects.filter(user=researcher).exists()
    assert device.get("/account/").status_code == 302
    mail = Mail.objects.get(event="second_step_taken_away", reader=researcher)
    assert dean.name in mail.body
    assert "in person" in mail.body or "当面" in mail.body
    assert by_password(researcher).get("/account/").status_code == 200
    refused = admin.post(f"/memberships/{held.pk}/second-step/", {"proof": "in_person"})
    assert (refused.status_code, str(NO_FACTOR.detail) in refused.text) == (400, True)


# What somebody may have, so that their organisation's admin does not take their second step away.
RIGHTS_ELSEWHERE = {
    "a membership": lambda who, other: who.memberships.create(organisation=other, role=Role.MEMBER, state="confirmed"),
    "a firm": lambda who, other: who.memberships.create(organisation=other, role=Role.ADMIN, state="claimed"),
    "a laboratory": lambda who, other: entrust(
        factories.laboratory(other, "there"), to=who, duty=FacilityDuty.OPERATOR
    ),
    "a group": lambda who, other: ResearchGroup.objects.create(organisation=other, pi=who, name_zh="组"),
    "young people": lambda who, other: who.mentors_at.create(organisation=other),
    "a child": lambda who, _other: situations.child_of(who),
    # An admin may write into a roster whom they like.
    "nothing but a line in a roster": lambda who, _other: who.memberships.update(vouched_by=Vouched.ROSTER),
    "the admin's pages": lambda who, _other: User.objects.filter(pk=who.pk).update(is_staff=True),
    "everything": lambda who, _other: User.objects.filter(pk=who.pk).update(is_superuser=True),
    "the wish to do it for oneself": lambda _who, _other: None,
}


@pytest.mark.parametrize("has", RIGHTS_ELSEWHERE)
def test_whose_rights_lie_elsewhere_too_keeps_it(has, browse, researcher, dean, university):
    person_there = dean if "oneself" in has else researcher
    RIGHTS_ELSEWHERE[has](person_there, factories.university(name_zh="西山大学"))
    with_app(person_there)
    held = person_there.memberships.get(organisation=university)
    with pytest.raises(NotAllowed):
        take_factors_away(person_there, by=dean, proof=Proof.IN_PERSON)

    answer = browse(dean).get(f"/memberships/{held.pk}/second-step/")
    assert (answer.status_code, "csrfmiddlewaretoken" in answer.text.partition("<main")[2]) == (200, False)
    assert Authenticator.objects.filter(user=person_there).exists()

    call_command("second_step_lost", person_there.email, proof="called_back", stdout=StringIO())
    assert not Authenticator.objects.filter(user=person_there).exists()
    with pytest.raises(CommandError):
        call_command("second_step_lost", person_there.email, proof="called_back")
