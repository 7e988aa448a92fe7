"""Where a webhook may lead, and how many of them one may have."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network

from django.utils.translation import gettext_lazy as _

from common.errors import Refusal

MOST_WEBHOOKS = 20
# All that is routed on the open internet; what maps, translates or tunnels IPv4 lies outside, 6to4 apart.
GLOBAL_UNICAST = IPv6Network("2000::/3")


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether it belongs to a machine on the open internet, and not to one of ours or a neighbour's."""
    if isinstance(address, IPv6Address) and (address not in GLOBAL_UNICAST or address.sixtofour):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def objections_to_webhook(*, others: int) -> list[Refusal]:
    """Against one more, of somebody who has `others`."""
    if others < MOST_WEBHOOKS:
        return []
    detail = _("You have %(most)s webhooks already; delete one first.") % {"most": MOST_WEBHOOKS}
    return [Refusal("too_many_webhooks", detail, values={"most": MOST_WEBHOOKS})]
