"""Signing up, belonging somewhere, and the keys of programs."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts.formats import USCC_ALPHABET, is_uscc, tidy_uscc
from accounts.models import ApiToken, MailDomain, Membership, Organisation, ResearchGroup, User
from accounts.services import claim_membership, make_service_account
from accounts.states import MembershipState, OrganisationKind, Role
from notifications.models import Mail, Notice
from privacy.states import CURRENT
from tests.factories import PASSWORD, member, person, token_for

pytestmark = pytest.mark.django_db
CODES = ["91210299DEM000014W", "91210299DEM000022P", "91210299DEM000030J", "91210299DEM000049F", "12210299DEM001017J"]


def with_check(first: str) -> str:
    total = sum(USCC_ALPHABET.index(each) * pow(3, n, 31) for n, each in enumerate(first))
    return first + USCC_ALPHABET[(31 - total % 31) % 31]


@pytest.mark.parametrize(("before", "words"), [("", "机时"), ("/en", "Jishi")])
def test_who_signs_up_confirms_their_address_and_can_sign_in(before, words):
    visitor = Client()
    form = {"name": "新人", "email": "New@Example.org", "password1": PASSWORD}

    assert visitor.post(f"{before}/accounts/signup/", form).status_code == 302
    refused = visitor.post(f"{before}/accounts/login/", {"login": "new@example.org", "password": PASSWORD})
    mail = Mail.objects.filter(event="email_confirmation_signup").first()
    link = re.search(r"http://testserver(/\S*confirm-email/\S+/)", mail.body)[1]
    visitor.post(link)
    visitor.post(f"{before}/accounts/login/", {"login": "new@example.org", "password": PASSWORD})
    asked = visitor.get(f"{before}/account/")
    visitor.post(f"{before}/agree/", {"version": CURRENT})
    page = visitor.get(f"{before}/account/")

    assert asked["Location"].startswith(f"{before}/agree/")
    assert words in mail.body
    assert "/account/" not in refused["Location"]
    assert link.startswith(f"{before}/accounts/")
    assert "新人" in page.content.decode()
    assert User.objects.get().language == ("en" if before else "zh-hans")


def test_the_11th_wrong_password_in_a_minute_is_a_429(researcher):
    visitor, wrong = Client(), {"login": researcher.email, "password": "wrong"}

    answers = [visitor.post("/accounts/login/", wrong).status_code for _ in range(11)]

    assert answers == [200] * 10 + [429]


def test_a_verified_address_at_the_institutions_domain_confirms_a_claim_at_once(university, stranger):
    MailDomain.objects.create(organisation=university, domain="example.org")

    assert claim_membership(university, by=stranger).state == MembershipState.CONFIRMED


def test_an_address_that_nobody_verified_proves_nothing(university):
    MailDomain.objects.create(organisation=university, domain="example.org")
    liar = User.objects.create_user("president@example.org", PASSWORD, name="liar")

    assert claim_membership(university, by=liar).state == MembershipState.CLAIMED


def test_an_admin_of_the_institution_confirms_a_claim_and_nobody_their_own(browse, university, stranger):
    admin = member("admin", university, Role.ADMIN)
    browse(stranger).post("/account/memberships/", {"organisation": university.pk, "number": "2026001"})
    claim = Membership.objects.get(person=stranger)
    path = f"/memberships/{claim.pk}/confirm/"

    assert Notice.objects.get().reader == admin
    assert browse(stranger).post(path).status_code == 403
    assert "2026001" in browse(admin).get(f"/organisations/{university.pk}/members/").content.decode()
    browse(admin).post(path)

    claim.refresh_from_db()
    assert (claim.state, claim.confirmed_by) == (MembershipState.CONFIRMED, admin)


def test_a_claim_made_twice_is_refused_beside_the_form(browse, university, stranger):
    page = browse(stranger)
    page.post("/account/memberships/", {"organisation": university.pk})

    again = page.post("/account/memberships/", {"organisation": university.pk})

    assert again.status_code == 400
    assert "您已申请或已加入该单位" in again.content.decode()


@pytest.mark.parametrize("code", [*CODES, with_check("N2210299DEM000014"), with_check("A1210299DEM000014")])
def test_a_code_with_the_right_check_character_is_accepted(code):
    assert is_uscc(code)
    assert not is_uscc(code[:-1] + ("0" if code[-1] != "0" else "1"))


@pytest.mark.parametrize("code", ["", "91210299DEM00001", "9121O299DEM000014W", "91210299DEM000014W0", "9ABCDEFG" * 3])
def test_other_codes_are_not(code):
    assert not is_uscc(code)


def test_a_code_may_be_typed_in_full_width_small_letters_with_spaces():
    assert tidy_uscc(" ９１２１０２９９ dem000014w ") == CODES[0]


def test_a_firm_is_registered_once_and_the_second_comer_joins_it(browse, stranger):
    form = {"name_zh": "示例公司", "uscc": "９１２１０２９９dem000014w"}
    browse(stranger).post("/account/firms/", form)
    browse(person("second")).post("/account/firms/", form | {"name_zh": "另一个名字"})

    firm = Organisation.objects.get(uscc=CODES[0])
    assert firm.name_zh == "示例公司"
    assert list(firm.memberships.order_by("created_at").values_list("role", "state")) == [
        ("admin", "claimed"),
        ("member", "claimed"),
    ]


def test_a_wrong_code_is_refused_beside_its_field_and_nothing_is_entered(browse, stranger):
    answer = browse(stranger).post("/account/firms/", {"name_zh": "示例公司", "uscc": "91210299DEM000014X"})

    assert answer.status_code == 400
    assert "校验码不符" in answer.content.decode()
    assert not Organisation.objects.exists()


def test_an_officer_confirms_a_firms_first_admin_but_not_of_their_own_firm(browse, stranger):
    city = Organisation.objects.create(kind=OrganisationKind.GOVERNMENT, name_zh="科学城办公室")
    officer = member("officer", city, Role.OFFICER)
    browse(stranger).post("/account/firms/", {"name_zh": "示例公司", "uscc": CODES[0]})
    claim = Membership.objects.get(person=stranger)
    theirs = Membership.objects.create(person=officer, organisation=claim.organisation)

    assert browse(officer).post(f"/memberships/{claim.pk}/confirm/").status_code == 404
    theirs.delete()
    assert browse(officer).post(f"/memberships/{claim.pk}/confirm/").status_code == 302


def test_a_token_is_shown_once_and_only_its_digest_is_kept(browse, researcher):
    page = browse(researcher).post("/account/tokens/", {"name": "script", "scopes": ["read"], "days": 9})

    text = re.search(r"jishi_[a-z0-9]{8}_[\w-]{43}", page.content.decode())[0]
    token = ApiToken.objects.get()
    assert text.split("_", 2)[2] not in str(token.__dict__)
    assert text not in browse(researcher).get("/account/").content.decode()


def test_a_token_is_revoked_by_its_user_and_by_nobody_else(browse, call, researcher, labmate):
    caller = call(researcher)
    path = f"/account/tokens/{ApiToken.objects.get().pk}/revoke/"

    assert browse(labmate).post(path).status_code == 404
    assert caller.get("/api/v1/me/").status_code == 200
    browse(researcher).post(path)
    assert caller.get("/api/v1/me/").status_code == 401


def test_a_token_can_make_no_token_and_end_no_other(call, researcher):
    token_for(researcher)
    other = ApiToken.objects.get()
    caller = call(researcher)

    assert caller.post("/api/v1/tokens/", {"name": "x", "scopes": ["read"]}).status_code == 403
    assert caller.delete(f"/api/v1/tokens/{other.pk}/").status_code == 403


def test_a_service_account_has_tokens_and_no_password_even_by_mail(call, university):
    admin = member("admin", university, Role.ADMIN)
    program = make_service_account(university, by=admin, name="lims", email="lims@example.org")

    Client().post("/accounts/password/reset/", {"email": program.email})

    assert not program.has_usable_password()
    assert not any("/password/reset/key/" in mail.body for mail in Mail.objects.all())
    assert call(program).get("/api/v1/me/").json()["memberships"][0]["state"] == "confirmed"


def test_a_group_is_filled_by_its_pi_alone_and_with_members_of_the_institution(browse, university, stranger):
    pi, labmate = member("pi", university), member("labmate", university)
    group = ResearchGroup.objects.create(organisation=university, pi=pi, name_zh="课题组")
    path = f"/groups/{group.pk}/"

    assert browse(pi).post(f"{path}admit/", {"email": stranger.email}).status_code == 400
    assert browse(pi).post(f"{path}admit/", {"email": labmate.email}).status_code == 302
    assert browse(labmate).post(f"{path}admit/", {"email": pi.email}).status_code == 403
    assert browse(stranger).get(path).status_code == 404
    assert list(group.members.all()) == [labmate]


def test_the_language_switch_keeps_the_page_and_is_remembered(browse, researcher):
    page = browse(researcher)

    switched = page.post("/language/", {"language": "en", "next": "/instruments/?q=sem"})
    researcher.refresh_from_db()

    assert switched["Location"] == "/en/instruments/?q=sem"
    assert researcher.language == "en"
    assert page.get("/instruments/?q=sem")["Location"] == "/en/instruments/?q=sem"


@pytest.mark.parametrize("there", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
def test_the_language_switch_leads_nowhere_else(there):
    assert Client().post("/language/", {"language": "en", "next": there})["Location"] == "/en/"


def test_who_signs_in_on_the_english_page_goes_on_in_english(client, researcher):
    answer = client.post("/en/accounts/login/", {"login": researcher.email, "password": PASSWORD})

    assert answer["Location"].startswith("/en/")
    assert client.get("/en/instruments/").status_code == 200
