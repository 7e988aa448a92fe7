"""Boards: notices that come and go, guides that stay; of a facility, an institution, or (None) the whole city."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from common.errors import NotAllowed, WrongInput
from instruments.models import BoardNotice, Facility, Guide
from instruments.permissions import may_post_for
from instruments.querysets import board_of
from instruments.services.tidying import tidied

Owner = Facility | Organisation | None


def owner_of(posted: BoardNotice | Guide) -> Owner:
    return posted.facility or posted.organisation


def refuse_unless_may_post(by: User, owner: Owner) -> None:
    if not may_post_for(by, owner):
        raise NotAllowed(_("Only those who keep this board may do this."))


@transaction.atomic
def post_notice(owner: Owner, *, by: User, notice: BoardNotice | None = None, **fields: Any) -> BoardNotice:
    """Put a notice on a board, or change the one that is given. Raises NotAllowed, ValidationError, WrongInput."""
    if notice:
        notice = BoardNotice.objects.select_for_update(of=("self",)).get(pk=notice.pk)
        refuse_unless_may_post(by, owner_of(notice))
    refuse_unless_may_post(by, owner)
    notice = notice or BoardNotice()
    for name, value in {**board_of(owner), **tidied(BoardNotice, fields), "by": by}.items():
        setattr(notice, name, value)
    if notice.shown_until and notice.shown_until <= notice.shown_from:
        raise WrongInput("shown_until", "not_after_start", _("The end must be after the start."))
    notice.updated_at = timezone.now()
    notice.full_clean()
    notice.save()
    return notice


@transaction.atomic
def take_down(notice: BoardNotice, *, by: User) -> None:
    """Take a notice off its board. Raises NotAllowed."""
    refuse_unless_may_post(by, owner_of(notice))
    notice.delete()


@transaction.atomic
def write_guide(owner: Owner, *, by: User, slug: str, guide: Guide | None = None, **fields: Any) -> Guide:
    """Write a page of rules or guidance, or change the one that is given.

    Raises NotAllowed, and ValidationError for what the fields do not allow or an address that is taken.
    """
    if guide:
        guide = Guide.objects.select_for_update(of=("self",)).get(pk=guide.pk)
        refuse_unless_may_post(by, owner_of(guide))
    refuse_unless_may_post(by, owner)
    guide = guide or Guide()
    values = {**board_of(owner), **tidied(Guide, fields), "slug": slug, "by": by}
    for name, value in values.items():
        setattr(guide, name, value)
    guide.updated_at = timezone.now()
    guide.full_clean()
    guide.save()
    return guide


@transaction.atomic
def remove_guide(guide: Guide, *, by: User) -> None:
    """Take a page away. Raises NotAllowed."""
    refuse_unless_may_post(by, owner_of(guide))
    guide.delete()
