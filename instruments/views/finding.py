"""Finding the records that somebody may edit, and what a refused form says."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from accounts.models import Organisation
from common.errors import NotAllowed, PreconditionFailed
from common.web import taken
from instruments import services
from instruments.forms.editing import Sheet
from instruments.models import BoardNotice, Facility, Guide, Instrument, TestItem
from instruments.permissions import administers_in, may_edit_for, may_post_for, refuse_unless_may_edit

Saved = TypeVar("Saved")


def facility_kept_by(request: HttpRequest, slug: str) -> Facility:
    """A facility whose records the reader may edit; 403 for others."""
    found = get_object_or_404(Facility.objects.select_related("organisation"), slug=slug)
    refuse_unless_may_edit(request.user, found)
    return found


def record_kept_by(request: HttpRequest, model: type[Any], slug: str) -> Any:
    """An instrument or test item that the reader may edit; 403 where they may only see it, 404 where not even that."""
    found = get_object_or_404(model.objects.select_related("facility__organisation"), slug=slug)
    try:
        refuse_unless_may_edit(request.user, found.facility)
    except NotAllowed:
        get_object_or_404(model.objects.visible_to(request.user), pk=found.pk)
        raise
    return found


def instrument_kept_by(request: HttpRequest, slug: str) -> Instrument:
    found: Instrument = record_kept_by(request, Instrument, slug)
    return found


def item_kept_by(request: HttpRequest, slug: str) -> TestItem:
    found: TestItem = record_kept_by(request, TestItem, slug)
    return found


def facilities_for(request: HttpRequest, organisation: Organisation) -> list[Facility]:
    """The facilities of an institution between which the reader may move records."""
    facilities = Facility.objects.filter(organisation=organisation).select_related("organisation")
    if not may_edit_for(request.user, organisation):
        facilities = facilities.filter(pk__in=administers_in(request.user, organisation).values("facility"))
    return list(facilities.order_by("name_zh"))


def posted_kept_by(request: HttpRequest, posted: BoardNotice | Guide) -> Any:
    """A notice or guide whose board the reader keeps; 404 for others, since not every notice is shown already."""
    if not may_post_for(request.user, services.owner_of(posted)):
        raise Http404
    return services.owner_of(posted)


def taken_sheet(sheet: Sheet, write: Callable[[], Saved], *, stale: Callable[[], int]) -> Saved | None:
    """The same for a record with its rows; `stale` tells at which version the record stands meanwhile."""
    if not sheet.is_valid():
        return None
    try:
        return taken(sheet.form, write)
    except PreconditionFailed:
        sheet.form.add_error(
            None,
            _("Somebody else has changed this record meanwhile. What you entered is still here: compare, save again."),
        )
        sheet.stands_at(stale())
        return None


def meanwhile(record: Instrument | TestItem, seen: Any) -> list[services.Change]:
    """What others changed in the record since the form was opened, where it was overtaken."""
    if not record.pk or not re.fullmatch(r"[0-9]{1,9}", str(seen)) or int(seen) == record.version:
        return []
    return services.changes_since(record, int(seen))
