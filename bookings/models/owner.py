"""What is said for a whole facility, or for one instrument of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from instruments.models import Facility, Instrument

ONE_OWNER = Q(facility=None, instrument__isnull=False) | Q(facility__isnull=False, instrument=None)


class OfFacilityOrInstrument(models.Model):
    """A row that belongs to a facility or to one instrument; the instrument's own rows win."""

    facility = models.ForeignKey(Facility, models.CASCADE, null=True, blank=True, related_name="%(class)s_rows")
    instrument = models.ForeignKey(Instrument, models.CASCADE, null=True, blank=True, related_name="%(class)s_rows")

    class Meta:
        abstract = True

    @property
    def owner(self) -> Facility | Instrument | None:
        return self.instrument or self.facility
