"""A child's place: enrolling, consent, payment, the code to show, giving it up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.models import User
from common.errors import NotAllowed, Refused
from common.web import READ_OR_SEND, printed, says_why, taken
from outreach import pdf, services
from outreach.forms import ConsentForm, EnrolForm
from outreach.models import Certificate, Child, Enrolment, Session
from outreach.permissions import answers_for, may_coordinate, may_record_payment
from outreach.states import HOLDS_PLACE, IS_COMING, RECORDED_BY_FINANCE, EnrolmentState, PaidHow
from outreach.views.finding import enrolment_of


@login_required
@READ_OR_SEND
def enrol(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Choose the child; it gets a place at once, or the next number in the line."""
    visible = Session.objects.visible_to(request.user).select_related("programme__organisation")
    session = get_object_or_404(visible, pk=session_id)
    children = list(Child.objects.of(request.user))
    if not children:
        return redirect(f"{reverse('new_child')}?next={request.path}")
    names = [(str(child.pk), services.name_of(child)) for child in children]
    form = EnrolForm(request.POST or None, children=names)
    if request.method == "POST":

        def enter() -> Enrolment:
            chosen = next(child for child in children if str(child.pk) == form.cleaned_data["child"])
            return services.enrol(session.pk, by=request.user, child=chosen)

        if made := taken(form, enter):
            if made.state == EnrolmentState.WAITLISTED:
                messages.success(request, _("All places are taken: your child is on the waitlist."))
                return redirect(made)
            messages.success(request, _("The place is held. It is yours when you consent."))
            return redirect("youth_consent", made.pk)
    context = {"form": form, "session": session, "programme": session.programme}
    return render(request, "outreach/enrol.html", context, status=400 if form.errors else 200)


Act = Callable[[Enrolment, User, QueryDict], Any]
ACTS: dict[str, tuple[Act, str | Promise]] = {
    "accept": (
        lambda enrolment, by, _given: services.accept(enrolment, by=by),
        gettext_lazy("The place is yours when you consent."),
    ),
    "cancel": (
        lambda enrolment, by, given: services.cancel_enrolment(enrolment, by=by, reason=given.get("reason", "")),
        gettext_lazy("Cancelled. The place goes to the next in line."),
    ),
    "withdraw": (
        lambda enrolment, by, _given: services.withdraw_consent(enrolment, by=by),
        gettext_lazy("Your consent is taken back."),
    ),
    "record": (
        lambda enrolment, by, given: services.pay(
            enrolment, by=by, how=given.get("how", ""), reference=given.get("reference", "")
        ),
        gettext_lazy("The payment is recorded."),
    ),
}


@login_required
@READ_OR_SEND
@says_why("youth_mine")
def enrolment(request: HttpRequest, enrolment_id: UUID) -> HttpResponse:
    """One enrolment: what it waits for, and all that can be done about it."""
    shown = enrolment_of(request, enrolment_id)
    if request.method == "POST":
        if request.POST.get("do") not in ACTS:
            raise Http404
        act, said = ACTS[request.POST["do"]]
        act(shown, request.user, request.POST)
        messages.success(request, str(said))
        return redirect("youth_consent", shown.pk) if request.POST["do"] == "accept" else redirect(shown)
    return render(request, "outreach/enrolment.html", _about(request, shown))


def _about(request: HttpRequest, shown: Enrolment) -> dict[str, Any]:
    is_guardian, organisation = answers_for(request.user, shown.child), shown.session.programme.organisation
    coordinates = may_coordinate(request.user, organisation)
    now, named = timezone.now(), is_guardian or coordinates
    if named and not is_guardian:
        services.looked_at([shown.child], by=request.user, session=shown.session)
    in_line = Enrolment.objects.filter(session=shown.session).in_line().filter(place_in_line__lt=shown.place_in_line)
    return {
        "enrolment": shown,
        "session": shown.session,
        "programme": shown.session.programme,
        "is_guardian": is_guardian,
        "name": services.name_of(shown.child) if named else shown.child.initials,
        "before_in_line": in_line.count() if shown.state == EnrolmentState.WAITLISTED else 0,
        "holds_place": shown.state in HOLDS_PLACE,
        "can_cancel": shown.state in IS_COMING and shown.starts_at > now and (is_guardian or coordinates),
        "percent": services.refund_if_cancelled(shown, on=now) if is_guardian else 100,
        "can_record": shown.state == EnrolmentState.CONFIRMED and may_record_payment(request.user, organisation),
        "ways": [(each.value, each.label) for each in RECORDED_BY_FINANCE],
        "certificate": Certificate.objects.filter(enrolment=shown).first(),
        "code_address": request.build_absolute_uri(reverse("child_check_in", args=[shown.code])),
        "duties": shown.session.safety_duties.all(),
    }


