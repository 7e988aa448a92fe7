"""Campus sign-on against stand-ins that speak OpenID Connect, CAS 3.0 and SAML over real HTTP, with real signatures."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import time_machine
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.utils import timezone
from lxml import etree
from onelogin.saml2.utils import OneLogin_Saml2_Utils

from accounts.models import Membership, User
from accounts.states import Role
from config.campus import campuses
from notifications.models import Mail, Sms
from tests.accounts.campuses import standing_in
from tests.accounts.test_by_code import code_in
from tests.factories import PASSWORD, agreed, member, person, signed_in

pytestmark = pytest.mark.django_db
KINDS = ["oidc", "cas", "saml"]
EVERY_KIND = pytest.mark.parametrize("kind", KINDS)
PHONE = "13800000001"


@pytest.fixture
def campus(university, settings):
    university.uscc = "12210299DEM001017J"
    university.save()
    settings.ALLOWED_HOSTS = [HOST, "testserver"]
    with standing_in() as stand_in:
        shared = {"name_zh": "东海大学", "name_en": "East Sea University", "organisation": university.uscc}
        shared["affiliations"] = ["faculty", "staff", "student"]
        saml = {
            "entity_id": "https://idp.example/idp",
            "sso_url": f"{stand_in.address}/sso",
            "x509cert": stand_in.certificate(),
        }
        settings.CAMPUSES = [
            {
                **shared,
                "slug": "east-oidc",
                "kind": "oidc",
                "issuer": stand_in.address,
                "client_id": "jishi",
                "client_secret": "secret",
            },
            {**shared, "slug": "east-cas", "kind": "cas", "server": f"{stand_in.address}/cas"},
            {**shared, "slug": "east-saml", "kind": "saml", **saml},
        ]
        yield stand_in


HOST = "portal.example"  # SAML wants one with a dot


def browser():
    return Client(HTTP_HOST=HOST)


def through(campus, kind, client=None, *, query="", **forged):
    """Off to the campus and back, as a browser goes; the portal's answer."""
    client = client or browser()
    off = client.get(f"/campus/{kind}/east-{kind}/login/{query}")
    assert off.status_code == 302
    if kind == "saml":
        asked = parse_qs(urlsplit(off["Location"]).query)["SAMLRequest"][0]
        request = etree.fromstring(OneLogin_Saml2_Utils.decode_base64_and_inflate(asked))
        acs = request.get("AssertionConsumerServiceURL")
        issuer = request.findtext("{urn:oasis:names:tc:SAML:2.0:assertion}Issuer")
        answer = campus.assertion(**{"to": acs, "audience": issuer, "in_response_to": request.get("ID"), **forged})
        posted = client.post(urlsplit(acs).path, {"SAMLResponse": answer, "RelayState": ""})
        return client, client.get(posted["Location"])
    back = requests.get(off["Location"], allow_redirects=False, timeout=5).headers["Location"]
    return client, client.get(back.removeprefix(f"http://{HOST}"))


def first_visit(client, **form):
    return client.post("/accounts/campus/signup/", {"name": "王芳", "number": "20260001", **form})


def joined(campus, kind):
    """Somebody who came by the campus for the first time and proved a phone."""
    client, answer = through(campus, kind)
    assert answer["Location"] == "/accounts/campus/signup/"
    sent = first_visit(client, phone=PHONE)
    client.post(sent["Location"], {"code": code_in(Sms.objects.order_by("created_at").last())})
    return agreed(client)


def is_refused(client, answer):
    shown = client.get(answer["Location"]) if answer.status_code == 302 else answer
    return (
        shown.status_code in {200, 401, 403}
        and client.get("/account/").status_code == 302
        and not User.objects.exclude(email="researcher@example.org").exists()
    )


@EVERY_KIND
def test_the_first_visit_asks_for_name_and_number_and_then_the_campus_alone_lets_in(campus, university, kind):
    client = joined(campus, kind)

    assert client.get("/account/").status_code == 200
    user = User.objects.get()
    held = user.memberships.get()
    assert (user.name, user.phone, user.email, user.has_usable_password()) == ("王芳", PHONE, None, False)
    assert (held.organisation, held.role, held.state, held.number) == (university, "member", "confirmed", "20260001")
    again, answer = through(campus, kind)
    assert answer["Location"] == "/landing/"
    assert again.get("/account/").status_code == 200
    assert User.objects.count() == Membership.objects.count() == 1


