"""Pages of whoever asks: the first sentence, the questions, the request with its offers."""

from __future__ import annotations

import base64
import binascii
import time
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from rest_framework.throttling import BaseThrottle

from accounts.services import standing_of
from common.errors import WrongInput
from common.limits import count_up
from common.sending import send_file
from common.uploads import PICTURE_LIMIT, bytes_of, name_of, picture_of
from common.web import READ_OR_SEND, printed, saved, taken
from instruments.models import Facility, Instrument, TestItem
from orders import services
from orders.forms.asking import FirstForm, QuestionsForm, as_initial
from orders.models import Enquiry, Offer, Request
from orders.pdf import agreement
from orders.permissions import is_customer_of, may_accept, may_offer
from orders.rules import way_of_request
from orders.states import KEPT_REQUEST, OPEN_REQUEST, OfferState, RequestState
from orders.views.finding import offer_of, request_of

VISITORS_A_MINUTE = 10  # requests begun from one address; each may bring a photo that is drawn anew
MOST_KEPT = 1_500_000  # bytes of a photo that waits there
OFFERED_AT_MOST = 8


@READ_OR_SEND
def new_request(asked: HttpRequest) -> HttpResponse:
    """One sentence and a photo. A visitor may write first and sign in then: nothing is lost."""
    about = _about(asked)
    kept = asked.session.get(KEPT_REQUEST, {})
    if asked.method == "POST":
        form = FirstForm(asked.POST, asked.FILES)
        if form.is_valid():
            if not asked.user.is_authenticated:
                return _too_many(asked) or _keep_and_sign_in(asked, form)
            if (request := taken(form, lambda: _begin(asked, form, about, kept))) is not None:
                asked.session.pop(KEPT_REQUEST, None)
                return redirect("edit_request", request.pk)
    else:
        form = FirstForm(initial={"problem": kept.get("problem", asked.GET.get("problem", "")[:2000])})
    context = {"form": form, "about": about, "kept": kept}
    return render(asked, "orders/new_request.html", context, status=400 if form.errors else 200)


def _about(asked: HttpRequest) -> TestItem | Instrument | None:
    """The test or instrument from whose page one came."""
    items, instruments = (kind.objects.visible_to(asked.user) for kind in (TestItem, Instrument))
    slugs = {name: asked.GET.get(name, "")[:50] for name in ("item", "instrument")}
    item = items.filter(slug=slugs["item"]).select_related("facility__organisation").first()
    return item or instruments.filter(slug=slugs["instrument"]).select_related("facility__organisation").first()


def _too_many(asked: HttpRequest) -> HttpResponse | None:
    """Counted in the cache, and open where that is away, as the API's limits are."""
    count = count_up(f"requests begun from {BaseThrottle().get_ident(asked)} {int(time.time() // 60)}")
    return render(asked, "429.html", status=429) if count is not None and count > VISITORS_A_MINUTE else None


def _keep_and_sign_in(asked: HttpRequest, form: FirstForm) -> HttpResponse:
    """What was written waits in the session while its writer signs in; the photo is looked at and drawn anew first."""
    kept = {"problem": form.cleaned_data["problem"]}
    if upload := form.cleaned_data["photo"]:
        try:
            drawn = picture_of(bytes_of(upload, limit=PICTURE_LIMIT), name=name_of(upload))
        except WrongInput as error:
            form.add_error("photo", str(error.detail))
            return render(asked, "orders/new_request.html", {"form": form}, status=400)
        data = drawn.large.data if len(drawn.large.data) <= MOST_KEPT else drawn.small.data
        kept |= {"photo": base64.b64encode(data).decode(), "photo_name": drawn.name}
    asked.session[KEPT_REQUEST] = kept
    here = f"{reverse('new_request')}?{asked.GET.urlencode()}".rstrip("?")
    messages.success(asked, _("What you wrote is kept. Sign in or sign up to send it."))
    return redirect(f"{reverse('account_login')}?{urlencode({'next': here})}")


def _begin(asked: HttpRequest, form: FirstForm, about: Any, kept: dict[str, str]) -> Request:
    photo, name = form.cleaned_data["photo"], ""
    if not photo and kept.get("photo"):
        try:
            photo, name = base64.b64decode(kept["photo"]), kept.get("photo_name", "photo.jpg")
        except binascii.Error:
            photo = None
    return services.begin(
        by=asked.user,
        problem=form.cleaned_data["problem"],
        photo=photo or None,
        photo_name=name,
        test_item=about if isinstance(about, TestItem) else None,
        instrument=about if isinstance(about, Instrument) else None,
    )


