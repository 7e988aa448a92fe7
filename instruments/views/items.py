"""The public page of a test item."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from instruments.models import TestItem
from instruments.states import Status


@require_safe
def test_item(request: HttpRequest, slug: str) -> HttpResponse:
    """What it tells, of which sample, how soon, by whom; and the two doors: send samples, or book the instrument."""
    visible = TestItem.objects.visible_to(request.user).select_related("facility__organisation", "confirmed_by")
    item = get_object_or_404(visible, slug=slug)
    context = {
        "item": item,
        "instruments": item.instruments.exclude(status=Status.RETIRED).order_by("name_zh"),
        "accreditations": item.accreditations.all(),
        "today": timezone.localdate(),
    }
    return render(request, "instruments/item.html", context)


test_item.__test__ = False  # type: ignore[attr-defined]  # pytest would take the name for one of its own
