"""Who may do what to requests, offers and orders."""

from __future__ import annotations

from accounts.models import Organisation, ResearchGroup, User
from accounts.permissions import may_bind
from accounts.states import OrganisationKind
from instruments.models import Facility
from instruments.permissions import may_decide_at, runs
from orders.models import Order, Request


def is_customer_of(user: User, request: Request) -> bool:
    """On whose side a request stands."""
    return _stands_on(user, request.asked_by_id, request.organisation, request.group)


def is_customer(user: User, order: Order) -> bool:
    """On whose side an order stands: who ordered, the confirmed members of the firm, the group's PI."""
    return _stands_on(user, order.ordered_by_id, order.organisation, order.group)


def _stands_on(user: User, asked_by: object, firm: Organisation | None, group: ResearchGroup | None) -> bool:
    if user.pk == asked_by or (group is not None and group.pi_id == user.pk):
        return True
    of_firm = firm is not None and firm.kind == OrganisationKind.COMPANY
    return of_firm and user.memberships.confirmed().filter(organisation=firm).exists()


def may_accept(user: User, request: Request) -> bool:
    """Bind the customer: a firm's admins and finance officers, a group's PI and whoever asked for it."""
    if request.organisation_id and request.organisation:
        return may_bind(user, request.organisation)
    return is_customer_of(user, request)


def may_offer(user: User, facility: Facility) -> bool:
    """Say for a laboratory what it would do for how much: its lab admins."""
    return may_decide_at(user, facility)


def may_work(user: User, order: Order) -> bool:
    """Take samples in, work, hand in results: the laboratory's own people."""
    return runs(user, order.facility)


def may_decide(user: User, order: Order) -> bool:
    """Say yes or no to an order, release results, settle an objection: the lab admins."""
    return may_decide_at(user, order.facility)


def may_talk(user: User, order: Order) -> bool:
    return is_customer(user, order) or may_work(user, order)
