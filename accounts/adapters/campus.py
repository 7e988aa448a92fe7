"""Campus sign-on: OpenID Connect, SAML (CARSI) and CAS, as providers of allauth that keep nothing but an affiliation.

An account is bound by the campus and the id that it gives, never by a mail address. Only what `settings.CAMPUSES` names
is a campus; allauth's table of applications stays empty.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

import structlog
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess, Provider, ProviderAccount
from allauth.socialaccount.providers.base.provider import ProviderException
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from allauth.socialaccount.providers.saml.provider import SAMLProvider
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlencode

from accounts import services
from accounts.adapters import cas
from accounts.models import User

log = structlog.get_logger()
PROVIDERS = {"oidc": "openid_connect", "saml": "saml", "cas": "cas"}
# What CARSI's identity providers release, by the names of eduPerson's schema; older ones by the second.
SCOPED_AFFILIATION = ("urn:oid:1.3.6.1.4.1.5923.1.1.1.9", "eduPersonScopedAffiliation")
AFFILIATION = ("urn:oid:1.3.6.1.4.1.5923.1.1.1.1", "eduPersonAffiliation")
TARGETED_ID = ("urn:oid:1.3.6.1.4.1.5923.1.1.1.10", "eduPersonTargetedID")
SUBJECT_IDS = ("urn:oasis:names:tc:SAML:attribute:pairwise-id", "urn:oasis:names:tc:SAML:attribute:subject-id")
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
EVERYBODY = "*"
TO_ADD = "campus_to_add"  # in the session: which campus somebody has asked to add, on our page


def app_of(campus: dict[str, Any]) -> SocialApp:
    """allauth's form of an entry of `settings.CAMPUSES`."""
    is_oidc = campus["kind"] == "oidc"
    return SocialApp(
        provider=PROVIDERS[campus["kind"]],
        provider_id=campus["slug"],
        name=campus["name_en"] if translation.get_language() == "en" else campus["name_zh"],
        client_id=campus["client_id"] if is_oidc else campus["slug"],
        secret=campus.get("client_secret", ""),
        settings={**campus, "server_url": campus.get("issuer"), "oauth_pkce_enabled": True, **of_saml(campus)},
    )


def of_saml(campus: dict[str, Any]) -> dict[str, Any]:
    """What allauth wants to know of a SAML campus: strict, and something in each answer is signed."""
    idp = {name: campus[name] for name in ("entity_id", "metadata_url", "sso_url", "x509cert") if name in campus}
    ours = {"x509cert": campus.get("sp_certificate"), "private_key": campus.get("sp_key")}
    signs = all(ours.values())
    own = {"entity_id": campus["sp_entity_id"]} if "sp_entity_id" in campus else {}
    advanced = {**ours, "authn_request_signed": signs, "metadata_signed": signs, "name_id_format": PERSISTENT}
    return {"idp": idp, "sp": own, "advanced": advanced}


class CampusAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """allauth's social accounts, of campuses only."""

    def list_apps(self, request: HttpRequest, provider: Any = None, client_id: Any = None) -> list[SocialApp]:
        apps = [app_of(campus) for campus in settings.CAMPUSES]
        return [
            app
            for app in apps
            if provider in {None, app.provider, app.provider_id} and client_id in {None, app.client_id}
        ]

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """A name as a suggestion; an address is asked for, and proven."""
        sociallogin.user.name = str(data.get("name") or "")[:80]
        sociallogin.user.email = None
        return sociallogin.user  # type: ignore[no-any-return]

    def get_signup_form_initial_data(self, sociallogin: SocialLogin) -> dict[str, str]:
        return {"name": sociallogin.user.name}

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        sociallogin.account.extra_data["number"] = form.cleaned_data["number"]
        return super().save_user(request, sociallogin, form)  # type: ignore[no-any-return]

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """The campus' addresses have no language; the page on which somebody began has."""
        if str(sociallogin.state.get("next") or "").startswith("/en/"):
            translation.activate("en")
        if sociallogin.user and sociallogin.user.service_of_id:
            raise ImmediateHttpResponse(HttpResponseRedirect(reverse("account_inactive")))
        if sociallogin.state.get("process") != AuthProcess.CONNECT:
            return
        # Else another site could bind the campus account of its owner to whoever follows a link of theirs.
        if request.session.pop(TO_ADD, None) != sociallogin.account.provider:
            raise ImmediateHttpResponse(HttpResponseRedirect(reverse("socialaccount_connections")))
        if request.user.is_authenticated and (not sociallogin.is_existing or sociallogin.user == request.user):
            heed(request.user, sociallogin)

    def on_authentication_error(self, request: HttpRequest, provider: Any, **details: Any) -> None:
        found = details.get("exception") or details.get("error")
        log.warning("campus_sign_on_failed", campus=getattr(provider, "sub_id", ""), reason=str(found))


def heed(user: User, sociallogin: SocialLogin) -> None:
    """What the campus says about whether `user` belongs to it."""
    campus = sociallogin.provider.app.settings
    told, counted = sociallogin.account.extra_data, campus["affiliations"]
    belongs = EVERYBODY in counted or not {*counted}.isdisjoint(told.get("affiliations", []))
    services.vouch_for(user, campus["organisation"], belongs=belongs, number=told.get("number", ""))


