"""Who runs a facility, and how an instrument stands."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from instruments.models import Facility, FacilityRole, Instrument
from instruments.states import Status


@transaction.atomic
def entrust(facility: Facility, *, to: User, duty: str) -> FacilityRole:
    """Let somebody run the facility, as lab admin or operator."""
    return FacilityRole.objects.get_or_create(facility=facility, user=to, duty=duty)[0]


def set_status(instrument: Instrument, status: Status) -> Instrument:
    """Open, limit, maintain or retire an instrument that the caller has locked."""
    instrument.status, instrument.version, instrument.updated_at = status, instrument.version + 1, timezone.now()
    instrument.save(update_fields=["status", "version", "updated_at"])
    return instrument


def put_away(instrument: Instrument, *, merged_into: Instrument | None = None) -> Instrument:
    """Retire an instrument that the caller has locked, or let its address lead to the one it was merged into."""
    today = timezone.localdate()
    set_status(instrument, Status.RETIRED)
    instrument.merged_into = merged_into
    instrument.decommissioned_on = instrument.decommissioned_on or max(today, instrument.commissioned_on or today)
    instrument.save(update_fields=["merged_into", "decommissioned_on"])
    return instrument
