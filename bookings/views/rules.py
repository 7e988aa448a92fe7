"""The rules of a facility or an instrument: presets, copies, every rule, quotas, and what they say in words."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.states import CustomerCategory
from bookings import services
from bookings.forms import CategoryForm, PolicyForm, QuotaForm
from bookings.rules.in_words import value_in_words
from bookings.rules.policy import DEFAULTS
from bookings.rules.presets import PRESETS, Preset
from bookings.views.finding import facility_run_by, owner_run_by
from bookings.views.lab import Owner, frame
from common.text import tidy
from common.web import READ_OR_SEND, here, saved
from instruments.models import Instrument


@login_required
@READ_OR_SEND
def rules(request: HttpRequest, facility: str, slug: str = "") -> HttpResponse:
    """The policy of a facility or an instrument: presets, copy, every rule, quotas, and what it says in words."""
    owner, category = owner_run_by(request, facility, slug), category_of(request)
    form, quota_form = _form(owner, category), QuotaForm(prefix="quota")
    asked = request.POST.get("do", "")
    if asked in {"preset", "copy", "inherit"}:
        return _replaced(request, owner, facility, category=category)
    if asked == "rules":
        form = _form(owner, category, request.POST)
        if saved(form, lambda: services.set_policy(owner, by=request.user, category=category, **form.values())):
            return here(request, _("Saved."))
    if asked in {"quota", "drop quota"}:
        quota_form, done = _quota(request, owner, drop=asked == "drop quota")
        if done:
            return here(request, _("Saved."))
    stands = services.row_of(owner, "")
    context = {
        **frame(owner),
        "form": form,
        "quota_form": quota_form,
        "quotas": services.quotas_at(owner),
        "category_form": CategoryForm(initial={"category": category}),
        "category": category,
        "presets": PRESETS,
        "in_place": next((key for key, each in PRESETS.items() if stands.pk and _is(each, stands)), ""),
        "sources": _run_by(request).order_by("facility", "name_zh"),
        "said": [(each, "") for each in services.said_by(owner, category)],
    }
    wrong = form.errors or quota_form.errors
    return render(request, "bookings/lab/rules.html", context, status=400 if wrong else 200)


@login_required
@require_POST
def rules_preview(request: HttpRequest, facility: str, slug: str = "") -> HttpResponse:
    """What the rules in the form, or a preset, would say, and what differs from now; nothing is written."""
    owner, category = owner_run_by(request, facility, slug), category_of(request)
    before = services.said_by(owner, category)
    form = _form(owner, category, request.POST)
    if preset := PRESETS.get(request.POST.get("preset", "")):
        after = services.said_by(owner, category, rows={"": _row(preset)}, quotas=preset.quotas)
    elif saved(form, lambda: services.refuse_contradiction(owner, form.instance)):
        after = services.said_by(owner, category, rows={category: {**dict.fromkeys(DEFAULTS), **form.values()}})
    else:
        return render(request, "bookings/lab/said.html", {"form": form, "said": [(each, "") for each in before]})
    return render(request, "bookings/lab/said.html", {"said": services.differences(before, after), "preset": preset})


def category_of(request: HttpRequest) -> str:
    """For which customer category a page is shown; "" for everybody."""
    return next((each for each in CustomerCategory.values if each == request.GET.get("category")), "")


def _form(owner: Owner, category: str, data: Any = None) -> PolicyForm:
    words = {
        "own": _("for everybody: %(value)s"),
        "facility": _("from the laboratory: %(value)s"),
        "": _("usual: %(value)s"),
    }
    inherited = {
        name: words[each.source] % {"value": value_in_words(name, each.value)}
        for name, each in services.inherited_by(owner, category).items()
    }
    return PolicyForm(data, instance=services.row_of(owner, category), inherited=inherited)


def _row(preset: Preset) -> dict[str, Any]:
    """All fields of the row that a preset writes."""
    return {**dict.fromkeys(DEFAULTS), **preset.values}


def _is(preset: Preset, stands: Any) -> bool:
    return all((getattr(stands, name) or None) == (value or None) for name, value in _row(preset).items())


def _replaced(request: HttpRequest, owner: Owner, facility: str, *, category: str) -> HttpResponse:
    """Other rules in the place of those that stand, once that was ticked."""
    asked, preset = request.POST["do"], request.POST.get("preset", "")
    if not request.POST.get("sure"):
        messages.error(request, _("Tick that the rules and quotas that stand now are to be replaced."))
        return redirect(request.get_full_path())
    if asked == "preset" and preset in PRESETS:
        services.apply_preset(owner, preset, by=request.user)
        return here(request, _("The preset is in place. Change what does not fit."))
    if asked == "copy":
        services.copy_policy(owner, source=_source(request, facility), by=request.user)
        return here(request, _("Copied."))
    if asked == "inherit":
        services.remove_policy(owner, category=category, by=request.user)
        return here(request, _("Everything is inherited again."))
    raise Http404


def _run_by(request: HttpRequest) -> QuerySet[Instrument]:
    """Every instrument that the reader helps to run today."""
    standing = request.user.facility_roles.standing(timezone.localdate())
    return Instrument.objects.select_related("facility").filter(facility__in=standing.values("facility"))


def _source(request: HttpRequest, facility: str) -> Owner:
    slug = tidy(request.POST.get("source", ""))
    if not slug:
        return facility_run_by(request, facility, set_up=True)
    return get_object_or_404(_run_by(request), slug=slug)


def _quota(request: HttpRequest, owner: Owner, *, drop: bool) -> tuple[QuotaForm, bool]:
    names = ("amount", "measure", "period", "subject", "category")
    kept = [
        {name: getattr(each, name) for name in names}
        for each in services.quotas_at(owner)
        if not (drop and str(each.pk) == request.POST.get("quota"))
    ]
    if drop:
        services.set_quotas(owner, kept, by=request.user)
        return QuotaForm(prefix="quota"), True
    form = QuotaForm(request.POST, prefix="quota")
    return form, saved(form, lambda: services.set_quotas(owner, [*kept, form.cleaned_data], by=request.user))
