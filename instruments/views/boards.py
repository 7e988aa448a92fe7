"""Pages: boards of a facility, an institution and the city, with their notices and guides."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Organisation
from common.errors import NotAllowed
from common.web import READ_OR_SEND, taken
from instruments import services
from instruments.forms.boards import GuideForm, NoticeForm
from instruments.models import BoardNotice, Facility, Guide
from instruments.permissions import may_post_for
from instruments.views.finding import posted_kept_by

Owner = Facility | Organisation | None
NOTICE_FIELDS = ["title_zh", "title_en", "body_zh", "body_en", "is_pinned", "shown_from", "shown_until"]
GUIDE_FIELDS = ["title_zh", "title_en", "body_zh", "body_en", "slug", "position"]


@READ_OR_SEND
def city_board(request: HttpRequest) -> HttpResponse:
    """What the city has to say."""
    return _board(request, None)


@READ_OR_SEND
def facility_board(request: HttpRequest, facility: str) -> HttpResponse:
    """What a facility has to say."""
    return _board(request, get_object_or_404(Facility.objects.select_related("organisation"), slug=facility))


@READ_OR_SEND
def organisation_board(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """What an institution has to say."""
    return _board(request, get_object_or_404(Organisation, pk=organisation_id))


def _board(request: HttpRequest, owner: Owner) -> HttpResponse:
    """Notices and guides for everybody; for those who keep the board also what is not shown yet, and the forms."""
    if request.method == "POST" and not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    notice_form, guide_form = NoticeForm(), GuideForm(prefix="guide")
    if request.method == "POST" and request.POST.get("do") == "guide":
        guide_form = given = GuideForm(request.POST, prefix="guide")
        if taken(given, lambda: services.write_guide(owner, by=request.user, **given.cleaned_data)):
            messages.success(request, _("The page is there."))
            return redirect(request.path)
    elif request.method == "POST":
        notice_form = wanted = NoticeForm(request.POST)
        if taken(wanted, lambda: services.post_notice(owner, by=request.user, **wanted.cleaned_data)):
            messages.success(request, _("The notice is on the board."))
            return redirect(request.path)
    may_post = request.user.is_authenticated and may_post_for(request.user, owner)
    notices = BoardNotice.objects.of(owner)
    now = timezone.now()
    context = {
        **_frame(owner),
        "may_post": may_post,
        "notices": notices if may_post else notices.shown(now),
        "guides": Guide.objects.of(owner),
        "notice_form": notice_form,
        "guide_form": guide_form,
        "now": now,
    }
    wrong = notice_form.errors or guide_form.errors
    return render(request, "instruments/board.html", context, status=400 if wrong else 200)


def _frame(owner: Owner) -> dict[str, Any]:
    facility = owner if isinstance(owner, Facility) else None
    organisation = owner if isinstance(owner, Organisation) else None
    return {"owner": owner, "facility": facility, "organisation": organisation or (facility and facility.organisation)}


def _board_of(owner: Owner) -> HttpResponse:
    if isinstance(owner, Facility):
        return redirect("facility_board", owner.slug)
    return redirect("organisation_board", owner.pk) if owner else redirect("city_board")


@login_required
@READ_OR_SEND
def edit_notice(request: HttpRequest, board_notice_id: UUID) -> HttpResponse:
    """Change a notice, or take it down."""
    notice = get_object_or_404(BoardNotice.objects.select_related("facility", "organisation"), pk=board_notice_id)
    owner = posted_kept_by(request, notice)
    form = NoticeForm(initial={name: getattr(notice, name) for name in NOTICE_FIELDS})
    if request.POST.get("do") == "take down":
        services.take_down(notice, by=request.user)
        messages.success(request, _("The notice is taken down."))
        return _board_of(owner)
    if request.method == "POST":
        form = given = NoticeForm(request.POST)
        if taken(given, lambda: services.post_notice(owner, by=request.user, notice=notice, **given.cleaned_data)):
            messages.success(request, _("Saved."))
            return _board_of(owner)
    context = {**_frame(owner), "form": form, "posted": notice, "remove": "take down"}
    return render(request, "instruments/edit_posted.html", context, status=400 if form.errors else 200)


@require_safe
def guide(request: HttpRequest, guide: str) -> HttpResponse:
    """A page of rules or guidance."""
    shown = get_object_or_404(Guide.objects.select_related("facility__organisation", "organisation"), slug=guide)
    owner = services.owner_of(shown)
    may_post = request.user.is_authenticated and may_post_for(request.user, owner)
    return render(request, "instruments/guide.html", {**_frame(owner), "guide": shown, "may_post": may_post})


@login_required
@READ_OR_SEND
def edit_guide(request: HttpRequest, guide: str) -> HttpResponse:
    """Change a page, or take it away."""
    found = get_object_or_404(Guide.objects.select_related("facility__organisation", "organisation"), slug=guide)
    owner = services.owner_of(found)
    if not may_post_for(request.user, owner):
        raise NotAllowed(_("Only those who keep this board may do this."))
    form = GuideForm(initial={name: getattr(found, name) for name in GUIDE_FIELDS})
    if request.POST.get("do") == "remove":
        services.remove_guide(found, by=request.user)
        messages.success(request, _("The page is gone."))
        return _board_of(owner)
    if request.method == "POST":
        form = given = GuideForm(request.POST)
        saved = taken(given, lambda: services.write_guide(owner, by=request.user, guide=found, **given.cleaned_data))
        if saved:
            messages.success(request, _("Saved."))
            return redirect("guide", saved.slug)
    context = {**_frame(owner), "form": form, "posted": found, "remove": "remove"}
    return render(request, "instruments/edit_posted.html", context, status=400 if form.errors else 200)
