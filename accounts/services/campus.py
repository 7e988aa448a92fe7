"""What a campus says about who belongs to it."""

from __future__ import annotations

import re
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone

from accounts.formats import tidy_uscc
from accounts.models import Membership, Organisation, User
from accounts.services.membership import confirm, end
from accounts.states import MembershipState, Role, Vouched
from common.text import tidy

log = structlog.get_logger()
NUMBER_FITS = 40


def campus_called(name: str) -> Organisation | None:
    """The organisation of a campus, by its unified social credit code or its id."""
    if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", name):
        return Organisation.objects.filter(pk=UUID(name)).first()
    return Organisation.objects.filter(uscc=tidy_uscc(name)).first()


@transaction.atomic
def vouch_for(user: User, campus: str, *, belongs: bool, number: str = "") -> Membership | None:
    """Confirm that `user` belongs to `campus`, or end what it confirmed before and confirms no longer."""
    organisation = campus_called(campus)
    if organisation is None:
        log.warning("campus_unknown", organisation=campus)
        return None
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # one sign-in of a person at a time
    plain = Membership.objects.standing().filter(person=user, organisation=organisation, role=Role.MEMBER)
    known = plain.select_for_update().first()
    if not belongs:
        if known and known.vouched_by == Vouched.CAMPUS:
            end(known, at=timezone.now())
        return None
    if known is None:
        known = Membership(person=user, organisation=organisation, number=tidy(number)[:NUMBER_FITS])
        known.save()
    if known.state == MembershipState.CLAIMED:
        known.vouched_by = Vouched.CAMPUS
        confirm(known, by=None)
    return known
