"""Page: a subsidy with what is left of it, as a picture, a table and CSV."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.states import CustomerCategory
from billing.models import Scheme
from billing.services import pool_by_month
from common.tables import csv_of


@require_safe
def scheme(request: HttpRequest, scheme_id: UUID) -> HttpResponse:
    """Whom and what it is for, how much, and how its pool was used month by month; public, without payers' names."""
    found = get_object_or_404(Scheme.objects.select_related("fund").prefetch_related("categories"), pk=scheme_id)
    rows = pool_by_month(found, until=timezone.localdate())
    if request.GET.get("as") == "months.csv":
        response = HttpResponse(csv_of(*_table(rows)), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="scheme-{found.begins:%Y}.csv"'
        return response
    context = {
        "scheme": found,
        "rows": rows,
        "for_whom": [str(CustomerCategory(each).label) for each in found.for_categories],
    }
    return render(request, "billing/scheme.html", context)


def _table(rows: Iterable[tuple[date, Decimal, Decimal, Decimal]]) -> tuple[list[str], list[dict[str, Any]]]:
    headers = [_("Month"), _("Spent until then (CNY)"), _("Reserved (CNY)"), _("Left (CNY)")]
    return headers, [
        dict(zip(headers, [f"{month:%Y-%m}", f"{spent:.2f}", f"{reserved:.2f}", f"{left:.2f}"], strict=True))
        for month, spent, reserved, left in rows
    ]
