"""Programs: the service accounts of an organisation, and the addresses that are called when something happens."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts import services
from accounts.forms import CareForm, ServiceAccountForm, SpanForm, TokenForm, WebhookForm, WebhookKindsForm
from accounts.models import ApiToken, Organisation, User
from accounts.permissions import looked_after_by
from accounts.views.people import governed
from common.web import READ_OR_SEND, came_from, here, saved, says_why, taken
from notifications import services as notifications
from notifications.models import WebhookDelivery, WebhookEndpoint

SHOWN = 25


@login_required
@READ_OR_SEND
def service_accounts(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """What service accounts are, those of an organisation, and a form for another."""
    organisation = governed(request, organisation_id)
    form = ServiceAccountForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        made = taken(form, lambda: services.make_service_account(organisation, by=request.user, **form.cleaned_data))
        if made:
            return redirect("service_account", organisation.pk, made.pk)
    accounts = organisation.service_accounts.select_related("in_care_of").prefetch_related("api_tokens", "webhooks")
    context = {"organisation": organisation, "accounts": accounts.order_by("-is_active", "name"), "form": form}
    return render(request, "accounts/service_accounts.html", context, status=400 if form.errors else 200)


def _account_page(
    request: HttpRequest, organisation: Organisation, account: User, status: int = 200, **shown: Any
) -> HttpResponse:
    context = {
        "organisation": organisation,
        "account": account,
        "tokens": account.api_tokens.select_related("created_by").order_by("revoked_at", "-created_at"),
        "webhooks": WebhookEndpoint.objects.visible_to(account).order_by("created_at"),
        "roles": account.facility_roles.select_related("facility"),
        "token_form": TokenForm(),
        "care_form": CareForm(),
    }
    return render(request, "accounts/service_account.html", {**context, **shown}, status=status)


def _of(request: HttpRequest, organisation_id: UUID, user_id: UUID) -> tuple[Organisation, User]:
    organisation = governed(request, organisation_id)
    return organisation, get_object_or_404(
        User.objects.select_related("in_care_of"), pk=user_id, service_of=organisation
    )


@login_required
@READ_OR_SEND
def service_account(request: HttpRequest, organisation_id: UUID, user_id: UUID) -> HttpResponse:
    """One of them: who answers for it, its tokens and webhooks; `do` says what a form is about."""
    organisation, account = _of(request, organisation_id, user_id)
    if request.method != "POST":
        return _account_page(request, organisation, account)
    if request.POST.get("do") == "retire":
        services.retire_service_account(account, by=request.user)
        return here(request, _("It is out of use: its tokens are revoked."))
    form = CareForm(request.POST)
    if saved(form, lambda: services.put_in_care(account, by=request.user, **form.cleaned_data)):
        return here(request, _("Saved."))
    return _account_page(request, organisation, account, 400, care_form=form)


@login_required
@require_POST
def make_service_token(request: HttpRequest, organisation_id: UUID, user_id: UUID) -> HttpResponse:
    organisation, account = _of(request, organisation_id, user_id)
    form = TokenForm(request.POST)
    made = taken(form, lambda: services.make_token(account, by=request.user, **form.cleaned_data))
    if made is None:
        return _account_page(request, organisation, account, 400, token_form=form)
    return _account_page(request, organisation, account, new_token=made[1])


@login_required
@require_POST
@says_why("account")
def rotate_token(request: HttpRequest, token_id: UUID) -> HttpResponse:
    """A fresh token in place of one; its text is on the page that answers, this once."""
    token = get_object_or_404(
        ApiToken.objects.governed_by(request.user).select_related("user__service_of"), pk=token_id
    )
    _token, text = services.rotate_token(token, by=request.user)
    account = token.user
    if account.service_of and account != request.user:
        return _account_page(request, account.service_of, account, new_token=text)
    return render(request, "accounts/rotated.html", {"new_token": text})


@login_required
@READ_OR_SEND
def webhooks(request: HttpRequest) -> HttpResponse:
    """The webhooks of one's own and of the service accounts that one governs; POST adds one and shows its secret."""
    accounts = looked_after_by(request.user).filter(is_active=True).order_by("service_of", "name")
    chosen = {"owner": request.GET.get("of") or request.user.pk}
    form = WebhookForm(request.POST if request.method == "POST" else None, initial=chosen).of(accounts)
    made = None
    if request.method == "POST" and form.is_valid():
        given = {name: value for name, value in form.cleaned_data.items() if name != "owner"}
        made = taken(form, lambda: services.add_webhook_for(form.cleaned_data["owner"], by=request.user, **given))
    found = WebhookEndpoint.objects.filter(owner__in=accounts).select_related("owner").order_by("owner__name", "pk")
    fresh = WebhookForm(initial=chosen).of(accounts) if made else form
    context = {"webhooks": found, "form": fresh, "made": made, "new_secret": made.secret if made else ""}
    return render(request, "accounts/webhooks.html", context, status=400 if form.errors else 200)


