"""Settings of a laboratory: rules, hours, closures, operators."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.states import CustomerCategory
from bookings import services
from bookings.availability import WeeklyHours
from bookings.forms import (
    CategoryForm,
    OperatorForm,
    PolicyForm,
    QuotaForm,
)
from bookings.forms.lab import SpanForm
from bookings.models import Booking, Operator, Policy, Quota
from bookings.rules.in_words import policy_in_words
from bookings.rules.presets import PRESETS
from bookings.views.finding import facility_run_by, owner_run_by
from common.errors import NotAllowed, WrongInput
from common.text import tidy
from common.web import READ_OR_SEND, here, saved
from instruments.models import Facility, FacilityRole, Instrument

Owner = Facility | Instrument


@login_required
@require_safe
def laboratories(request: HttpRequest) -> HttpResponse:
    """The laboratories that the reader helps to run, with their instruments."""
    roles = request.user.facility_roles.standing(timezone.localdate()).select_related("facility__organisation")
    facilities = {role.facility.pk: role.facility for role in roles}
    decides = {role.facility_id for role in roles if role.duty == "admin"}
    instruments = Instrument.objects.filter(facility__in=facilities).order_by("facility", "name_zh")
    rows = [(each, [one for one in instruments if one.facility_id == pk]) for pk, each in facilities.items()]
    return render(request, "bookings/lab/laboratories.html", {"rows": rows, "decides": decides})


def columns(owner: Owner) -> dict[str, Owner]:
    return {"instrument" if isinstance(owner, Instrument) else "facility": owner}


def frame(owner: Owner) -> dict[str, Any]:
    """What every settings page shows: whose settings these are."""
    facility = owner.facility if isinstance(owner, Instrument) else owner
    instruments = Instrument.objects.filter(facility=facility).order_by("name_zh")
    instrument = owner if isinstance(owner, Instrument) else None
    return {"facility": facility, "instrument": instrument, "instruments": instruments}


@login_required
@READ_OR_SEND
def rules(request: HttpRequest, facility: str, slug: str = "") -> HttpResponse:
    """The policy of a facility or an instrument: presets, copy, every rule, quotas, and what it says in words."""
    owner = owner_run_by(request, facility, slug)
    category = next((each for each in CustomerCategory.values if each == request.GET.get("category")), "")
    row = Policy.objects.filter(**columns(owner), category=category).first() or Policy(
        **columns(owner), category=category
    )
    form, quota_form = PolicyForm(instance=row), QuotaForm(prefix="quota")
    asked = request.POST.get("do", "")
    if asked in {"preset", "copy", "inherit"}:
        return _replaced(request, owner, facility, category=category)
    if asked == "rules":
        form = PolicyForm(request.POST, instance=row)
        if saved(form, lambda: services.set_policy(owner, by=request.user, category=category, **form.values())):
            return here(request, _("Saved."))
    if asked in {"quota", "drop quota"}:
        quota_form, done = _quota(request, owner, drop=asked == "drop quota")
        if done:
            return here(request, _("Saved."))
    context = {
        **frame(owner),
        "form": form,
        "quota_form": quota_form,
        "quotas": Quota.objects.filter(**columns(owner)),
        "category_form": CategoryForm(initial={"category": category}),
        "category": category,
        "presets": PRESETS,
        "sources": _run_by(request),
        "said": _in_words(owner, category),
    }
    wrong = form.errors or quota_form.errors
    return render(request, "bookings/lab/rules.html", context, status=400 if wrong else 200)


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
        for each in Quota.objects.filter(**columns(owner))
        if not (drop and str(each.pk) == request.POST.get("quota"))
    ]
    if drop:
        services.set_quotas(owner, kept, by=request.user)
        return QuotaForm(prefix="quota"), True
    form = QuotaForm(request.POST, prefix="quota")
    return form, saved(form, lambda: services.set_quotas(owner, [*kept, form.cleaned_data], by=request.user))


def _in_words(owner: Owner, category: str) -> list[str]:
    """What the rules say to that category: of the instrument, or of any instrument of the facility with none itself."""
    instruments = services.with_terms(Instrument.objects.all())
    if isinstance(owner, Instrument):
        found = instruments.filter(pk=owner.pk).first()
    else:
        found = instruments.filter(facility=owner).first()
    if found is None:
        return []
    if not isinstance(owner, Instrument):
        for rows in (found.policies, found.quotas, found.weekly):  # type: ignore[attr-defined]
            rows[:] = [row for row in rows if not row["own"]]
    terms = services.terms_of(found, category)
    quotas = services.quotas_of(found, category)
    return policy_in_words(terms, quotas=quotas, needs=services.needs_of(found, terms))


@login_required
@READ_OR_SEND
def operators(request: HttpRequest, facility: str) -> HttpResponse:
    """Who runs instruments for others: what, when, and when they are away."""
    found = facility_run_by(request, facility, set_up=True)
    zone = ZoneInfo(found.time_zone)
    people = [
        role.user for role in FacilityRole.objects.at(found).standing(timezone.localdate()).select_related("user")
    ]
    known = {each.user_id: each for each in Operator.objects.filter(facility=found).prefetch_related("hours", "leave")}
    chosen = next((each for each in people if str(each.pk) == request.GET.get("person", "")), None)
    operator = known.get(chosen.pk) if chosen else None
    form, leave_form = None, SpanForm(prefix="leave", zone=zone)
    hit: list[Booking] = []
    if chosen:
        form = _operator_form(found, operator)
    asked = request.POST.get("do", "")
    if chosen and asked == "operator":
        form = OperatorForm(request.POST, facility=found)
        given = form
        if saved(form, lambda: _set_operator(request, found, chosen, given)):
            return here(request, _("Saved."))
    if operator and asked == "leave":
        leave_form = SpanForm(request.POST, prefix="leave", zone=zone)
        if leave_form.is_valid():
            _leave, hit = services.take_leave(operator, by=request.user, interval=leave_form.cleaned_data["interval"])
            messages.success(request, _("Written down."))
            leave_form = SpanForm(prefix="leave", zone=zone)
    context = {
        "facility": found,
        "people": [(each, known.get(each.pk)) for each in {one.pk: one for one in people}.values()],
        "chosen": chosen,
        "operator": operator,
        "form": form,
        "leave_form": leave_form,
        "hit": hit,
    }
    wrong = bool((form and form.errors) or leave_form.errors)
    return render(request, "bookings/lab/operators.html", context, status=400 if wrong else 200)


def _operator_form(facility: Facility, operator: Operator | None) -> OperatorForm:
    hours = operator.hours.all() if operator else []
    week = [WeeklyHours(each.weekday, each.opens_minute, each.closes_minute) for each in hours]
    runs: Iterable[Instrument] = operator.instruments.all() if operator else ()
    return OperatorForm(facility=facility, hours=week, initial={"instruments": [each.pk for each in runs]})


def _set_operator(request: HttpRequest, facility: Facility, person: Any, form: OperatorForm) -> None:
    try:
        what = form.cleaned_data["instruments"]
        services.set_operator(facility, person, by=request.user, instruments=what, hours=form.hours())
    except NotAllowed as error:
        raise WrongInput("instruments", "not_allowed", error.detail) from error