@EVERY_KIND
def test_who_began_in_english_goes_on_in_english(campus, kind):
    client = browser()
    page = client.get("/en/accounts/login/").text
    [query] = re.findall(rf'href="[^"]*/campus/{kind}/east-{kind}/login/(\?[^"]*)"', page)

    _client, answer = through(campus, kind, client, query=unescape(query))

    assert answer["Location"] == "/en/accounts/campus/signup/"


@EVERY_KIND
def test_the_portals_clock_ends_the_session_and_the_campus_is_asked_again(campus, kind):
    client = joined(campus, kind)

    with time_machine.travel(timezone.now() + timedelta(days=14)):
        assert client.get("/account/").status_code == 302
        through(campus, kind, client)
        assert client.get("/account/").status_code == 200


@EVERY_KIND
def test_nothing_is_kept_of_what_the_campus_told_but_the_affiliation(campus, kind):
    campus.userinfo = {"email": "wang@eastsea.example", "email_verified": True, "birthdate": "1990-01-01"}
    joined(campus, kind)

    account = SocialAccount.objects.get()
    assert account.extra_data.keys() == {"affiliations", "number"}
    assert account.extra_data["affiliations"] == ["faculty"]
    assert (account.provider, account.uid) == (f"east-{kind}", "opaque-1")


def test_a_mail_address_binds_nobody_even_where_the_campus_calls_it_verified(campus, researcher):
    campus.userinfo = {"email": researcher.email, "email_verified": True}

    client, answer = through(campus, "oidc")

    assert answer["Location"] == "/accounts/campus/signup/"
    sent = first_visit(client, email=researcher.email)
    assert Mail.objects.get().event == "account_already_exists"
    assert sent.status_code == 302
    assert client.get("/account/").status_code == 302
    assert not SocialAccount.objects.exists()


def test_a_new_address_is_confirmed_before_the_door_opens(campus):
    client, _answer = through(campus, "cas")
    first_visit(client, email="wang@example.org")
    assert client.get("/account/").status_code == 302
    assert not Membership.objects.exists()

    link = re.search(r"http://portal.example(/\S*confirm-email\S*)", Mail.objects.get().body)[1]
    client.post(link)
    client, answer = through(campus, "cas")

    assert answer["Location"] == "/landing/"
    assert Membership.objects.get().state == "confirmed"


def test_neither_phone_nor_mail_is_not_enough(campus):
    client, _answer = through(campus, "cas")

    assert first_visit(client).context["form"].errors.keys() == {"phone"}
    assert not User.objects.exists()


@EVERY_KIND
@pytest.mark.parametrize(
    "affiliations", [[], ["alum@eastsea.example"], ["library-walk-in@eastsea.example", "affiliate"]]
)
def test_who_does_not_belong_there_may_come_in_and_is_no_member(campus, kind, affiliations):
    campus.affiliations = affiliations

    assert joined(campus, kind).get("/account/").status_code == 200
    assert not Membership.objects.exists()


@EVERY_KIND
def test_who_leaves_the_campus_is_no_member_from_the_next_sign_in(campus, kind):
    joined(campus, kind)
    campus.affiliations = ["alum@eastsea.example"]

    through(campus, kind)

    assert Membership.objects.get().state == "ended"


def test_what_people_confirmed_is_not_ended_by_the_campus(campus, university, researcher):
    SocialAccount.objects.create(user=researcher, provider="east-cas", uid="opaque-1")
    campus.affiliations = []

    through(campus, "cas")

    assert researcher.memberships.get().state == "confirmed"


def test_a_claim_is_confirmed_by_the_campus(campus, university):
    user = person("somebody")
    user.memberships.create(organisation=university)
    SocialAccount.objects.create(user=user, provider="east-cas", uid="opaque-1")

    through(campus, "cas")

    assert user.memberships.get().state == "confirmed"


