"""Terms and privacy text: who accepted which version, and when."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.errors import WrongInput
from privacy.models import Acceptance
from privacy.states import CURRENT

OUTDATED = WrongInput("version", "outdated", _("The text has been changed since you opened this page."))


@transaction.atomic
def accept_texts(user: User, *, version: str, language: str) -> Acceptance:
    """Somebody agrees to the current version; a second time changes nothing. Raises WrongInput for an older one."""
    if version != CURRENT:
        raise OUTDATED
    given, _new = Acceptance.objects.get_or_create(user=user, version=version, defaults={"language": language})
    user.texts_accepted = version
    user.save(update_fields=["texts_accepted"])
    return given
