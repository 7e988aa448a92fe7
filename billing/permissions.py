"""Who may do what to rates, wallets, charges and schemes."""

from __future__ import annotations

from accounts.models import Organisation, User
from accounts.permissions import is_officer
from accounts.states import Role
from billing.models import Charge, Rate, Scheme, Wallet
from billing.querysets import audits, books_of
from instruments.models import Facility, Instrument, TestItem
from instruments.permissions import may_decide_at


def may_receive(user: User, seller: Organisation) -> bool:
    """Look after the money of an institution: its finance officers and admins."""
    return user.memberships.confirmed().filter(organisation=seller, role__in=(Role.FINANCE, Role.ADMIN)).exists()


def may_rate(user: User, facility: Facility) -> bool:
    """Publish what things cost at a facility: its lab admins, and who looks after its institution's money."""
    return may_decide_at(user, facility) or may_receive(user, facility.organisation)


def may_rate_thing(user: User, thing: Instrument | TestItem) -> bool:
    return may_rate(user, thing.facility)


def may_withdraw(user: User, rate: Rate) -> bool:
    return may_rate(user, rate.facility)


def may_pay_with(user: User, wallet: Wallet) -> bool:
    """Spend from it: its owner, the group's members, the firm's."""
    return Wallet.objects.payable_by(user).filter(pk=wallet.pk).exists()


def may_manage(user: User, wallet: Wallet) -> bool:
    """See its every movement."""
    return audits(user) or Wallet.objects.managed_by(user).filter(pk=wallet.pk).exists()


def may_speak_for(user: User, wallet: Wallet) -> bool:
    """Say what its owner says of an invoice: as `may_manage`, but auditors only look."""
    return Wallet.objects.managed_by(user).filter(pk=wallet.pk).exists()


def may_limit(user: User, wallet: Wallet) -> bool:
    """Say what members may spend: the group's principal investigator, a firm's admins and finance."""
    if wallet.group:
        return wallet.group.pi_id == user.pk
    return wallet.organisation is not None and may_receive(user, wallet.organisation)


def may_grant_credit(user: User, wallet: Wallet) -> bool:
    """Grant credit: to a group its institution's finance, to a firm or a person the city's officers."""
    if wallet.group:
        return may_receive(user, wallet.group.organisation)
    return is_officer(user)


def may_object(user: User, charge: Charge) -> bool:
    """Who spent it, and who looks after the wallet that pays it."""
    return charge.member_id == user.pk or Wallet.objects.managed_by(user).filter(pk=charge.wallet_id).exists()


def may_settle(user: User, charge: Charge) -> bool:
    """Decide an objection, refund, take money: the seller's finance."""
    return may_receive(user, charge.seller)


def may_see_scheme(user: User, scheme: Scheme) -> bool:
    """See every movement of a fund: the city's officers, who looks after the fund's money, auditors."""
    return is_officer(user) or audits(user) or books_of(user).filter(organisation=scheme.fund_id).exists()
