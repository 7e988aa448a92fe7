"""Finding what an address names, as far as the reader may see it."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from bookings.models import Booking
from bookings.permissions import may_set_up
from bookings.services import with_terms
from instruments.models import Facility, Instrument
from instruments.permissions import runs


def booking_of(request: HttpRequest, booking_id: UUID) -> Booking:
    return get_object_or_404(Booking.objects.visible_to(request.user).with_everything(), pk=booking_id)


def instrument_of(request: HttpRequest, slug: str, *, terms: bool = False) -> Instrument:
    """An instrument that the reader may see; with `terms`, together with the rows that say how it is booked."""
    visible = Instrument.objects.visible_to(request.user).select_related("facility__organisation")
    return get_object_or_404(with_terms(visible) if terms else visible, slug=slug)


def instrument_run_by(request: HttpRequest, slug: str, *, set_up: bool = False) -> Instrument:
    """An instrument that the reader helps to run, or (`set_up`) decides about; 403 for others."""
    found = instrument_of(request, slug)
    _refuse_unless(request, found.facility, set_up=set_up)
    return found


def facility_run_by(request: HttpRequest, slug: str, *, set_up: bool = False) -> Facility:
    """A facility that the reader helps to run, or (`set_up`) decides about; 403 for others."""
    found = get_object_or_404(Facility.objects.select_related("organisation"), slug=slug)
    _refuse_unless(request, found, set_up=set_up)
    return found


def owner_run_by(request: HttpRequest, facility: str, slug: str) -> Facility | Instrument:
    """The facility, or one instrument of it, whose settings the reader may change."""
    found = facility_run_by(request, facility, set_up=True)
    return (
        get_object_or_404(Instrument.objects.select_related("facility"), slug=slug, facility=found) if slug else found
    )


def _refuse_unless(request: HttpRequest, facility: Facility, *, set_up: bool) -> None:
    allowed = may_set_up(request.user, facility) if set_up else runs(request.user, facility)
    if not allowed:
        raise PermissionDenied(_("Only the laboratory's own people may do this."))