@login_required
@READ_OR_SEND
def consent(request: HttpRequest, enrolment_id: UUID) -> HttpResponse:
    """What a guardian consents to: purpose, scope, place, time, and how to say no."""
    shown = enrolment_of(request, enrolment_id)
    if not answers_for(request.user, shown.child):
        raise NotAllowed(_("Only the child's guardians may do this."))
    if shown.state not in {EnrolmentState.OFFERED, EnrolmentState.AWAITING_CONSENT}:
        return redirect(shown)
    text = services.current_text(shown.session.programme)
    if text is None:
        raise Http404
    form = ConsentForm(initial={"text": text.pk})
    if request.method == "POST":
        if request.POST.get("do") == "refuse":
            return _refused(request, shown)
        form = given = ConsentForm(request.POST)
        done = taken(given, lambda: services.consent(shown, by=request.user, text=given.cleaned_data["text"]))
        if done:
            messages.success(request, _("Thank you. The place is confirmed."))
            return redirect("youth_pay", shown.pk) if done.state == EnrolmentState.CONFIRMED else redirect(shown)
        if any(field == "text" for field in given.errors):  # a new version: shown, and asked for anew
            form = ConsentForm(initial={"text": text.pk})
            messages.error(request, " ".join(str(each) for each in given.errors["text"]))
    context = {
        "form": form, "text": text, "enrolment": shown, "session": shown.session, "programme": shown.session.programme,
        "name": services.name_of(shown.child),
    }  # fmt: skip
    return render(request, "outreach/consent.html", context, status=400 if form.errors else 200)


def _refused(request: HttpRequest, shown: Enrolment) -> HttpResponse:
    try:
        services.refuse_consent(shown, by=request.user)
        messages.success(request, _("You said no. The place goes to the next in line, and nothing is owed."))
    except Refused as error:
        messages.error(request, str(error.refusals[0].detail))
    return redirect(shown)


@login_required
@READ_OR_SEND
@says_why("youth_mine")
def pay(request: HttpRequest, enrolment_id: UUID) -> HttpResponse:
    """Pay the fee: by the simulator, which moves no money, until a real way is connected."""
    shown = enrolment_of(request, enrolment_id)
    if not answers_for(request.user, shown.child):
        raise NotAllowed(_("Only the child's guardians may do this."))
    if request.method == "POST":
        services.pay(shown, by=request.user, how=PaidHow.SIMULATOR)
        messages.success(request, _("Paid. Show the QR code below on the first day."))
        return redirect(shown)
    if shown.state != EnrolmentState.CONFIRMED:
        return redirect(shown)
    context = {"enrolment": shown, "session": shown.session, "programme": shown.session.programme}
    return render(request, "outreach/pay.html", context)


@login_required
@require_safe
def certificate_pdf(request: HttpRequest, enrolment_id: UUID) -> HttpResponse:
    """The certificate with the child's name, for its guardians, as long as the name is kept."""
    shown = enrolment_of(request, enrolment_id)
    if not answers_for(request.user, shown.child):
        raise NotAllowed(_("Only the child's guardians may do this."))
    found = get_object_or_404(Certificate, enrolment=shown)
    name = services.name_of(shown.child) or found.initials
    address = request.build_absolute_uri(found.get_absolute_url())
    return printed(pdf.certificate(found, shown.session, name=name, address=address), f"certificate-{found.code}.pdf")