def _webhook(request: HttpRequest, webhook_id: UUID) -> WebhookEndpoint:
    found = WebhookEndpoint.objects.filter(owner__in=looked_after_by(request.user)).select_related("owner")
    return get_object_or_404(found, pk=webhook_id)


def _webhook_page(request: HttpRequest, webhook: WebhookEndpoint, status: int = 200, **shown: Any) -> HttpResponse:
    log = webhook.deliveries.select_related("event").order_by("-created_at", "-pk")
    context = {
        "webhook": webhook,
        "page": Paginator(log, SHOWN).get_page(request.GET.get("page")),
        "kinds_form": WebhookKindsForm(initial={"kinds": webhook.kinds, "description": webhook.description}),
        "span_form": SpanForm(),
    }
    return render(request, "accounts/webhook.html", {**context, **shown}, status=status)


@login_required
@READ_OR_SEND
@says_why("webhooks")
def webhook(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """One webhook and how its calls went; `do` says what a form is about."""
    endpoint = _webhook(request, webhook_id)
    if request.method != "POST":
        return _webhook_page(request, endpoint)
    return ACTS.get(request.POST.get("do", ""), _change)(request, endpoint)


def _change(request: HttpRequest, endpoint: WebhookEndpoint) -> HttpResponse:
    form = WebhookKindsForm(request.POST)
    if saved(form, lambda: notifications.change_webhook(endpoint, **form.cleaned_data)):
        return here(request, _("Saved."))
    return _webhook_page(request, endpoint, 400, kinds_form=form)


def _pause(request: HttpRequest, endpoint: WebhookEndpoint) -> HttpResponse:
    notifications.change_webhook(endpoint, active=False)
    return here(request, _("Paused: it is not called until you let it go on."))


def _resume(request: HttpRequest, endpoint: WebhookEndpoint) -> HttpResponse:
    notifications.change_webhook(endpoint, active=True)
    return here(request, _("It is called again. What it missed can be replayed below."))


def _rotate(request: HttpRequest, endpoint: WebhookEndpoint) -> HttpResponse:
    changed = notifications.rotate_secret(endpoint)
    return _webhook_page(request, changed, new_secret=changed.secret)


def _ping(request: HttpRequest, endpoint: WebhookEndpoint) -> HttpResponse:
    delivery = notifications.ping(endpoint)
    messages.success(request, _("It is being called: load this page again in a few seconds."))
    return redirect("webhook_delivery", endpoint.pk, delivery.pk)


def _replay(request: HttpRequest, endpoint: WebhookEndpoint) -> HttpResponse:
    form = SpanForm(request.POST)
    count = taken(form, lambda: notifications.replay_between(endpoint, **form.cleaned_data))
    if count is None:
        return _webhook_page(request, endpoint, 400, span_form=form)
    said = ngettext("%(count)s event is told once more.", "%(count)s events are told once more.", count)
    return here(request, said % {"count": count})


def _remove(request: HttpRequest, endpoint: WebhookEndpoint) -> HttpResponse:
    notifications.remove_webhook(endpoint)
    messages.success(request, _("The webhook is removed."))
    return redirect("webhooks")


ACTS = {
    "pause": _pause,
    "resume": _resume,
    "rotate": _rotate,
    "ping": _ping,
    "replay": _replay,
    "remove": _remove,
}


@login_required
@require_safe
def delivery(request: HttpRequest, webhook_id: UUID, delivery_id: UUID) -> HttpResponse:
    """One call: what is sent, what came back."""
    endpoint = _webhook(request, webhook_id)
    found = get_object_or_404(endpoint.deliveries.select_related("event"), pk=delivery_id)
    body = notifications.body_of(found.event).decode()
    return render(request, "accounts/delivery.html", {"webhook": endpoint, "delivery": found, "body": body})


@login_required
@require_POST
@says_why("webhooks")
def replay_delivery(request: HttpRequest, webhook_id: UUID, delivery_id: UUID) -> HttpResponse:
    endpoint = _webhook(request, webhook_id)
    found: WebhookDelivery = get_object_or_404(endpoint.deliveries, pk=delivery_id)
    notifications.replay(found)
    messages.success(request, _("It is called once more."))
    return redirect(came_from(request) or "webhooks")
