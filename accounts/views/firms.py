"""Pages of a firm's verification: what the firm hands in, and the officers' queue."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import services
from accounts.forms import AddressForm, CodeForm, ReasonForm, TierForm, VerdictForm, VerificationForm
from accounts.models import Organisation, Verification
from accounts.pdf import letter_of_authorisation
from accounts.permissions import is_officer, may_verify
from common.sending import send_file
from common.web import READ_OR_SEND, here, printed, saved

SENT_TO = "firm_code_sent_to"  # of the session: where the last code went


def _firm_of(request: HttpRequest, organisation_id: UUID) -> Organisation:
    return get_object_or_404(Organisation.objects.spoken_for_by(request.user), pk=organisation_id)


@login_required
@READ_OR_SEND
def firm(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Where a firm stands, who verifies it and by when; and what it hands in."""
    found, shown, did = _firm_of(request, organisation_id), dict[str, forms.Form](), request.POST.get("do", "")
    if did == "code":
        shown["address_form"] = form = AddressForm(request.POST)
        if saved(form, lambda: services.send_code(request.user, address=form.cleaned_data["address"])):
            request.session[SENT_TO] = form.cleaned_data["address"]
            return here(request, _("If somebody reads there, the code is on its way. It is valid for 10 minutes."))
    elif did == "prove":
        shown["code_form"] = proof = CodeForm(request.POST)
        sent_to = request.session.get(SENT_TO, "")
        if saved(proof, lambda: services.prove_contact(request.user, address=sent_to, **proof.cleaned_data)):
            del request.session[SENT_TO]
            return here(request, _("Proven. Now hand in the licence."))
    elif did == "ask":
        shown["form"] = asked = VerificationForm(request.POST, request.FILES)
        if saved(asked, lambda: services.ask_for_verification(found, by=request.user, **asked.cleaned_data)):
            return here(request, _("Handed in. A city officer answers; you hear of it by bell and mail."))
    return _firm_page(request, found, shown, status=400 if shown else 200)


def _firm_page(request: HttpRequest, found: Organisation, shown: dict[str, forms.Form], *, status: int) -> HttpResponse:
    today = timezone.localdate()
    context = {
        "firm": found,
        "standing": services.standing_of(found, on=today),
        "last": found.verifications.order_by("-asked_at").first(),
        "tiers": found.tiers.select_related("kind"),
        "today": today,
        "sent_to": request.session.get(SENT_TO, ""),
        "proven": services.proven_contact(request.user),
        "address_form": AddressForm(),
        "code_form": CodeForm(),
        "form": VerificationForm(),
    }
    return render(request, "accounts/firm.html", {**context, **shown}, status=status)


@login_required
@require_safe
def letter(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """The letter of authorisation, to print and stamp."""
    return printed(letter_of_authorisation(_firm_of(request, organisation_id), person=request.user), "letter.pdf")


@login_required
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """The firms that wait for an officer, what is overdue first."""
    if not is_officer(request.user):
        raise PermissionDenied(_("Only city officers verify firms."))
    visible = Verification.objects.visible_to(request.user).select_related("organisation", "asked_by", "decided_by")
    context = {
        "waiting": visible.pending(),
        "answered": visible.exclude(state="pending").order_by("-decided_at")[:30],
        "today": timezone.localdate(),
    }
    return render(request, "accounts/firm_queue.html", context)


@login_required
@READ_OR_SEND
def to_verify(request: HttpRequest, verification_id: UUID) -> HttpResponse:
    """What one firm handed in; an officer verifies it or says why not, and writes down its tiers."""
    found = _visible(request, verification_id)
    if not may_verify(request.user, found.organisation):
        raise PermissionDenied(_("Only a city officer who does not belong to the firm verifies it."))
    shown: dict[str, Any] = {}
    if request.method == "POST" and (answer := _verdict(request, found, shown)):
        return answer
    today = timezone.localdate()
    context = {
        "each": found,
        "firm": found.organisation,
        "tiers": found.organisation.tiers.select_related("kind", "checked_by"),
        "earlier": found.organisation.verifications.exclude(pk=found.pk).order_by("-asked_at"),
        "today": today,
        "verdict_form": VerdictForm(initial={"until": today + timedelta(days=365)}),
        "reason_form": ReasonForm(),
        "tier_form": TierForm(),
    }
    return render(request, "accounts/firm_to_verify.html", {**context, **shown}, status=400 if shown else 200)


def _verdict(request: HttpRequest, found: Verification, shown: dict[str, Any]) -> HttpResponse | None:
    by, did = request.user, request.POST.get("do", "")
    if did == "verify":
        shown["verdict_form"] = form = VerdictForm(request.POST)
        if saved(form, lambda: services.verify_firm(found, by=by, **form.cleaned_data)):
            here(request, _("%(firm)s is verified.") % {"firm": found.organisation.name})
            return redirect("firm_queue")
    elif did == "reject":
        shown["reason_form"] = why = ReasonForm(request.POST)
        if saved(why, lambda: services.reject_firm(found, by=by, **why.cleaned_data)):
            here(request, _("%(firm)s was told why.") % {"firm": found.organisation.name})
            return redirect("firm_queue")
    elif did == "tier":
        shown["tier_form"] = tier = TierForm(request.POST)
        if saved(tier, lambda: services.note_tier(found.organisation, by=by, **tier.cleaned_data)):
            return here(request, _("The tier is written down."))
    return None


@login_required
@require_safe
def shown_file(request: HttpRequest, verification_id: UUID, which: str) -> HttpResponseBase:
    """The licence or the letter, for officers and the firm's own admins."""
    found = _visible(request, verification_id)
    file = {"licence": found.licence, "letter": found.letter}.get(which)
    if file is None:
        raise Http404
    return send_file(request, file)


def _visible(request: HttpRequest, verification_id: UUID) -> Verification:
    visible = Verification.objects.visible_to(request.user)
    return get_object_or_404(
        visible.select_related("organisation", "asked_by", "decided_by", "licence", "letter"), pk=verification_id
    )