@login_required
@READ_OR_SEND
def edit_request(asked: HttpRequest, request_id: UUID) -> HttpResponse:
    """The twelve questions: saved as a draft at any time, sent when its writer is content."""
    request = request_of(asked, request_id)
    if not is_customer_of(asked.user, request):
        raise Http404
    if request.state != RequestState.DRAFT:
        return redirect(request)
    matches = services.matches_for(request)
    offered = _choices(matches, asked.POST.getlist("facilities"), asked.GET.get("q", ""))
    if asked.method == "POST":
        form = QuestionsForm(asked.POST, asked.FILES, offered=offered)
        if _is_saved(asked, request, form):
            if "send" not in asked.POST:
                messages.success(asked, _("Saved. Send it when you are ready."))
                return redirect("edit_request", request.pk)
            if saved(form, lambda: _send(asked, request, form)):
                messages.success(asked, _("Sent. The laboratories answer within 2 working days."))
                return redirect(request)
    else:
        form = QuestionsForm(initial=as_initial(request), offered=offered)
    context = {"form": form, "request_": request, "matches": matches}
    return render(asked, "orders/edit_request.html", context, status=400 if form.errors else 200)


def _choices(matches: list[services.Match], ticked: list[str], sought: str) -> list[tuple[str, str]]:
    """Laboratories to choose from: those that fit, those that were sought by name, those that were ticked."""
    found = {str(each.facility.pk): each.facility for each in matches}
    places = Facility.objects.select_related("organisation")
    if sought.strip():
        named = places.filter(name_zh__icontains=sought) | places.filter(organisation__name_zh__icontains=sought)
        found |= {str(each.pk): each for each in named[:OFFERED_AT_MOST]}
    if not found:  # the words fit nobody: those that test for others the most
        items = Count("test_items", filter=Q(test_items__is_offered=True))
        found = {str(each.pk): each for each in places.annotate(items=items).order_by("-items", "pk")[:OFFERED_AT_MOST]}
    known = [each for each in ticked if _is_id(each) and each not in found]
    found |= {str(each.pk): each for each in places.filter(pk__in=known)}
    return [(key, f"{each.organisation.name} · {each.name}") for key, each in found.items()]


def _is_id(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False


def _is_saved(asked: HttpRequest, request: Request, form: QuestionsForm) -> bool:
    def write() -> Request:
        files = {name: form.cleaned_data[name] or None for name in ("photo", "safety_sheet")}
        return services.revise(request, by=asked.user, answers=form.answers(), **files)

    return saved(form, write)


def _send(asked: HttpRequest, request: Request, form: QuestionsForm) -> Request:
    chosen = Facility.objects.filter(pk__in=form.cleaned_data["facilities"]).select_related("organisation")
    return services.send(
        request, by=asked.user, facilities=list(chosen), is_hazardous=form.cleaned_data["is_hazardous"]
    )


@login_required
@require_safe
def request_page(asked: HttpRequest, request_id: UUID) -> HttpResponse:
    """The whole way of a request with who is next; offers side by side for its own side, one's own for a laboratory."""
    return show_request(asked, request_of(asked, request_id))


def show_request(asked: HttpRequest, request: Request, *, status: int = 200, **shown: Any) -> HttpResponse:
    is_theirs = is_customer_of(asked.user, request)
    enquiries = list(
        (request.enquiries if is_theirs else Enquiry.objects.run_by(asked.user).filter(request=request))
        .select_related("facility__organisation")
        .order_by("asked_at", "pk")
    )
    offers = list(
        Offer.objects.filter(enquiry__in=enquiries).select_related("enquiry__facility__organisation", "offered_by")
    )
    now = timezone.now()
    standing = [each for each in offers if each.state in {OfferState.OPEN, OfferState.ACCEPTED, OfferState.LAPSED}]
    context = {
        "request_": request,
        "theirs": is_theirs,
        "enquiries": enquiries,
        "offers": standing,
        "without_fund": services.without_fund(request, standing) if is_theirs else set(),
        "older": [each for each in offers if each not in standing],
        "own": [
            {"enquiry": each, "may_offer": may_offer(asked.user, each.facility)} for each in enquiries if not is_theirs
        ],
        "stages": way_of_request(request, enquiries, offers),
        "order": request.orders.first(),
        "is_open": request.state in OPEN_REQUEST,
        "may_accept": is_theirs and may_accept(asked.user, request),
        "standing": standing_of(request.organisation, on=timezone.localdate()) if request.organisation else None,
        "thread": services.thread_of(request),
        "now": now,
        "today": timezone.localdate(),
    }
    return render(asked, "orders/request.html", {**context, **shown}, status=status)


@login_required
@require_safe
def request_file(asked: HttpRequest, request_id: UUID, which: str) -> HttpResponseBase:
    """The photo or the safety data sheet of a request, for its two sides."""
    request = request_of(asked, request_id)
    small = request.photo.small if request.photo else None
    file = {"photo": request.photo, "small": small or request.photo, "safety": request.safety_sheet}.get(which)
    if file is None:
        raise Http404
    return send_file(asked, file)


@login_required
@require_safe
def agreement_file(asked: HttpRequest, offer_id: UUID) -> HttpResponseBase:
    """The agreement as it was accepted; before that, as it would be."""
    offer = offer_of(asked, offer_id)
    if offer.agreement is not None:
        return send_file(asked, offer.agreement)
    return printed(agreement(offer, by=asked.user, at=timezone.now()), "agreement.pdf")