def test_who_is_signed_in_adds_the_campus_to_their_account(campus, stranger):
    page = signed_in(browser(), stranger)
    assert "/campus/cas/east-cas/login/" in page.post("/accounts/campus/add/east-cas/").content.decode()
    page, answer = through(campus, "cas", page, query="?process=connect")

    assert answer["Location"] == "/accounts/campus/"
    assert SocialAccount.objects.get().user == stranger
    assert stranger.memberships.get().state == "confirmed"
    assert page.get("/accounts/campus/").status_code == 200


@EVERY_KIND
def test_a_link_of_another_site_adds_no_campus(campus, stranger, kind):
    page, answer = through(campus, kind, signed_in(browser(), stranger), query="?process=connect")

    assert answer["Location"] == "/accounts/campus/"
    assert not SocialAccount.objects.exists()
    assert not stranger.memberships.exists()
    assert page.post("/accounts/campus/add/none/").status_code == 404


def test_a_guarded_role_shows_its_second_factor_after_the_campus_too(campus, university):
    user = member("finance", university, Role.FINANCE)
    SocialAccount.objects.create(user=user, provider="east-cas", uid="opaque-1")
    client, _answer = through(campus, "cas")

    assert client.get("/account/")["Location"].startswith("/accounts/2fa/?next=")


@EVERY_KIND
def test_a_disabled_person_does_not_come_in_by_the_campus(campus, researcher, kind):
    SocialAccount.objects.create(user=researcher, provider=f"east-{kind}", uid="opaque-1")
    User.objects.filter(pk=researcher.pk).update(is_active=False)

    client, answer = through(campus, kind)

    assert answer["Location"] == "/accounts/inactive/"
    assert client.get("/account/").status_code == 302


@pytest.mark.parametrize(
    "wrong",
    [{"aud": "other"}, {"iss": "https://other.example"}, {"exp": 1}, {"sub": "opaque-2"}, {"nonce": "of another"}],
)
def test_a_token_for_somebody_else_is_refused(campus, wrong):
    campus.changes = wrong

    assert is_refused(*through(campus, "oidc"))


@pytest.mark.parametrize("kind", ["oidc", "saml"])
def test_what_another_key_signed_is_refused(campus, kind):
    campus.signs_with = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    assert is_refused(*through(campus, kind))


@pytest.mark.parametrize(
    "forged",
    [
        {"signed": False}, {"audience": "https://other.example"}, {"issuer": "https://other.example/idp"},
        {"to": "http://portal.example/campus/saml/other/acs/"}, {"until": "2020-01-01T00:00:00Z"},
        {"in_response_to": "_another"}, {"sub": ""},
    ],
)  # fmt: skip
def test_a_forged_assertion_is_refused(campus, forged):
    if "to" in forged:
        forged = {**forged}
        address = forged.pop("to")
        client = browser()
        off = client.get("/campus/saml/east-saml/login/")
        answer = campus.assertion(to=address, audience=address, in_response_to="_x")
        posted = client.post("/campus/saml/east-saml/acs/", {"SAMLResponse": answer})
        assert off.status_code == 302
        assert is_refused(client, client.get(posted["Location"]))
        return
    assert is_refused(*through(campus, "saml", **forged))


def test_an_assertion_works_once(campus):
    client, _answer = through(campus, "saml")

    assert client.get("/campus/saml/east-saml/acs/finish/").status_code in {200, 401}
    assert is_refused(
        browser(),
        browser().post(
            "/campus/saml/east-saml/acs/",
            {
                "SAMLResponse": campus.assertion(
                    to="http://portal.example/campus/saml/east-saml/acs/",
                    audience="http://portal.example/campus/saml/east-saml/metadata/",
                    in_response_to="_x",
                )
            },
        ),
    )


ENTITY = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'


@pytest.mark.parametrize("body", [b"", b"no", b"<a/>", ENTITY, b"<" + b"a" * 200_000, b'{"serviceResponse":{}}'])
def test_what_is_no_answer_of_a_cas_server_lets_nobody_in(campus, body):
    campus.body = body

    assert is_refused(*through(campus, "cas"))


