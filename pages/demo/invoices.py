"""Three months of invoices of the demo university, and drafts of the month that runs. All figures are invented.

They are issued, paid and left unpaid through the services, as of days gone by; PDFs are printed when somebody asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.utils import timezone

from accounts.models import Organisation, ResearchGroup, User
from accounts.states import OrganisationKind, Role
from billing.models import Charge, FundCode, Invoice, Wallet
from billing.pricing import PriceLine, price_of_lines
from billing.services import (
    charge,
    close_run,
    grant_credit,
    issue_draft,
    make_drafts,
    month_before,
    note_voucher,
    record_payment,
    request_fapiao,
    set_letterhead,
    settle_internally,
    start_run,
    wallet_of,
)
from billing.states import ChargeState
from instruments.models import Instrument

THINGS = {"dut-fe-sem": 180, "dut-xrd": 120, "dut-icp-ms": 260, "dut-afm": 150, "dut-fatigue": 95}  # yuan an hour
PER_PAYER = 3  # charges a month
USCC = "91210200MA0UAAAA01"  # of nobody: only its check character is right
# What became of the invoices of each payer, by how many months ago it was used: the group, the firm, four institutions.
PAID = {3: "paid paid paid part paid late", 2: "noted paid paid late part paid", 1: "open open paid open open open"}


class Payer(NamedTuple):
    wallet: Wallet
    fund_code: FundCode | None = None


def invoice_the_last_months(people: Mapping[str, User]) -> None:
    """A group, a firm and other institutions are invoiced month by month; some have paid, some are late."""
    finance, today = people["finance"], timezone.localdate()
    seller = finance.memberships.confirmed().select_related("organisation").get(role=Role.FINANCE).organisation
    set_letterhead(
        seller, by=finance, bank="示例银行科学城支行", account="6200 0000 0000 0000", address="示例路 1 号",
        phone="0411-0000 0000", office="财务处科研结算科 0411-0000 0001",
    )  # fmt: skip
    payers = _payers(seller, people)
    for ago in (3, 2, 1, 0):
        month = month_before(today, ago)
        _use(seller, payers, month=month, today=today)
        run = start_run(seller, month=month, by=finance)
        if run.job:
            run.job.delete()
        run.refresh_from_db()
        make_drafts(run)
        if not ago:
            continue
        day = month_before(today, ago - 1) + timedelta(days=1)
        on = min(day, today)
        issued = {
            each.wallet_id: issue_draft(each, by=finance, on=on) for each in run.invoices.order_by("wallet_id", "pk")
        }
        close_run(run)
        for payer, became in zip(payers, PAID[ago].split(), strict=False):
            if payer.wallet.pk in issued:
                _stand(issued[payer.wallet.pk], became, people, on=min(on + timedelta(days=12), today))
    record_payment(
        seller, amount=Decimal(1860), by=finance, payer_words="示例：某检测公司", reference="检测费",
        paid_on=today - timedelta(days=2), bank_ref="2026-0001",
    )  # fmt: skip
    asked = Invoice.objects.filter(seller=seller, wallet=payers[1].wallet).out().order_by("-year", "-number")[0]
    firm = payers[1].wallet.organisation
    request_fapiao(
        asked, by=people["sme"], title=firm.name_zh if firm else "示例", uscc=(firm and firm.uscc) or USCC,
        email="sme@demo.example",
    )  # fmt: skip


def _payers(seller: Organisation, people: Mapping[str, User]) -> list[Payer]:
    group = ResearchGroup.objects.get(pi=people["pi"])
    firm = people["sme"].memberships.confirmed().select_related("organisation")[0].organisation
    academic = (OrganisationKind.UNIVERSITY, OrganisationKind.INSTITUTE)
    others = Organisation.objects.filter(kind__in=academic).exclude(pk=seller.pk).order_by("created_at", "name_zh")[:4]
    for each in others:
        grant_credit(wallet_of(each), amount=Decimal(50_000), by=people["officer"])
    fund = FundCode.objects.filter(group=group).first()
    return [Payer(wallet_of(group), fund), Payer(wallet_of(firm)), *(Payer(wallet_of(each)) for each in others)]


def _use(seller: Organisation, payers: list[Payer], *, month: date, today: date) -> None:
    """A few hours of each payer, spread over the month; of months gone by nobody objected in time."""
    things = Instrument.objects.in_bulk(list(THINGS), field_name="slug")
    for place, payer in enumerate(payers):
        for n in range(PER_PAYER):
            slug, rate = list(THINGS.items())[(place + n + month.month) % len(THINGS)]
            thing = things[slug]
            hours = Decimal(2 + (place * 3 + n * 5 + month.month) % 7)
            day = min(today, month + timedelta(days=(place * 5 + n * 9) % 27))
            line = PriceLine("机时", "instrument time", hours, "hour", Decimal(rate), rate * hours)
            made = charge(
                seller=seller, wallet=payer.wallet, used_on=day, name_zh=f"{thing.name_zh} {day}",
                name_en=f"{thing.name_en} {day}", thing=thing,
                price=price_of_lines([line], vat_rate=Decimal(0 if payer.fund_code else 6)), by=None,
                fund_code=payer.fund_code,
            )  # fmt: skip
            noon = timezone.make_aware(datetime.combine(day, time(12)))
            past = (
                {"state": ChargeState.AGREED, "object_until": day + timedelta(days=14)}
                if day < month_before(today, 0)
                else {}
            )
            Charge.objects.filter(pk=made.pk).update(made_at=min(noon, timezone.now()), **past)


def _stand(invoice: Invoice, became: str, people: Mapping[str, User], *, on: date) -> None:
    finance = people["finance"]
    if invoice.settlement == "internal":
        number = f"记-{invoice.year}{invoice.number or 0:04}"
        if became == "paid":
            settle_internally(invoice, voucher=number, by=finance, on=on)
        elif became == "noted":
            note_voucher(invoice, voucher=number, by=people["pi"])
    elif became in {"paid", "part"}:
        amount = invoice.to_pay if became == "paid" else (invoice.to_pay / 2).quantize(Decimal(1))
        record_payment(
            invoice.seller,
            amount=amount,
            by=finance,
            paid_on=on,
            reference=f"货款 {invoice.reference}",
            invoice=invoice,
        )
