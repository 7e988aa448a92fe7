"""How many webhooks one may have, and when one is called."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from common.errors import Refusal

MOST_WEBHOOKS = 20


def objections_to_webhook(*, others: int) -> list[Refusal]:
    """Against one more, of somebody who has `others`."""
    if others < MOST_WEBHOOKS:
        return []
    detail = _("You have %(most)s webhooks already; delete one first.") % {"most": MOST_WEBHOOKS}
    return [Refusal("too_many_webhooks", detail, values={"most": MOST_WEBHOOKS})]


def objections_to_call(*, active: bool) -> list[Refusal]:
    """Against calling a webhook at somebody's wish."""
    if active:
        return []
    return [Refusal("paused", _("The webhook is paused: let it go on first."))]
