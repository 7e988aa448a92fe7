"""Proving that somebody reads at a phone or an address, by a code that was sent there."""

from __future__ import annotations

import hmac
import re
import secrets
from datetime import timedelta
from hashlib import sha256

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import ContactCode, User
from accounts.states import ContactChannel
from common.db import take_turns
from common.errors import Refusal, Refused, WrongInput
from common.text import folded
from notifications.services import post, text_to

LIVES = timedelta(minutes=10)
COUNTS_FOR = timedelta(hours=2)  # so long after it was proven may it be used
MOST_TRIES, MOST_CODES, WITHIN = 5, 5, timedelta(hours=1)
PHONE = re.compile(r"\+?[0-9]{7,18}")
# One sentence for a code that is wrong, too old, tried too often or was never sent: none tells which it was.
WRONG_CODE = Refusal(
    "wrong_code", gettext_lazy("This code is wrong or no longer valid. Have a new one sent."), field="code"
)
TOO_MANY = Refusal("too_many_codes", gettext_lazy("Too many codes were asked for. Try again in an hour."))


@transaction.atomic
def send_code(user: User, *, address: str) -> ContactCode:
    """Send a code to a phone or an e-mail address; the answer is the same whoever reads there.

    Raises WrongInput for what is neither, Refused after five within an hour.
    """
    channel, address = _read(address)
    take_turns(f"contact code {user.pk}", f"contact code {address}")
    now = timezone.now()
    recent = ContactCode.objects.filter(sent_at__gt=now - WITHIN)
    if max(recent.filter(user=user).count(), recent.filter(address=address).count()) >= MOST_CODES:
        raise Refused([TOO_MANY])
    code = f"{secrets.randbelow(10**6):06}"
    row = ContactCode(user=user, channel=channel, address=address, sent_at=now, expires_at=now + LIVES)
    row.digest = _digest(row, code)
    row.save()
    with translation.override(user.language):
        text = _("Jishi: your code is %(code)s. It is valid for 10 minutes. Nobody of ours will ask you for it.")
        if channel == ContactChannel.SMS:
            text_to(address, event="contact_code", text=text % {"code": code})
        else:
            post(address=address, event="contact_code", subject=_("Your code for Jishi"), body=text % {"code": code})
    return row


def _read(address: str) -> tuple[str, str]:
    """What was typed, as it is stored, and whether it is a phone or an address."""
    typed = folded(address)
    phone = re.sub(r"[\s()-]", "", typed)
    if PHONE.fullmatch(phone):
        return ContactChannel.SMS, phone
    try:
        validate_email(typed)
    except ValidationError:
        raise WrongInput("address", "invalid", _("Enter a phone number or an e-mail address.")) from None
    return ContactChannel.MAIL, typed


def prove_contact(user: User, *, address: str, code: str) -> ContactCode:
    """Take the code that was sent last to `address`; Refused (`wrong_code`) after five tries or ten minutes too."""
    _channel, address = _read(address)
    row = _tried(user, address)
    if row is None or not hmac.compare_digest(row.digest, _digest(row, "".join(folded(code).split()))):
        raise Refused([WRONG_CODE])
    ContactCode.objects.filter(pk=row.pk, proven_at=None).update(proven_at=timezone.now())
    row.refresh_from_db()
    return row


@transaction.atomic
def _tried(user: User, address: str) -> ContactCode | None:
    """The code that counts, with one try the fewer: committed before it is compared, so no refusal takes it back."""
    found = ContactCode.objects.filter(user=user, address=address, proven_at=None).order_by("-sent_at")
    row = found.select_for_update(no_key=True).first()
    if row is None or row.attempts >= MOST_TRIES or row.expires_at <= timezone.now():
        return None
    ContactCode.objects.filter(pk=row.pk).update(attempts=F("attempts") + 1)
    return row


def _digest(row: ContactCode, code: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), f"{row.pk} {code}".encode(), sha256).hexdigest()


def proven_contact(user: User) -> str:
    """Where `user` has lately shown to read, or ''."""
    since = timezone.now() - COUNTS_FOR
    row = ContactCode.objects.filter(user=user, proven_at__gt=since).order_by("-proven_at").first()
    return row.address if row else ""
