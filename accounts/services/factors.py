from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt, encrypt
from django.db import transaction

SEALED = ("secret", "seed")


@transaction.atomic
def seal_factors_anew() -> int:
    """Seal what the second factors rest on by the first of FIELD_KEYS; returns how many there are."""
    rows = Authenticator.objects.select_for_update().exclude(type=Authenticator.Type.WEBAUTHN)
    for row in rows:
        row.data |= {name: encrypt(decrypt(row.data[name])) for name in SEALED if name in row.data}
        row.save(update_fields=["data"])
    return len(rows)
