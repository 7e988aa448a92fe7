from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import CharField, F, Q, QuerySet, Sum
from django.db.models.functions import Cast, JSONObject

from accounts.models import Organisation
from accounts.states import OrganisationKind, Role
from billing.states import (
    OUT,
    UNPAID,
    Account,
    ChargeState,
    HoldState,
    InvoiceState,
    LineState,
    PoolKind,
    SettlementKind,
)

if TYPE_CHECKING:
    from accounts.models import User
    from billing.models import (  # noqa: F401 (the names in quotes below)
        Charge,
        CreditNote,
        FapiaoRequest,
        FundCode,
        Hold,
        Invoice,
        InvoiceRun,
        LedgerEntry,
        LedgerLeg,
        Payment,
        Rate,
        Scheme,
        SchemeEntry,
        VatRate,
        Wallet,
    )

ZERO = Decimal(0)
KEEPS_BOOKS = (Role.FINANCE, Role.ADMIN)


def books_of(user: User) -> QuerySet[Any, Any]:
    """Ids of the organisations whose money `user` looks after: their finance officers and admins."""
    return user.memberships.confirmed().filter(role__in=KEEPS_BOOKS).values("organisation")


def audits(user: User) -> bool:
    """Whether they read all books: the city's auditors."""
    held = user.memberships.confirmed().filter(role=Role.AUDITOR, organisation__kind=OrganisationKind.GOVERNMENT)
    return held.exists()


def firms_of(user: User) -> QuerySet[Any, Any]:
    """Ids of the firms for which they spend."""
    firms = user.memberships.confirmed().filter(organisation__kind=OrganisationKind.COMPANY)
    return firms.values("organisation")


class RateQuerySet(QuerySet["Rate"]):
    def begun(self, day: date) -> RateQuerySet:
        return self.filter(begins__lte=day)

    def standing(self, day: date) -> RateQuerySet:
        """Of each thing, category and basis the one that begun last."""
        owner = ("instrument", "test_item", "category", "basis")
        return self.begun(day).order_by(*owner, "-begins").distinct(*owner)

    def rows(self) -> QuerySet[Any, Any]:
        """As JSON for a subquery, amounts as text; `services.standing_among` reads it."""
        amounts = {name: Cast(name, CharField()) for name in ("amount", "minimum", "step")}
        return self.values(
            row=JSONObject(pk="pk", category="category", basis="basis", begins="begins", peaks="peaks", **amounts)
        )

    def coming(self, day: date) -> RateQuerySet:
        """Announced, and not begun yet."""
        return self.filter(begins__gt=day)


class VatRateQuerySet(QuerySet["VatRate"]):
    def standing(self, day: date) -> VatRateQuerySet:
        return self.filter(begins__lte=day).order_by("seller", "-begins").distinct("seller")


class WalletQuerySet(QuerySet["Wallet"]):
    def with_owners(self) -> WalletQuerySet:
        return self.select_related("group__organisation", "organisation", "person")

    def payable_by(self, user: User) -> WalletQuerySet:
        """With which they pay: their own, those of their groups and of their firms."""
        theirs = Q(group__pi=user) | Q(group__admissions__person=user) | Q(organisation__in=firms_of(user))
        found = self.model._default_manager.filter(Q(person=user) | theirs).values("pk")
        return self.filter(pk__in=found)

    def managed_by(self, user: User) -> WalletQuerySet:
        """Whose every movement they see: owners, principal investigators, and who looks after the owner's money."""
        books = books_of(user)
        return self.filter(
            Q(person=user) | Q(group__pi=user) | Q(organisation__in=books) | Q(group__organisation__in=books)
        )

    def visible_to(self, user: User) -> WalletQuerySet:
        """Those they may pay with or look after; auditors see all."""
        if audits(user):
            return self
        managed = self.model._default_manager.managed_by(user).values("pk")
        payable = self.model._default_manager.payable_by(user).values("pk")
        return self.filter(Q(pk__in=managed) | Q(pk__in=payable))

    def lock(self, wallet_id: UUID) -> Wallet:
        """The wallet as it is now, held until this transaction ends."""
        self.filter(pk=wallet_id).select_for_update(no_key=True).only("pk").get()
        return self.with_owners().get(pk=wallet_id)


