"""Where somebody is signed in, and ending one of those sessions."""

from __future__ import annotations

from allauth.usersessions.internal.flows.sessions import end_sessions
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST


@login_required
@require_POST
def end_session(request: HttpRequest, device_id: int) -> HttpResponse:
    """One of one's own, at once: the next request that it makes is a visitor's."""
    end_sessions(request, [get_object_or_404(UserSession, pk=device_id, user=request.user)])
    messages.success(request, _("That device is signed out."))
    return redirect("usersessions_list" if request.user.is_authenticated else "home")
