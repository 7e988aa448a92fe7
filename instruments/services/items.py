"""What a laboratory tests for others: entered, brought up to date, stopped and offered again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import PreconditionFailed, WrongInput
from instruments.models import Accreditation, Facility, Instrument, TestItem
from instruments.permissions import refuse_unless_may_edit
from instruments.rules import faults_of_questions
from instruments.services.find import INDEXED, index
from instruments.services.rows import replace_rows
from instruments.services.tidying import tidied


@transaction.atomic
def enter_test_item(
    facility: Facility,
    *,
    slug: str,
    by: User | None = None,
    version: int | None = None,
    instruments: Sequence[Instrument] | None = None,
    accreditations: Sequence[dict[str, Any]] | None = None,
    **fields: Any,
) -> TestItem:
    """Enter a test item, or bring the one with this slug up to date; it can be found at once.

    `by` is asked for their right to it; None is the portal itself. `version` is the one that was looked at, 0 for an
    item that is to be new: PreconditionFailed when it stands elsewhere. `instruments` (of the same institution) and
    `accreditations` replace what is there. Raises NotAllowed, and ValidationError or WrongInput for what the fields
    do not allow.
    """
    known = TestItem.objects.select_for_update(no_key=True, of=("self",)).select_related("facility__organisation")
    item = known.filter(slug=slug).first() or TestItem(slug=slug)
    if by:
        refuse_unless_may_edit(by, facility, *([item.facility] if item.pk else []))
    if item.pk and item.facility_id != facility.pk and (by is None or _elsewhere(item, facility)):
        raise WrongInput("slug", "taken", _("This address belongs to a test item of another facility."))
    if version is not None and version != (item.version if item.pk else 0):
        raise PreconditionFailed
    for name, value in {"facility": facility, **tidied(TestItem, fields)}.items():
        setattr(item, name, value)
    _refuse_wrong(item, instruments or [], accreditations or [])
    item.version += 1 if item.pk else 0
    item.updated_at = timezone.now()
    item.full_clean()
    item.save()
    if instruments is not None:
        item.instruments.set(instruments)
    if accreditations is not None:
        _accredit(item, accreditations)
    index(item)  # it is found by its instruments, which must be there already
    item.save(update_fields=INDEXED)
    return item


def _elsewhere(item: TestItem, facility: Facility) -> bool:
    """Inside an institution an item may move, by those who keep both facilities' records."""
    return item.facility.organisation_id != facility.organisation_id


def _refuse_wrong(item: TestItem, instruments: Sequence[Instrument], accreditations: Sequence[dict[str, Any]]) -> None:
    if faults := faults_of_questions(item.questions):
        raise WrongInput("questions", "invalid", " ".join(faults))
    if any(each.organisation_id != item.facility.organisation_id for each in instruments):
        raise WrongInput("instruments", "other_organisation", _("The instrument belongs to another institution."))
    named = [(each["scheme"], each["certificate"].strip()) for each in accreditations]
    if len(set(named)) < len(named):
        raise WrongInput("accreditations", "twice", _("The same certificate is there twice."))


def _accredit(item: TestItem, rows: Sequence[dict[str, Any]]) -> None:
    """Certificates are known again by their number; one that both schemes name is two rows."""
    for scheme in {*(each["scheme"] for each in rows), *item.accreditations.values_list("scheme", flat=True)}:
        replace_rows(
            item.accreditations.filter(scheme=scheme),
            [each for each in rows if each["scheme"] == scheme],
            make=lambda: Accreditation(test_item=item),
            key="certificate",
        )


@transaction.atomic
def stop_offering(item: TestItem, *, by: User) -> TestItem:
    """Take a test item out of the catalogue; its record stays. Raises NotAllowed."""
    return _set_offered(item, by, offered=False)


@transaction.atomic
def offer_again(item: TestItem, *, by: User) -> TestItem:
    """Put a test item back into the catalogue. Raises NotAllowed."""
    return _set_offered(item, by, offered=True)


def _set_offered(item: TestItem, by: User, *, offered: bool) -> TestItem:
    locked = TestItem.objects.select_for_update(no_key=True, of=("self",)).select_related("facility__organisation")
    item = locked.get(pk=item.pk)
    refuse_unless_may_edit(by, item.facility)
    if item.is_offered != offered:
        item.is_offered, item.version, item.updated_at = offered, item.version + 1, timezone.now()
        item.save(update_fields=["is_offered", "version", "updated_at"])
    return item