def test_a_ticket_is_for_one_service_and_one_browser(campus):
    client = browser()
    off = client.get("/campus/cas/east-cas/login/")["Location"]
    back = requests.get(off, allow_redirects=False, timeout=5).headers["Location"].removeprefix(f"http://{HOST}")

    assert is_refused(browser(), browser().get(back))  # another browser: it has no such state
    assert client.get(back)["Location"] == "/accounts/campus/signup/"
    assert is_refused(client, client.get(back))


@pytest.mark.parametrize("kind", ["oidc", "cas"])
def test_a_campus_that_is_away_is_said_so_and_nobody_comes_in(campus, settings, kind):
    nowhere = {"issuer": "http://127.0.0.1:1", "server": "http://127.0.0.1:1"}
    settings.CAMPUSES = [{**entry, **nowhere} for entry in settings.CAMPUSES if entry["kind"] == kind]
    client = browser()
    if kind == "oidc":
        assert is_refused(client, client.get("/campus/oidc/east-oidc/login/"))
        return
    state = parse_qs(
        urlsplit(parse_qs(urlsplit(client.get("/campus/cas/east-cas/login/")["Location"]).query)["service"][0]).query
    )
    assert is_refused(
        client, client.get("/campus/cas/east-cas/callback/", {"state": state["state"][0], "ticket": "ST-1"})
    )


def test_the_sign_in_page_names_the_campuses_in_its_language_and_asks_the_database_nothing_for_it(campus, statements):
    Client().get("/accounts/login/")
    with statements() as asked:
        page = Client().get("/accounts/login/").content.decode()
    assert "东海大学" in page
    assert "East Sea University" in Client().get("/en/accounts/login/").content.decode()
    assert not [sql for sql in asked if "social" in sql]


def test_our_side_of_saml_describes_itself(campus):
    metadata = browser().get("/campus/saml/east-saml/metadata/")

    root = etree.fromstring(metadata.content)
    assert root.get("entityID") == "http://portal.example/campus/saml/east-saml/metadata/"
    assert b"http://portal.example/campus/saml/east-saml/acs/" in metadata.content


@pytest.mark.parametrize(
    "path",
    [
        "/campus/oidc/none/login/",
        "/campus/cas/none/callback/",
        "/campus/saml/none/acs/",
        "/campus/cas/east-oidc/login/",
    ],
)
def test_a_campus_that_is_not_named_is_not_there(campus, path):
    client = browser()
    answer = client.get(path)
    answer = client.get(answer["Location"]) if answer.status_code == 302 else answer

    assert answer.status_code == 404


GOOD = {
    "slug": "east",
    "kind": "cas",
    "name_zh": "东",
    "name_en": "E",
    "organisation": "x",
    "server": "https://cas.example",
}


def test_a_good_file_is_read(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps([GOOD]))

    [entry] = campuses(str(tmp_path / "a.json"))
    assert entry["affiliations"] == ["faculty", "staff", "employee", "student", "member"]
    assert campuses("") == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("no", "cannot be read"),
        ("{}", "must hold a list"),
        (json.dumps([GOOD, GOOD]), "named twice"),
        (json.dumps([{**GOOD, "kind": "ldap"}]), "kind must be"),
        (json.dumps([{**GOOD, "slug": "East"}]), "slug must be"),
        (json.dumps([{**GOOD, "server": "http://cas.example"}]), "https"),
        (json.dumps([{**GOOD, "secret": "x"}]), "secret is unknown"),
        (json.dumps([{each: GOOD[each] for each in GOOD if each != "organisation"}]), "organisation is missing"),
        (json.dumps([{**GOOD, "kind": "saml", "entity_id": "x"}]), "server is unknown"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(tmp_path, content, said):
    (tmp_path / "a.json").write_text(content)

    with pytest.raises(ImproperlyConfigured, match=said):
        campuses(str(tmp_path / "a.json"))


def test_a_password_is_no_way_in_for_who_has_none(campus):
    joined(campus, "cas")

    answer = Client().post("/accounts/login/", {"login": PHONE, "password": PASSWORD})

    assert answer.status_code == 200
