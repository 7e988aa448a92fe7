"""Finding what a page is about: what somebody may not see is not there."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from outreach.models import Child, Enrolment, Programme, Session
from outreach.permissions import may_run


def programme_of(request: HttpRequest, slug: str) -> Programme:
    visible = Programme.objects.visible_to(request.user).select_related("organisation", "facility")
    return get_object_or_404(visible, slug=slug)


def own_programme(request: HttpRequest, slug: str) -> Programme:
    """One that the reader coordinates."""
    return get_object_or_404(
        Programme.objects.coordinated_by(request.user).select_related("organisation", "facility"), slug=slug
    )


def enrolment_of(request: HttpRequest, enrolment_id: UUID) -> Enrolment:
    return get_object_or_404(Enrolment.objects.visible_to(request.user).with_everything(), pk=enrolment_id)


def child_of(request: HttpRequest, child_id: UUID) -> Child:
    return get_object_or_404(Child.objects.of(request.user), pk=child_id)


def session_run_by(request: HttpRequest, session_id: UUID) -> Session:
    """One that the reader guides or coordinates."""
    found = get_object_or_404(Session.objects.with_everything(), pk=session_id)
    if not may_run(request.user, found):
        raise Http404
    return found
