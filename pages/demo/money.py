"""What the demo city's instruments cost, who pays, and a fund that bears a share. All figures are invented."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone

from accounts.models import Organisation, ResearchGroup, User
from accounts.states import CustomerCategory, OrganisationKind
from billing.models import Rate, Scheme
from billing.services import (
    charge,
    enter_fund_code,
    grant_credit,
    hold,
    open_scheme,
    pay_in,
    quote,
    set_limit,
    set_vat,
    wallet_of,
)
from billing.states import Basis, FundKind, LimitPeriod
from bookings.models import Booking
from bookings.services import category_for
from bookings.states import Purpose, State
from instruments.models import Instrument, TestItem
from pages.demo.registry import kinds_of_instruments

UNITS = {"h": Basis.HOUR, "h or sample": Basis.HOUR, "core-h": Basis.HOUR, "day": Basis.DAY, "week": Basis.DAY}
OF_ITEMS = {"sample": Basis.SAMPLE, "item": Basis.ITEM, "point": Basis.POINT, "hour": Basis.HOUR, "batch": Basis.BATCH}
DAYTIME = {"weekdays": [0, 1, 2, 3, 4], "from_minute": 540, "to_minute": 1080, "factor": "1.20"}
WITH_PEAKS = {"dut-fe-sem", "dicp-solid-nmr"}
RECENT = timedelta(days=6)


def price(instruments: Mapping[str, Instrument], people: Mapping[str, User]) -> None:
    """Rates of everything, wallets, a project number and a fund; before anybody books."""
    begins = timezone.localdate().replace(month=1, day=1)
    kinds = {each["name_zh"]: each for each in kinds_of_instruments().values()}
    rates = []
    for instrument in Instrument.objects.order_by("pk"):
        kind = kinds.get(instrument.name_zh) or next(iter(kinds.values()))
        rates += _rates_of(instrument, kind, begins)
    for item in TestItem.objects.order_by("pk"):
        kind = kinds.get(item.name_zh) or list(kinds.values())[item.pk % len(kinds)]
        rates += _rates_of_item(item, kind, begins)
    # Announced before the portal was there: a service would begin them today, and past bookings would have no price.
    Rate.objects.bulk_create(rates)
    _pay(instruments["dut-fe-sem"].facility.organisation, people)
    _subsidise(people)


def _amounts(kind: Mapping[str, str]) -> dict[CustomerCategory, Decimal]:
    """What each customer category pays for a unit, in whole yuan."""
    inside, academic, firms = (Decimal(kind[f"rate_{who}_cny"] or 0) for who in ("internal", "academic", "company"))
    return {
        CustomerCategory.OWN_GROUP: (inside / 2).quantize(Decimal(1)),
        CustomerCategory.OWN_INSTITUTION: inside,
        CustomerCategory.ACADEMIC: academic,
        CustomerCategory.SME: (firms * Decimal("0.8")).quantize(Decimal(1)),
        CustomerCategory.COMPANY: firms,
        CustomerCategory.INDIVIDUAL: firms,
        CustomerCategory.OVERSEAS: (firms * Decimal("1.5")).quantize(Decimal(1)),
    }


def _rates_of(instrument: Instrument, kind: Mapping[str, str], begins: date) -> list[Rate]:
    basis = UNITS.get(kind["unit"], Basis.SAMPLE if instrument.booked_where != "here" else Basis.HOUR)
    peaks = [DAYTIME] if instrument.slug in WITH_PEAKS else []
    found = [
        Rate(instrument=instrument, category=category, basis=basis, begins=begins, amount=amount, peaks=peaks)
        for category, amount in _amounts(kind).items()
    ]
    if instrument.needs_operator:
        found += [
            Rate(instrument=instrument, category=category, basis=Basis.OPERATOR_HOUR, begins=begins, amount=80)
            for category in _amounts(kind)
        ]
    return found


def _rates_of_item(item: TestItem, kind: Mapping[str, str], begins: date) -> list[Rate]:
    basis = OF_ITEMS.get(item.price_basis, Basis.SAMPLE)
    return [
        Rate(test_item=item, category=category, basis=basis, begins=begins, amount=amount)
        for category, amount in _amounts(kind).items()
    ]


def _pay(university: Organisation, people: Mapping[str, User]) -> None:
    """The group has paid in, the small firm has credit; one member may spend so much, a project number is chosen."""
    pi, finance = people["pi"], people["finance"]
    group = ResearchGroup.objects.get(pi=pi)
    purse = wallet_of(group)
    pay_in(purse, amount=Decimal(60_000), seller=university, by=finance, reference="示例：课题组预存")
    set_limit(purse, member=people["labmate"], amount=Decimal(10_000), period=LimitPeriod.MONTH, by=pi)
    enter_fund_code(
        university, code="52106001", holder=pi, by=pi, group=group, kind=FundKind.VERTICAL,
        name_zh="示例：国家自然科学基金面上项目", name_en="Example: general programme of a national fund",
        until=timezone.localdate() + timedelta(days=700),
    )  # fmt: skip
    for firm in Organisation.objects.filter(kind=OrganisationKind.COMPANY):
        grant_credit(wallet_of(firm), amount=Decimal(50_000), by=people["officer"])
    for seller in Organisation.objects.filter(facilities__isnull=False).distinct():
        set_vat(seller, percent=Decimal(6), by=None)


def _subsidise(people: Mapping[str, User]) -> None:
    """The city's fund for small firms, clearly an example: no rule of a real city has been published."""
    today = timezone.localdate()
    city = people["officer"].memberships.confirmed().select_related("organisation")[0].organisation
    open_scheme(
        city, by=people["officer"], name_zh="示例：中小企业科研仪器共享补贴",
        name_en="Example: instrument sharing subsidy for small firms", begins=today.replace(month=1, day=1),
        ends=today.replace(month=12, day=31), for_categories=[CustomerCategory.SME], share=Decimal(40),
        cap_per_order=Decimal(2_000), cap_per_year=Decimal(20_000), budget=Decimal(200_000),
    )  # fmt: skip


