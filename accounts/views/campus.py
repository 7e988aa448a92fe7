"""Where people leave for their campus and come back from it; SAML's addresses are allauth's own."""

from __future__ import annotations

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import complete_social_login, render_authentication_error
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe
from requests import RequestException

from accounts.adapters import cas
from accounts.adapters.campus import TO_ADD, CampusCAS, SignedOIDC


@login_required
@require_POST
def add_campus(request: HttpRequest, slug: str) -> HttpResponse:
    """Note that a campus is to be added; the way there is a link, since a form may not lead to another site."""
    try:
        provider = get_adapter().get_provider(request, slug)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    request.session[TO_ADD] = provider.sub_id
    there = provider.get_login_url(request, process=AuthProcess.CONNECT)
    return render(request, "accounts/add_campus.html", {"campus": provider, "there": there})


@require_safe
def oidc_login(request: HttpRequest, provider_id: str) -> HttpResponse:
    return _oidc(OAuth2LoginView, request, provider_id)


@require_safe
def oidc_callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    return _oidc(OAuth2CallbackView, request, provider_id)


def _oidc(view: type[OAuth2LoginView | OAuth2CallbackView], request: HttpRequest, slug: str) -> HttpResponse:
    adapter = SignedOIDC(request, slug)
    try:
        provider = adapter.get_provider()
    except SocialApp.DoesNotExist:
        raise Http404 from None
    try:
        return view.adapter_view(adapter)(request)
    except (RequestException, KeyError, ValueError) as error:  # away, or not what the standard says
        return render_authentication_error(request, provider, exception=error)


def _cas(request: HttpRequest, slug: str) -> CampusCAS:
    try:
        provider = get_adapter().get_provider(request, slug)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    if not isinstance(provider, CampusCAS):
        raise Http404
    return provider


@require_safe
def cas_login(request: HttpRequest, slug: str) -> HttpResponse:
    return _cas(request, slug).redirect_from_request(request)


@require_safe
def cas_callback(request: HttpRequest, slug: str) -> HttpResponse:
    """Back with a ticket: the server is asked whose it is."""
    provider, state_id = _cas(request, slug), request.GET.get("state", "")
    try:
        state = provider.unstash_redirect_state(request, state_id)
        service = provider.service_address(request, state_id)
        told = cas.ask(provider.app.settings["server"], service=service, ticket=request.GET.get("ticket", ""))
    except (PermissionDenied, cas.NotValid) as error:
        return render_authentication_error(request, provider, exception=error)
    login = provider.sociallogin_from_response(request, told)
    login.state = state
    return complete_social_login(request, login)