class HoldQuerySet(QuerySet["Hold"]):
    def live(self) -> HoldQuerySet:
        return self.filter(state=HoldState.HELD)

    def total(self) -> Decimal:
        found: Decimal = self.aggregate(total=Sum("amount", default=ZERO))["total"]
        return found


class FundCodeQuerySet(QuerySet["FundCode"]):
    def usable_by(self, user: User, *, day: date) -> FundCodeQuerySet:
        """Which they may choose: as holder, as delegate, as a member of the group that it is for."""
        theirs = Q(holder=user) | Q(delegates=user) | Q(group__pi=user) | Q(group__admissions__person=user)
        found = self.model._default_manager.filter(theirs).values("pk")
        return self.filter(Q(until=None) | Q(until__gte=day), pk__in=found)

    def visible_to(self, user: User) -> FundCodeQuerySet:
        """Those they may choose, lapsed ones too, and those of the institution whose money they look after."""
        if audits(user):
            return self
        theirs = Q(holder=user) | Q(delegates=user) | Q(group__pi=user) | Q(group__admissions__person=user)
        found = self.model._default_manager.filter(theirs | Q(institution__in=books_of(user))).values("pk")
        return self.filter(pk__in=found)


class ChargeQuerySet(QuerySet["Charge"]):
    def with_everything(self) -> ChargeQuerySet:
        return self.select_related(
            "seller", "wallet__group", "wallet__organisation", "wallet__person", "fund_code", "member", "objection"
        )

    def visible_to(self, user: User) -> ChargeQuerySet:
        """What one spent, what one's wallets pay, what one's institution sold; auditors see all."""
        if audits(user):
            return self
        return self.filter(Q(member=user) | _of_managed_wallet(user) | Q(seller__in=books_of(user)))

    def to_be_agreed(self, day: date) -> ChargeQuerySet:
        """Nobody objected, and the last day for it is over: silence is yes."""
        return self.filter(state=ChargeState.OPEN, object_until__lt=day)

    def to_be_invoiced(self, *, until: date) -> ChargeQuerySet:
        """Used up to `until`, on no invoice and never left out for good, not objected to, something left to ask for.

        What was paid into a wallet before is asked for by nobody, and has its statement all the same.
        """
        left = Q(to_pay__gt=F("refunded")) & (Q(settlement=SettlementKind.PREPAID) | Q(paid__lt=_LEFT))
        free = self.filter(left, used_on__lte=until).exclude(settlement=SettlementKind.FREE)
        taken = Q(invoice_lines__counts=True) | Q(invoice_lines__state=LineState.EXCLUDED)
        return free.exclude(state=ChargeState.OBJECTED).exclude(taken)

    def ready_for_invoice(self, *, seller: Organisation, until: date) -> ChargeQuerySet:
        """The same, of one seller."""
        return self.filter(seller=seller).to_be_invoiced(until=until)


_LEFT = F("to_pay") - F("refunded")


def _of_managed_wallet(user: User, wallet: str = "wallet") -> Q:
    """Of a row with a `wallet`: that they see its every movement."""
    books = books_of(user)
    theirs = {"person": user, "group__pi": user, "organisation__in": books, "group__organisation__in": books}
    found = Q()
    for name, value in theirs.items():
        found |= Q(**{f"{wallet}__{name}": value})
    return found


class LedgerEntryQuerySet(QuerySet["LedgerEntry"]):
    pass


class LedgerLegQuerySet(QuerySet["LedgerLeg"]):
    def balance_of(self, wallet: Wallet) -> Decimal:
        """What the books say of a wallet: its balance, recomputed."""
        legs = self.filter(wallet=wallet, account=Account.WALLET)
        found: Decimal = legs.aggregate(total=Sum("amount", default=ZERO))["total"]
        return found


