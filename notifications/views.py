from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from notifications import services
from notifications.models import Notice

SHOWN = 100


@login_required
@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """What is behind the bell, the newest first."""
    mine = Notice.objects.of(request.user).due(timezone.now()).order_by("-created_at")[:SHOWN]
    return render(request, "notifications/notices.html", {"notices": mine})


@login_required
@require_POST
def mark_read(request: HttpRequest) -> HttpResponse:
    services.mark_read(request.user)
    return redirect("notices")
