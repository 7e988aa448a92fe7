"""Files with results: handed in by the laboratory, and unchangeable once they are released."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from common.errors import NotAllowed, Refusal, Refused, WrongInput
from common.uploads.arriving import Readable
from orders.models import Order, Result
from orders.permissions import may_work
from orders.services.turn import locked_order, refuse_unless, write
from orders.states import OrderState
from records.services import drop_file, keep_either

MOST_RESULTS = 100
RELEASED = Refusal(
    "result_released",
    gettext_lazy("This result is released: it can neither be replaced nor removed. Add a corrected one beside it."),
)


@transaction.atomic
def add_result(order: Order, *, by: User, file: Readable, external_ref: str = "") -> Result:
    """Hand in a file with results; it is kept with its checksum. Raises WrongInput or Refused for what the file is."""
    order = _of_lab(order, by)
    refuse_unless(order, OrderState.IN_WORK, OrderState.RESULTS_READY)
    if order.results.count() >= MOST_RESULTS:
        raise WrongInput("file", "too_many", _("At most %(n)s files.") % {"n": MOST_RESULTS})
    kept = keep_either(file, by=by)
    made = Result.objects.create(
        order=order, file=kept, name=kept.name, sha256=kept.sha256, added_by=by, external_ref=external_ref,
        created_at=timezone.now(),
    )  # fmt: skip
    write(order)
    return made


@transaction.atomic
def remove_result(result: Result, *, by: User) -> None:
    """Take a file back that nobody outside has seen; what is released stays for good."""
    order = _of_lab(result.order, by)
    result = Result.objects.select_for_update().get(pk=result.pk)
    if result.is_released:
        raise Refused([RELEASED])
    file = result.file
    result.delete()
    drop_file(file, by=by)
    write(order)


@transaction.atomic
def replace_result(result: Result, *, by: User, file: Readable) -> Result:
    """Another file in the place of one that is not released yet."""
    order = result.order
    remove_result(result, by=by)
    return add_result(order, by=by, file=file, external_ref=result.external_ref)


def _of_lab(order: Order, by: User) -> Order:
    order = locked_order(order)
    if not may_work(by, order):
        raise NotAllowed(_("Only the laboratory's own people may do this."))
    return order
