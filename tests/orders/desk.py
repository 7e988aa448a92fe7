"""What passes over a laboratory's desk: requests that were sent, offers, files with results."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from orders import services
from orders.models import Enquiry, Offer, Request
from orders.rules import lines_from

LINES = [{"name_zh": "断口分析", "quantity": 3, "unit": "件", "unit_price": "400.00"}]


def sent(by: Any, *facilities: Any) -> Request:
    request = services.begin(by=by, problem="轴承运行三百小时后断裂，想知道原因")
    services.revise(request, by=by, answers={"sample_kind": "断裂轴承", "sample_count": 2})
    return services.send(request, by=by, facilities=facilities)


def offer_of(request: Request, facility: Any, by: Any, price: str = "400.00") -> Offer:
    enquiry = Enquiry.objects.select_related("request", "facility").get(request=request, facility=facility)
    lines = lines_from([{**LINES[0], "unit_price": price}])
    return services.make_offer(enquiry, by=by, lines=lines, results_by=timezone.localdate() + timedelta(days=20))


def report(name: str = "report.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, "项目,结果\n硬度,62\n".encode())
