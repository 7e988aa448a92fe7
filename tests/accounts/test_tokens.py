"""Keys of programs: shown once, kept as a digest, bounded by scope and time, ended at once."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import ApiToken, Organisation, User
from accounts.services import make_service_account
from accounts.states import OrganisationKind, Role
from records.models import IdempotencyKey
from tests.conftest import Caller
from tests.factories import PASSWORD, fresh_key, member, token_for

TOKENS = "/api/v1/tokens/"
TEXT = r"jishi_[a-z0-9]{8}_[\w-]{43}"


@pytest.fixture
def admin(university):
    return member("admin", university, Role.ADMIN)


@pytest.fixture
def lims(university, admin):
    return make_service_account(university, by=admin, name="lims", email="lims@example.org")


@pytest.fixture
def signed_in(researcher):
    caller = Caller()
    caller.force_login(researcher)
    return caller


def test_the_secret_is_in_no_column_and_no_kept_answer(signed_in):
    text = signed_in.post(TOKENS, {"name": "script", "scopes": ["read"]}).json()["token"]

    secret, token = text.split("_", 2)[2], ApiToken.objects.get()
    assert re.fullmatch(TEXT, text)
    assert token.digest == hashlib.sha256(text.encode()).hexdigest()
    assert secret not in f"{token.__dict__} {IdempotencyKey.objects.get().body}"
    assert secret not in signed_in.get(TOKENS).content.decode()


def test_a_request_sent_again_makes_no_second_token_and_shows_no_secret(signed_in):
    key, wish = fresh_key(), {"name": "script", "scopes": ["read"]}
    first, second = (signed_in.post(TOKENS, wish, key=key) for _ in range(2))

    assert first.json()["id"] == second.json()["id"]
    assert (bool(first.json()["token"]), second.json()["token"]) == (True, "")
    assert ApiToken.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"scopes": []},
        {"scopes": ["everything"]},
        {"scopes": None},
        {"days": 0},
        {"days": 367},
        {"name": ""},
        {"name": "x" * 61},
        {"user": "somebody"},
    ],
)
def test_a_token_of_a_wrong_shape_is_a_400(signed_in, wrong):
    assert signed_in.post(TOKENS, {"name": "x", "scopes": ["read"]} | wrong).status_code == 400
    assert not ApiToken.objects.exists()


def test_the_form_says_what_is_wrong_beside_its_field(browse, researcher):
    answer = browse(researcher).post("/account/tokens/", {"name": "x", "days": 9})

    assert answer.status_code == 400
    assert answer.context["token_form"].errors.keys() == {"scopes"}
    assert not ApiToken.objects.exists()


def test_a_token_expires(call, researcher):
    caller = call(researcher)

    with time_machine.travel(timezone.now() + timedelta(days=89)):
        assert caller.get("/api/v1/me/").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=91)):
        assert caller.get("/api/v1/me/").status_code == 401


@pytest.mark.parametrize("spoil", [lambda text: text[:-1], lambda text: text[:-1] + "!", str.upper, lambda _text: "x"])
def test_a_token_that_is_not_quite_right_is_none(researcher, spoil):
    answer = Caller().get("/api/v1/me/", headers={"Authorization": f"Bearer {spoil(token_for(researcher))}"})

    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")


def test_a_wrong_token_is_no_visitor(researcher):
    """Who thinks to be somebody must not take the public answer for their own."""
    assert Caller().get("/api/v1/instruments/", headers={"Authorization": "Bearer jishi_x_y"}).status_code == 401


def test_a_token_opens_no_page(researcher):
    headers = {"Authorization": f"Bearer {token_for(researcher)}"}

    assert Client().get("/account/", headers=headers).status_code == 302


def test_the_last_use_is_noted_at_most_once_a_minute(call, researcher):
    caller, noted = call(researcher), []
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for wait in (0, 30, 31):
            clock.shift(wait)
            caller.get("/api/v1/me/")
            noted.append(ApiToken.objects.get().last_used_at)

    assert noted[0] == noted[1]
    assert noted[2] - noted[1] == timedelta(seconds=61)


def test_another_persons_token_looks_like_none(call, signed_in, labmate):
    token_for(labmate)
    theirs, absent = ApiToken.objects.get().pk, "01900000-0000-7000-8000-000000000000"

    seen, missing = (signed_in.delete(f"{TOKENS}{each}/") for each in (theirs, absent))

    assert seen.status_code == missing.status_code == 404
    assert seen.json() == missing.json()
    assert ApiToken.objects.get().revoked_at is None


def test_a_token_may_end_itself(call, researcher):
    caller = call(researcher, "read")

    assert caller.delete(f"{TOKENS}{ApiToken.objects.get().pk}/").status_code == 204
    assert caller.get("/api/v1/me/").status_code == 401


def test_a_program_gets_its_token_from_an_admin_of_its_organisation(browse, admin, lims, university):
    path = f"/organisations/{university.pk}/service-accounts/{lims.pk}/tokens/"

    shown = browse(admin).post(path, {"name": "t", "scopes": ["read"], "days": 9}).content.decode()
    text = re.search(TEXT, shown)[0]

    assert Caller().get("/api/v1/me/", headers={"Authorization": f"Bearer {text}"}).json()["name"] == "lims"
    assert text not in browse(admin).get(f"/organisations/{university.pk}/members/").content.decode()


def test_an_admin_governs_their_own_organisations_programs_alone(browse, lims, university):
    west = Organisation.objects.create(kind=OrganisationKind.UNIVERSITY, name_zh="西海大学")
    elsewhere, form = member("elsewhere", west, Role.ADMIN), {"name": "t", "scopes": ["read"], "days": 9}
    token_for(lims)
    page = browse(elsewhere)

    for path in (
        f"/organisations/{university.pk}/service-accounts/{lims.pk}/tokens/",
        f"/organisations/{west.pk}/service-accounts/{lims.pk}/tokens/",
        f"/account/tokens/{ApiToken.objects.get().pk}/revoke/",
    ):
        assert page.post(path, form).status_code == 404
    assert ApiToken.objects.filter(revoked_at=None).count() == 1


def test_an_admin_ends_the_token_of_a_program_at_once(browse, call, admin, lims):
    caller = call(lims)

    browse(admin).post(f"/account/tokens/{ApiToken.objects.get().pk}/revoke/")

    assert caller.get("/api/v1/me/").status_code == 401


def test_a_program_has_no_password_to_sign_in_with(lims):
    for password in ("", PASSWORD, "!"):
        client = Client()
        client.post("/accounts/login/", {"login": lims.email, "password": password})
        assert client.get("/account/").status_code == 302


def test_a_program_is_made_by_admins_and_under_an_address_of_its_own(browse, admin, researcher, university):
    path, form = f"/organisations/{university.pk}/service-accounts/", {"name": "lims", "email": "lims@example.org"}

    assert browse(researcher).post(path, form).status_code == 404
    assert browse(admin).post(path, form | {"email": researcher.email.upper()}).status_code == 400
    assert browse(admin).post(path, form).status_code == 302
    assert list(User.objects.filter(service_of=university).values_list("email", flat=True)) == ["lims@example.org"]
