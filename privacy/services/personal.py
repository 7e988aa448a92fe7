"""What every room keeps of a person, in one list; this room's own too."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services import objections_to_closing
from accounts.services.personal import PERSONAL as OF_ACCOUNTS
from billing.services.personal import PERSONAL as OF_BILLING
from billing.services.personal import objections_to_leaving as objections_of_billing
from bookings.services.personal import PERSONAL as OF_BOOKINGS
from bookings.services.personal import objections_to_leaving as objections_of_bookings
from common.errors import Refusal
from common.personal import PROOF, Kept
from instruments.services.personal import PERSONAL as OF_INSTRUMENTS
from notifications.services.personal import PERSONAL as OF_NOTIFICATIONS
from orders.services.personal import PERSONAL as OF_ORDERS
from orders.services.personal import objections_to_leaving as objections_of_orders
from outreach.services.personal import PERSONAL as OF_OUTREACH
from outreach.services.personal import objections_to_leaving as objections_of_outreach
from privacy.models import Acceptance, Erasure
from records.services.personal import PERSONAL as OF_RECORDS

PERSONAL: list[Kept] = [
    *OF_ACCOUNTS,
    *OF_NOTIFICATIONS,
    *OF_INSTRUMENTS,
    *OF_BOOKINGS,
    *OF_ORDERS,
    *OF_OUTREACH,
    *OF_BILLING,
    *OF_RECORDS,
    Kept(Acceptance, ("user",), _("terms that you accepted"), because=PROOF),
    Kept(Erasure, ("person",), given=False, because=PROOF),
]


def objections_to_erasure(person: User) -> list[Refusal]:
    """What has to be put in order first, in every room; all at once."""
    return [
        *objections_to_closing(person),
        *objections_of_bookings(person),
        *objections_of_orders(person),
        *objections_of_outreach(person),
        *objections_of_billing(person),
    ]
