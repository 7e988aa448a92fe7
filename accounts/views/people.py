"""Account, membership, group and organisation pages: they translate and call one service."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import translate_url
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import services
from accounts.forms import (
    AdmitForm,
    ClaimForm,
    FirmForm,
    ProfileForm,
    ProofForm,
    TokenForm,
    WaysForm,
)
from accounts.models import ApiToken, Membership, Organisation, ResearchGroup
from accounts.permissions import is_officer, may_admit, may_fill, may_govern, may_speak_for, may_take_factors
from accounts.states import OrganisationKind, Proof
from common.errors import Refused, WrongInput
from common.web import READ_OR_SEND, add_errors, came_from, here, saved, says_why


def _account_page(request: HttpRequest, status: int = 200, **shown: Any) -> HttpResponse:
    user = request.user
    profile = {"name": user.name, "phone": user.phone or "", "language": user.language}
    context = {
        "profile_form": ProfileForm(initial=profile),
        "claim_form": ClaimForm().leaving_out(user.memberships.standing().values("organisation")),
        "firm_form": FirmForm(),
        "token_form": TokenForm(),
        "memberships": user.memberships.standing().select_related("organisation"),
        "groups": (ResearchGroup.objects.filter(pi=user) | user.research_groups.all()).distinct(),
        "is_officer": is_officer(user),
        "firms": Organisation.objects.spoken_for_by(user),
        "governed": Organisation.objects.administered_by(user),
        "tokens": ApiToken.objects.filter(user=user, revoked_at=None).order_by("-created_at"),
    }
    return render(request, "accounts/account.html", {**context, **shown}, status=status)


@login_required
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    return _account_page(request)


def _account_form(request: HttpRequest, name: str, form: forms.Form, act: Any) -> HttpResponse:
    """Validate one form of the account page and do what it asks; errors stay beside their fields."""
    if form.is_valid():
        try:
            return act(form.cleaned_data) or redirect("account")  # type: ignore[no-any-return]
        except (Refused, WrongInput) as error:
            add_errors(form, error)
    return _account_page(request, status=400, **{name: form})


@login_required
@require_POST
def profile(request: HttpRequest) -> HttpResponse:
    def act(given: dict[str, Any]) -> HttpResponse:
        services.set_profile(request.user, **given)
        messages.success(request, _("Saved."))
        return redirect(translate_url(request.build_absolute_uri("/account/"), given["language"]))

    return _account_form(request, "profile_form", ProfileForm(request.POST), act)


@login_required
@READ_OR_SEND
def ways(request: HttpRequest) -> HttpResponse:
    """By which way the reader is told of what."""
    user, found = request.user, services.ways_of(request.user)
    form = WaysForm(request.POST or None, ways=found, initial=services.chosen_ways(user))
    if request.method == "POST" and saved(form, lambda: services.choose_ways(user, form.cleaned_data)):
        return here(request, _("Saved."))
    context = {"form": form, "may_have_texts": settings.TEXTS_ARRIVE and not user.phone_verified}
    return render(request, "accounts/ways.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def claim(request: HttpRequest) -> HttpResponse:
    def act(given: dict[str, Any]) -> None:
        services.claim_membership(given["organisation"], by=request.user, number=given["number"])

    return _account_form(request, "claim_form", ClaimForm(request.POST), act)


@login_required
@require_POST
def register_firm(request: HttpRequest) -> HttpResponse:
    def act(given: dict[str, Any]) -> HttpResponse:
        firm = services.register_organisation(by=request.user, kind=OrganisationKind.COMPANY, **given)
        if may_speak_for(request.user, firm):
            return redirect("firm", firm.pk)
        messages.success(request, _("This firm is here already: its admin confirms that you belong to it."))
        return redirect("account")

    return _account_form(request, "firm_form", FirmForm(request.POST), act)


@login_required
@require_POST
def make_token(request: HttpRequest) -> HttpResponse:
    def act(given: dict[str, Any]) -> HttpResponse:
        _token, text = services.make_token(request.user, by=request.user, **given)
        return _account_page(request, new_token=text)

    return _account_form(request, "token_form", TokenForm(request.POST), act)


@login_required
@require_POST
@says_why("account")
def revoke_token(request: HttpRequest, token_id: UUID) -> HttpResponse:
    token = get_object_or_404(ApiToken.objects.governed_by(request.user), pk=token_id)
    services.revoke_token(token, by=request.user)
    messages.success(request, _("The token is revoked."))
    return redirect(came_from(request) or "account")


@login_required
@require_POST
@says_why("account")
def end_membership(request: HttpRequest, membership_id: UUID) -> HttpResponse:
    membership = _membership_for(request, membership_id)
    services.end_membership(membership, by=request.user)
    return redirect(came_from(request) or "account")


def _membership_for(request: HttpRequest, membership_id: UUID) -> Membership:
    membership = get_object_or_404(Membership.objects.select_related("organisation"), pk=membership_id)
    if membership.person_id != request.user.pk and not may_admit(request.user, membership.organisation):
        raise Http404
    return membership


@login_required
@require_POST
@says_why("account")
def confirm_membership(request: HttpRequest, membership_id: UUID) -> HttpResponse:
    membership = services.confirm_membership(_membership_for(request, membership_id), by=request.user)
    messages.success(request, _("%(name)s is confirmed.") % {"name": membership.person.name})
    return redirect("members", membership.organisation_id)


@login_required
@READ_OR_SEND
def take_factors_away(request: HttpRequest, membership_id: UUID) -> HttpResponse:
    """What becomes of somebody who lost their second step; POST takes it away."""
    membership = _membership_for(request, membership_id)
    organisation, person = membership.organisation, membership.person
    if not may_govern(request.user, organisation):
        raise Http404
    form = ProofForm(request.POST if request.method == "POST" else None)

    def take() -> None:
        services.take_factors_away(person, by=request.user, proof=Proof(form.cleaned_data["proof"]))

    if request.method == "POST" and saved(form, take):
        said = _("%(name)s can sign in as ever and set up a new second step.")
        messages.success(request, said % {"name": person.name})
        return redirect("members", organisation.pk)
    shown = {"form": form, "person": person, "organisation": organisation}
    shown["is_ours_to_do"] = may_take_factors(request.user, person)
    return render(request, "accounts/second_step.html", shown, status=400 if form.errors else 200)


def governed(request: HttpRequest, organisation_id: UUID) -> Organisation:
    organisation = get_object_or_404(Organisation, pk=organisation_id)
    if not may_govern(request.user, organisation):
        raise Http404
    return organisation


def _admitted_to(request: HttpRequest, organisation_id: UUID) -> Organisation:
    organisation = get_object_or_404(Organisation, pk=organisation_id)
    if not may_admit(request.user, organisation):
        raise Http404
    return organisation


def _members_page(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    standing = organisation.memberships.standing().select_related("person").order_by("state", "person__name")
    governs = may_govern(request.user, organisation)
    context = {
        "organisation": organisation,
        "with_factors": services.who_have_factors(organisation) - {request.user.pk} if governs else set(),
        "claims": [each for each in standing if each.state == "claimed"],
        "confirmed": [each for each in standing if each.state == "confirmed"],
        "governs": governs,
        "service_accounts": organisation.service_accounts.count(),
    }
    return render(request, "accounts/members.html", context)


@login_required
@require_safe
def members(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    return _members_page(request, _admitted_to(request, organisation_id))


def _group_for(request: HttpRequest, group_id: UUID) -> ResearchGroup:
    mine = ResearchGroup.objects.filter(pi=request.user) | request.user.research_groups.all()
    return get_object_or_404(mine.distinct(), pk=group_id)


@login_required
@require_safe
def group(request: HttpRequest, group_id: UUID) -> HttpResponse:
    return _group_page(request, _group_for(request, group_id), AdmitForm())


def _group_page(request: HttpRequest, group: ResearchGroup, form: AdmitForm, status: int = 200) -> HttpResponse:
    context = {
        "group": group,
        "admissions": group.admissions.select_related("person"),
        "form": form if may_fill(request.user, group) else None,
    }
    return render(request, "accounts/group.html", context, status=status)


@login_required
@require_POST
@says_why("account")
def admit(request: HttpRequest, group_id: UUID) -> HttpResponse:
    group, form = _group_for(request, group_id), AdmitForm(request.POST)
    if form.is_valid():
        try:
            services.admit(group, by=request.user, **form.cleaned_data)
            return redirect("group", group.pk)
        except WrongInput as error:
            add_errors(form, error)
    return _group_page(request, group, form, 400)


@login_required
@require_POST
@says_why("account")
def dismiss(request: HttpRequest, group_id: UUID, user_id: UUID) -> HttpResponse:
    group = _group_for(request, group_id)
    services.dismiss(group, person=get_object_or_404(group.members, pk=user_id), by=request.user)
    return redirect("group", group.pk)


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Show the same page in the other language, and remember it for who is signed in."""
    language = "en" if request.POST.get("language") == "en" else "zh-hans"
    if request.user.is_authenticated:
        services.prefer_language(request.user, language)
    page = came_from(request) or "/"
    with translation.override("en" if urlsplit(page).path.startswith("/en/") else "zh-hans"):
        return redirect(translate_url(page, language))
