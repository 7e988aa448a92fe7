"""Ordering by a published price: a researcher sends samples in, and the group's wallet pays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import ResearchGroup, User
from accounts.states import MembershipState, OrganisationKind
from billing.models import Wallet
from billing.pricing import Price
from billing.states import PayWhen
from common.errors import WrongInput, refuse_if
from common.text import tidy
from instruments.models import Instrument, TestItem
from instruments.rules import answers_in_words, objections_to_answers, questions_of
from instruments.states import Status
from notifications.states import EventKind
from orders.models import Order, Sample
from orders.rules import objections_to_order
from orders.services.money import category_at, hold_for, pay_when_of, published, wallet_of
from orders.services.news import report
from orders.services.requests import groups_of
from orders.states import Delivery, OrderState, SampleAfter


def price_for(
    thing: Instrument | TestItem, user: User, *, quantity: int, at: datetime, payer: Wallet | None = None
) -> Price | None:
    """What `quantity` samples cost `user` by the published price; None where none is published for them."""
    group = thing.research_group_id if isinstance(thing, Instrument) else None
    in_own_group = group is not None and any(each.pk == group for each in groups_of(user))
    category = category_at(thing.facility, user, in_own_group=in_own_group)
    return published(thing, category=category, quantity=quantity, at=at, payer=payer)


@transaction.atomic
def place_order(
    thing: Instrument | TestItem,
    *,
    by: User,
    samples: Sequence[str],
    group: ResearchGroup | None = None,
    answers: Mapping[str, Any] | None = None,
    note: str = "",
    hazard: str = "",
    delivery: str = Delivery.BRING,
    sample_after: str = SampleAfter.RETURN,
    external_ref: str = "",
) -> Order:
    """Order the test of samples at its published price; what it costs is held until it is done.

    Raises every objection at once, those of the test's own questions too.
    """
    groups = groups_of(by)
    if group is not None and group not in groups:
        raise WrongInput("group", "invalid", _("This is no research group of yours."))
    if group is None and len(groups) == 1:
        group = groups[0]
    for field, value, known in (("delivery", delivery, Delivery), ("sample_after", sample_after, SampleAfter)):
        if value not in known.values:
            raise WrongInput(field, "invalid", _("Choose from the list."))
    questions, given = questions_of(thing.questions), dict(answers or {})
    names = [tidy(each)[:80] for each in samples]
    price = price_for(thing, by, quantity=max(len(names), 1), at=timezone.now(), payer=wallet_of(group or by))
    refuse_if([
        *objections_to_order(
            offered=_is_offered(thing),
            belongs=_belongs(by),
            is_firm=group is None and _is_of_firm(by),
            price=price.to_pay if price else None,
            names=names,
        ),
        *objections_to_answers(questions, given),
    ])  # fmt: skip
    assert price is not None  # else objected to
    order = Order.objects.create(
        facility=thing.facility,
        test_item=thing if isinstance(thing, TestItem) else None,
        instrument=thing if isinstance(thing, Instrument) else None,
        ordered_by=by,
        group=group,
        state=OrderState.SUBMITTED,
        title=str(thing.name_zh)[:120],
        note=tidy(note)[:1000],
        answers=answers_in_words(questions, given),
        hazard=tidy(hazard)[:300],
        delivery=delivery,
        sample_after=sample_after,
        price=price.as_json(),
        pay_when=PayWhen.AFTER_CONFIRMATION,
        external_ref=external_ref,
    )
    order.steps.create(state=OrderState.SUBMITTED, by=by, at=order.created_at)
    with_samples(order, names)
    hold_for(order, by=by)
    order.pay_when = pay_when_of(order)
    order.save(update_fields=["pay_when"])
    report(order, by=by, kind=EventKind.ORDER_PLACED)
    return order


def _is_offered(thing: Instrument | TestItem) -> bool:
    if isinstance(thing, TestItem):
        return thing.is_offered
    return thing.takes_samples and thing.status != Status.RETIRED


def _belongs(user: User) -> bool:
    """Nobody's claim alone: confirmed somewhere, or of no organisation at all."""
    states = set(user.memberships.standing().values_list("state", flat=True))
    return not states or MembershipState.CONFIRMED in states


def _is_of_firm(user: User) -> bool:
    return user.memberships.standing().filter(organisation__kind=OrganisationKind.COMPANY).exists()


def with_samples(order: Order, names: Sequence[str]) -> Order:
    """The samples of an order, numbered from 1."""
    Sample.objects.bulk_create(
        Sample(order=order, number=number, name=name) for number, name in enumerate(names, start=1)
    )
    return order
