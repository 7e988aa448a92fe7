"""What this room keeps of a person."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from common.personal import GONE, Kept, in_office
from instruments.models import (
    BoardNotice,
    CollectionRound,
    FacilityRole,
    Favourite,
    Guide,
    Instrument,
    InstrumentEvent,
    InstrumentImport,
    RoundAnswer,
    TestItem,
    TestItemEvent,
)

PERSONAL = [
    Kept(FacilityRole, ("user",), _("roles at laboratories"), at_erasure=GONE),
    Kept(Favourite, ("user",), _("favourites"), at_erasure=GONE),
    in_office(BoardNotice, "by"),
    in_office(Guide, "by"),
    in_office(Instrument, "confirmed_by"),
    in_office(InstrumentEvent, "confirmed_by"),
    in_office(TestItem, "confirmed_by"),
    in_office(TestItemEvent, "confirmed_by"),
    in_office(InstrumentImport, "by"),
    in_office(CollectionRound, "by"),
    in_office(RoundAnswer, "answered_by"),
]