def charge_for_the_last_days(people: Mapping[str, User]) -> None:
    """What was used in the last two weeks, charged as it would have been; these bookings went past the services."""
    recent = Booking.objects.filter(
        state=State.COMPLETED, charge=None, starts_at__gte=timezone.now() - RECENT,
        user__in=[people[name] for name in ("researcher", "labmate", "pi", "sme")],
    ).exclude(purpose=Purpose.MAINTENANCE).with_everything()  # fmt: skip
    group = ResearchGroup.objects.get(pi=people["pi"])
    firm = people["sme"].memberships.confirmed().select_related("organisation")[0].organisation
    made: list[Booking] = []
    for booking in recent.order_by("starts_at"):
        payer = wallet_of(firm if booking.user_id == people["sme"].pk else group)
        category = category_for(booking.instrument, booking.user)
        cost = quote(
            booking.instrument, category=category, interval=booking.interval, at=booking.created_at, payer=payer
        )
        if cost is None:
            continue
        when = timezone.localdate(booking.starts_at)
        booking.price, booking.payer = cost.as_json(), payer
        scheme = Scheme.objects.get(pk=cost.scheme["id"]) if cost.scheme and cost.covered else None
        held = hold(
            payer, cost.to_pay, by=None, seller=booking.instrument.facility.organisation, member=booking.user,
            scheme=scheme, covered=cost.covered,
        )  # fmt: skip
        booking.hold = held
        booking.charge = charge(
            seller=booking.instrument.facility.organisation, wallet=payer, price=cost, used_on=when,
            name_zh=f"{booking.instrument.name_zh} {when}", name_en=f"{booking.instrument.name_en} {when}", by=None,
            hold=held, thing=booking.instrument,
        )  # fmt: skip
        made.append(booking)
    Booking.objects.bulk_update(made, ["price", "payer", "hold", "charge"])
