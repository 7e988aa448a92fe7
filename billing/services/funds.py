"""Project numbers (经费项目号), by which an institution's finance books what is spent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, ResearchGroup, User
from billing.models import FundCode
from billing.permissions import may_receive
from billing.states import FundKind
from common.errors import NotAllowed
from common.text import tidy


@transaction.atomic
def enter_fund_code(
    institution: Organisation, *, code: str, holder: User, by: User | None, kind: str = FundKind.VERTICAL,
    name_zh: str = "", name_en: str = "", group: ResearchGroup | None = None, delegates: Iterable[User] = (),
    until: date | None = None, limit: Decimal | None = None,
) -> FundCode:  # fmt: skip
    """Enter a project number: its holder who belongs to the institution, or the institution's finance.

    Raises ValidationError, also for a number that is entered already.
    """
    if by is not None and not _may_enter(by, institution, holder):
        raise NotAllowed(_("Only its holder and the institution's finance may do this."))
    if group is not None and by is not None and group.pi_id != holder.pk:
        raise NotAllowed(_("Only the group's principal investigator lets its members choose it."))
    row = FundCode(
        institution=institution, code=tidy(code), kind=kind, holder=holder, group=group, until=until, limit=limit,
        name_zh=tidy(name_zh), name_en=tidy(name_en),
    )  # fmt: skip
    row.full_clean()
    row.save()
    row.delegates.set(delegates)
    return row


def _may_enter(by: User, institution: Organisation, holder: User) -> bool:
    own = by.pk == holder.pk and by.memberships.confirmed().filter(organisation=institution).exists()
    return own or may_receive(by, institution)
