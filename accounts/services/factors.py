from __future__ import annotations

from typing import Any
from uuid import UUID

import structlog
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt, encrypt
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from accounts.permissions import may_take_factors
from accounts.services.signing_in import end_sessions, mark_of
from accounts.states import Proof
from common.errors import NotAllowed, Refusal, Refused
from notifications.services import tell

log = structlog.get_logger("security")

SEALED = ("secret", "seed")
NO_FACTOR = Refusal("no_second_step", _("There is no second step to take away."))


@transaction.atomic
def seal_factors_anew() -> int:
    """Seal what the second factors rest on by the first of FIELD_KEYS; returns how many there are."""
    rows = Authenticator.objects.select_for_update().exclude(type=Authenticator.Type.WEBAUTHN)
    for row in rows:
        row.data |= {name: encrypt(decrypt(row.data[name])) for name in SEALED if name in row.data}
        row.save(update_fields=["data"])
    return len(rows)


def who_have_factors(organisation: Organisation) -> set[UUID]:
    """Who of its confirmed members has a second step."""
    members = organisation.memberships.confirmed().values("person")
    return set(Authenticator.objects.filter(user__in=members).values_list("user", flat=True))


@transaction.atomic
def take_factors_away(person: User, *, by: User | None, proof: Proof) -> None:
    """Take away app, passkeys and recovery codes that somebody has lost, when they have proved who they are.

    Every device is signed out. They sign in as ever, set up new ones where their role owes it, and are told who did
    this and on what proof by mail; a text message says that it happened. `by` is None for whoever runs the portal.
    Raises NotAllowed, and Refused (`no_second_step`).
    """
    person = User.objects.select_for_update().get(pk=person.pk)
    if by and not may_take_factors(by, person):
        raise NotAllowed(_("Only an admin of the one organisation in which they have rights may do this."))
    if not Authenticator.objects.filter(user=person).delete()[0]:
        raise Refused([NO_FACTOR])
    end_sessions(person)
    them: Any = person  # who have no page of their own
    occasion = f"{timezone.now():%Y-%m-%dT%H:%M:%S}"
    tell("second_step_taken_away", to=[person], about=them, page="account", occasion=occasion, by=by, proof=proof)
    said = {"who": mark_of(person), "by": mark_of(by) if by else "", "proof": proof.value}
    transaction.on_commit(lambda: log.info("second_step_taken_away", **said))
