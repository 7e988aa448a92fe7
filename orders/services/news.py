"""Who hears of what happens to requests and orders: people by bell and mail, programs by events."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.states import MembershipState, OrganisationKind, Role
from instruments.models import Facility, FacilityRole
from notifications.services import announce, tell
from notifications.states import EventKind
from orders.models import Order, Request


def lab_of(facility: Facility) -> list[User]:
    """The lab admins of today."""
    return FacilityRole.objects.deciders(facility, timezone.localdate())


def customers_of(thing: Request | Order) -> list[User]:
    """Who asked, and who binds them: the firm's admins, the group's principal investigator."""
    first = thing.asked_by if isinstance(thing, Request) else thing.ordered_by
    found = [first]
    if thing.organisation and thing.organisation.kind == OrganisationKind.COMPANY:
        held = {"memberships__organisation": thing.organisation, "memberships__state": MembershipState.CONFIRMED}
        found += list(User.objects.filter(**held, memberships__role=Role.ADMIN, is_active=True))
    if thing.group:
        found.append(thing.group.pi)
    return found


def others_than(by: User | None, people: Iterable[User]) -> list[User]:
    """Everybody but the one who did it, once each."""
    return [each for pk, each in {each.pk: each for each in people}.items() if by is None or pk != by.pk]


def report_request(
    request: Request, event: str, *, to: Iterable[User], by: User | None, facility: Facility | None = None,
    occasion: str = "", **details: Any,
) -> None:  # fmt: skip
    """Tell one side what happened to a request."""
    readers = others_than(by, to)
    if readers:
        key = occasion or f"v{request.version} {facility.pk if facility else ''}".strip()
        tell(event, to=readers, about=request, occasion=key, by=by, facility=facility, **details)


def broadcast_request(request: Request, kind: EventKind, facilities: Iterable[Facility]) -> None:
    """An event for the programs of both sides."""
    audience = {each.pk for each in customers_of(request)}
    audience |= {each.pk for facility in facilities for each in lab_of(facility)}
    announce(kind, about=request, to=sorted(audience), href=reverse("api_request", args=[request.pk]))


def report(order: Order, *, by: User | None, note: str = "", kind: EventKind = EventKind.ORDER_CHANGED) -> None:
    """Tell the other side where an order stands now; where it goes on by itself, both."""
    customers, lab = customers_of(order), lab_of(order.facility)
    is_lab = by is not None and any(each.pk == by.pk for each in lab)
    is_customer = by is not None and any(each.pk == by.pk for each in customers)
    to = [*customers, *lab] if by is None or is_lab == is_customer else customers if is_lab else lab
    readers = others_than(by, to)
    if readers:
        tell("order_moved", to=readers, about=order, occasion=f"v{order.version}", by=by, note=note)
    audience = sorted({each.pk for each in [*customers, *lab]})
    announce(kind, about=order, to=audience, href=reverse("api_order", args=[order.pk]))
