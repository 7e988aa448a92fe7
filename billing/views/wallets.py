"""Pages: wallets with their movements and limits, project numbers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Organisation, ResearchGroup, User
from billing import services
from billing.forms import FundCodeForm, LimitForm
from billing.models import Charge, FundCode, LedgerLeg, Wallet
from billing.permissions import may_limit, may_manage
from billing.states import Account
from common.errors import NotAllowed
from common.web import READ_OR_SEND, here, saved

A_PAGE = 30


@login_required
@require_safe
def wallets(request: HttpRequest) -> HttpResponse:
    """The wallets that the reader pays with or looks after, and their own last charges."""
    found = Wallet.objects.visible_to(request.user).with_owners()
    pages = Paginator(found.order_by("created_at", "pk"), A_PAGE)
    spent = Charge.objects.filter(member=request.user).with_everything().order_by("-made_at")[:10]
    context = {"page": pages.get_page(request.GET.get("page")), "charges": spent}
    return render(request, "billing/wallets.html", context)


@login_required
@READ_OR_SEND
def wallet(request: HttpRequest, wallet_id: UUID) -> HttpResponse:
    """One wallet: what is in it and held, what moved (to a member: what they spent), and what members may spend."""
    found = get_object_or_404(Wallet.objects.visible_to(request.user).with_owners(), pk=wallet_id)
    sees_all = may_manage(request.user, found)
    limits = may_limit(request.user, found)
    if request.method == "POST" and not limits:
        raise NotAllowed(_("Only who looks after this wallet may do this."))
    context: dict[str, Any] = {"wallet": found, "sees_all": sees_all}
    form = None
    if limits:
        people = _members_of(found)
        form = LimitForm(members=[(str(each.pk), each.name) for each in people])
        if request.method == "POST":
            form = given = LimitForm(request.POST, members=[(str(each.pk), each.name) for each in people])
            by_pk = {str(each.pk): each for each in people}

            def write() -> None:
                said = given.cleaned_data
                services.set_limit(
                    found, member=by_pk[said["member"]], amount=said["amount"], period=said["period"], by=request.user
                )

            if saved(given, write):
                return here(request, _("Saved."))
    holds = found.holds.live().select_related("member", "seller", "fund_code").order_by("-made_at")
    charges = Charge.objects.filter(wallet=found).with_everything().order_by("-made_at", "-pk")
    if not sees_all:
        holds, charges = holds.filter(member=request.user), charges.filter(member=request.user)
    legs = LedgerLeg.objects.filter(wallet=found, account=Account.WALLET).select_related(
        "entry__charge", "entry__payment"
    )
    context |= {
        "form": form,
        "limits": found.limits.select_related("member").order_by("member__name") if sees_all else [],
        "own_limit": found.limits.filter(member=request.user).first(),
        "holds": holds[:A_PAGE],
        "charges": charges[:A_PAGE],
        "movements": Paginator(legs.order_by("-entry__made_at", "-pk"), A_PAGE).get_page(request.GET.get("page"))
        if sees_all
        else None,
    }
    return render(request, "billing/wallet.html", context, status=400 if form and form.errors else 200)


def _members_of(wallet: Wallet) -> list[User]:
    """Whose spending can be limited."""
    if wallet.group:
        people = wallet.group.members.all() | User.objects.filter(pk=wallet.group.pi_id)
    else:
        confirmed = wallet.organisation.memberships.confirmed() if wallet.organisation else None
        people = User.objects.filter(pk__in=confirmed.values("person") if confirmed is not None else [])
    return list(people.distinct().order_by("name"))


@login_required
@READ_OR_SEND
def fund_codes(request: HttpRequest) -> HttpResponse:
    """The project numbers that the reader may choose; who belongs to an institution enters their own."""
    user = request.user
    belongs = user.memberships.confirmed().values("organisation")
    shape = {
        "institutions": Organisation.objects.filter(pk__in=belongs),
        "groups": ResearchGroup.objects.filter(pi=user),
    }
    form = FundCodeForm(**shape)
    if request.method == "POST":
        form = given = FundCodeForm(request.POST, **shape)

        def write() -> None:
            said = dict(given.cleaned_data)
            services.enter_fund_code(said.pop("institution"), holder=user, by=user, **said)

        if saved(given, write):
            return here(request, _("Entered."))
    today = timezone.localdate()
    found = FundCode.objects.visible_to(user).select_related("institution", "holder", "group").order_by("-made_at")
    context = {
        "rows": [(each, each.until is not None and each.until < today) for each in found[:200]],
        "form": form if shape["institutions"].exists() else None,
    }
    return render(request, "billing/fund_codes.html", context, status=400 if form.errors else 200)