def plain(affiliations: Iterable[Any]) -> list[str]:
    """Without the domain that CARSI puts behind: `faculty@eastsea.example`."""
    return sorted({str(each).partition("@")[0].strip().lower() for each in affiliations if each})


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value else []


def nonce_of(code_verifier: str) -> str:
    """What the token has to repeat (OpenID Connect Core 1.0, 3.1.2.1): known from what the session keeps for PKCE."""
    return sha256(f"nonce {code_verifier}".encode()).hexdigest()


class CampusOIDC(OpenIDConnectProvider):  # type: ignore[misc]
    def get_pkce_params(self) -> dict[str, str]:
        """What the address of the sign-in says besides; allauth takes the verifier out of it."""
        found = super().get_pkce_params()
        return {**found, "nonce": nonce_of(found["code_verifier"])}

    def get_default_scope(self) -> list[str]:
        return ["openid", "profile"]

    def extract_uid(self, data: dict[str, Any]) -> str:
        """The userinfo has to be about whom the signed token is about (OpenID Connect Core 1.0, 5.3.2)."""
        subjects = {str(part["sub"]) for part in (data.get("id_token"), data.get("userinfo")) if part}
        if "id_token" not in data or len(subjects) != 1:
            raise ProviderException("the token and the userinfo are about different people")
        return subjects.pop()

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        claim = self.app.settings.get("affiliation_claim", "eduperson_affiliation")
        known = {**data.get("id_token", {}), **data.get("userinfo", {})}
        return {"affiliations": plain(listed(known.get(claim)))}

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, Any]:
        return {"name": data.get("userinfo", {}).get("name") or data["id_token"].get("name")}

    def extract_email_addresses(self, data: dict[str, Any]) -> list[Any]:
        return []


class SignedOIDC(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """allauth trusts a token that came straight from the server; here its signature and nonce are looked at."""

    nonce = ""

    def get_access_token_data(
        self, request: HttpRequest, app: SocialApp, client: Any, pkce_code_verifier: str | None = None
    ) -> Any:
        self.nonce = nonce_of(pkce_code_verifier or "")
        return super().get_access_token_data(request, app, client, pkce_code_verifier)

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        config = self.openid_config
        told: dict[str, Any] = jwtkit.verify_and_decode(
            credential=id_token,
            keys_url=config["jwks_uri"],
            issuer=config["issuer"],
            audience=app.client_id,
            lookup_kid=jwtkit.lookup_kid_jwk,
        )
        if told.get("nonce") != self.nonce:
            raise ProviderException("the token is of another sign-in")
        return told


class CampusSAML(SAMLProvider):  # type: ignore[misc]
    """Two attributes are read: an affiliation and an id that means nothing elsewhere."""

    def extract_uid(self, data: Any) -> str:
        known = data.get_attributes()
        for name in (*SUBJECT_IDS, *TARGETED_ID):
            for value in known.get(name) or []:
                # eduPersonTargetedID is a NameID in a value.
                found = value.get("NameID", {}).get("value") if isinstance(value, dict) else value
                if found:
                    return str(found)
        if data.get_nameid() and data.get_nameid_format() == PERSISTENT:
            return str(data.get_nameid())
        raise ImmediateHttpResponse(HttpResponseRedirect(reverse("socialaccount_login_error")))

    def extract_extra_data(self, data: Any) -> dict[str, Any]:
        known = data.get_attributes()
        return {
            "affiliations": plain(each for name in (*SCOPED_AFFILIATION, *AFFILIATION) for each in known.get(name, []))
        }

    def extract_common_fields(self, data: Any) -> dict[str, Any]:
        return {}


class CampusCAS(Provider):  # type: ignore[misc]
    id = name = "cas"
    supports_redirect = True
    account_class = ProviderAccount

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.name = self.app.name

    def get_login_url(self, request: HttpRequest, **query: Any) -> str:
        return f"{reverse('cas_login', args=[self.app.provider_id])}?{urlencode(query)}"

    def service_address(self, request: HttpRequest, state_id: str) -> str:
        """Where the server sends people back to; it is part of what the ticket is for."""
        place = reverse("cas_callback", args=[self.app.provider_id])
        return request.build_absolute_uri(f"{place}?{urlencode({'state': state_id})}")

    def redirect(
        self, request: HttpRequest, process: str, next_url: str | None = None, data: Any = None, **more: Any
    ) -> HttpResponse:
        state_id = self.stash_redirect_state(request, process, next_url, data, **more)
        server = self.app.settings["server"]
        return HttpResponseRedirect(cas.login_address(server, self.service_address(request, state_id)))

    def extract_uid(self, data: cas.Told) -> str:
        return data.user

    def extract_extra_data(self, data: cas.Told) -> dict[str, Any]:
        name = self.app.settings.get("affiliation_attribute", AFFILIATION[1])
        return {"affiliations": plain(data.attributes.get(name, []))}

    def extract_common_fields(self, data: cas.Told) -> dict[str, Any]:
        return {"name": next(iter(data.attributes.get("name") or data.attributes.get("cn") or []), "")}