class InvoiceQuerySet(QuerySet["Invoice"]):
    def with_everything(self) -> InvoiceQuerySet:
        """With payer and seller, so that a list asks for nothing else."""
        wallet = ("wallet__group__organisation", "wallet__group__pi", "wallet__organisation", "wallet__person")
        return self.select_related("seller", "fund_code", "run", "pdf", *wallet)

    def out(self) -> InvoiceQuerySet:
        """Issued, whatever became of them."""
        return self.filter(state__in=OUT)

    def named(self, text: str) -> InvoiceQuerySet:
        """Whose payer, number (2026-00012) or reference is meant by what somebody typed."""
        year, _dash, number = text.strip().partition("-")
        if year.isdigit() and number.isdigit() and len(year) == 4 and len(number) < 10:
            return self.filter(year=int(year), number=int(number))
        owners = ("organisation__name_zh", "organisation__name_en", "group__name_zh", "group__name_en", "person__name")
        found = Q(reference__icontains=text.strip()) | Q(fund_code__code__iexact=text.strip())
        for owner in owners:
            found |= Q(**{f"wallet__{owner}__icontains": text.strip()})
        return self.filter(found)

    def unpaid(self) -> InvoiceQuerySet:
        return self.filter(state__in=UNPAID)

    def overdue(self, day: date) -> InvoiceQuerySet:
        return self.unpaid().filter(due_on__lt=day)

    def visible_to(self, user: User) -> InvoiceQuerySet:
        """One's institution's own, and the issued ones that one's wallets pay; auditors see all."""
        if audits(user):
            return self
        paid_by_them = _of_managed_wallet(user) & ~Q(state__in=[InvoiceState.DRAFT, InvoiceState.DROPPED])
        return self.filter(Q(seller__in=books_of(user)) | paid_by_them)

    def paid_by(self, user: User) -> InvoiceQuerySet:
        """Those that their own wallets, groups and organisations pay."""
        return self.filter(_of_managed_wallet(user))


class InvoiceRunQuerySet(QuerySet["InvoiceRun"]):
    def visible_to(self, user: User) -> InvoiceRunQuerySet:
        return self if audits(user) else self.filter(seller__in=books_of(user))


class CreditNoteQuerySet(QuerySet["CreditNote"]):
    def visible_to(self, user: User) -> CreditNoteQuerySet:
        """Of the invoices that one sees."""
        if audits(user):
            return self
        return self.filter(Q(seller__in=books_of(user)) | _of_managed_wallet(user, "invoice__wallet"))


class PaymentQuerySet(QuerySet["Payment"]):
    def unclaimed(self) -> PaymentQuerySet:
        """Nobody knows yet what for."""
        return self.filter(invoice=None, charge=None, wallet=None)

    def visible_to(self, user: User) -> PaymentQuerySet:
        if audits(user):
            return self
        return self.filter(Q(seller__in=books_of(user)) | _of_managed_wallet(user))


class FapiaoRequestQuerySet(QuerySet["FapiaoRequest"]):
    def visible_to(self, user: User) -> FapiaoRequestQuerySet:
        """Those of invoices that one pays, and of one's institution's own."""
        if audits(user):
            return self
        return self.filter(Q(invoice__seller__in=books_of(user)) | _of_managed_wallet(user, "invoice__wallet"))


class SchemeQuerySet(QuerySet["Scheme"]):
    def running(self, day: date) -> SchemeQuerySet:
        return self.filter(is_open=True, begins__lte=day, ends__gte=day)

    def lock(self, scheme_id: UUID) -> Scheme:
        """The scheme as it is now, held until this transaction ends."""
        return self.select_for_update(no_key=True).get(pk=scheme_id)


class SchemeEntryQuerySet(QuerySet["SchemeEntry"]):
    def totals(self) -> dict[str, Decimal]:
        """By kind of movement."""
        found = dict.fromkeys(PoolKind.values, ZERO)
        return found | dict(self.order_by().values_list("kind").annotate(total=Sum("amount")))
