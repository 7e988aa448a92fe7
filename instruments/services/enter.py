"""Entering instruments into the catalogue, and bringing their records up to date."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from common.db import violation_means
from common.errors import PreconditionFailed, Refusal, Refused, WrongInput
from instruments.formats import in_words, objections_to_record, reason
from instruments.models import ONE_NUMBER, Facility, Instrument, Specification
from instruments.permissions import refuse_unless_may_edit
from instruments.rules import faults_of_questions
from instruments.services.busy import set_busy_feed
from instruments.services.find import INDEXED, index
from instruments.services.rows import replace_rows
from instruments.services.tidying import tidied
from instruments.states import BookedWhere

RULED = ["commissioned_on", "decommissioned_on", "booked_where", "booked_url", "fit_for_youth", "youth_use"]
NAMED_BY = ["name_zh", "name_en", "model"]
NUMBER_TAKEN = "number_taken"


@transaction.atomic
def enter_instrument(
    facility: Facility,
    *,
    slug: str,
    by: User | None = None,
    version: int | None = None,
    specifications: Sequence[dict[str, str]] | None = None,
    busy_url: str | None = None,
    **fields: Any,
) -> Instrument:
    """Enter an instrument into the catalogue, or bring the one with this slug up to date; it can be found at once.

    `by` is asked for their right to it; None is the portal itself. `version` is the one that was looked at, 0 for a
    record that is to be new: PreconditionFailed when it stands elsewhere. `specifications` replace what is there, in
    their order; `busy_url` is where its owner's own system says when it is busy ('': nowhere). Raises NotAllowed,
    ValidationError or WrongInput for what the fields do not allow, and Refused for a record that was merged into
    another.
    """
    known = Instrument.objects.select_for_update(no_key=True, of=("self",)).select_related("facility__organisation")
    instrument = known.filter(slug=slug).first() or Instrument(slug=slug)
    if by:
        refuse_unless_may_edit(by, facility, *([instrument.facility] if instrument.pk else []))
        _refuse_other_organisation(instrument, facility)
    if version is not None and version != (instrument.version if instrument.pk else 0):
        raise PreconditionFailed
    if by and instrument.merged_into_id:
        raise Refused([Refusal("merged", in_words(reason("merged")))])
    named = [getattr(instrument, name) for name in NAMED_BY]
    for name, value in {"facility": facility, **tidied(Instrument, fields)}.items():
        setattr(instrument, name, value)
    _refuse_wrong(instrument)
    instrument.organisation_id = instrument.facility.organisation_id
    index(instrument)
    instrument.version += 1 if instrument.pk else 0
    instrument.updated_at = timezone.now()
    is_new = instrument.pk is None
    _refuse_number_of_another(instrument)
    instrument.full_clean()
    with violation_means(ONE_NUMBER, _number_taken()):
        instrument.save()
    if specifications is not None:
        replace_rows(instrument.specifications.all(), specifications, make=lambda: Specification(instrument=instrument))
    if busy_url is not None or instrument.booked_where == BookedWhere.HERE:
        set_busy_feed(instrument, busy_url or "")
    if not is_new and named != [getattr(instrument, name) for name in NAMED_BY]:
        _index_items_of(instrument)
    return instrument


def _refuse_wrong(instrument: Instrument) -> None:
    """What contradicts itself, in a sentence and at its field; the database has the same as constraints."""
    if faults := faults_of_questions(instrument.questions):
        raise WrongInput("questions", "invalid", " ".join(faults))
    if instrument.booked_url and not instrument.booked_url.lower().startswith(("http://", "https://")):
        raise WrongInput("booked_url", "not_a_url", in_words(reason("not_a_url", value=instrument.booked_url)))
    record = {name: getattr(instrument, name) for name in [*RULED, "youth_age_from"]}
    for each in objections_to_record(record):
        raise WrongInput(each["field"], each["code"], in_words({**each, "field": ""}))


def _refuse_other_organisation(instrument: Instrument, facility: Facility) -> None:
    """Records stay with the institution that owns the instrument; inside it they may move."""
    if instrument.pk and instrument.facility.organisation_id != facility.organisation_id:
        raise WrongInput("facility", "other_organisation", _("The facility belongs to another institution."))


def _number_taken() -> WrongInput:
    return WrongInput("inner_number", NUMBER_TAKEN, _("Another record of the institution has this inner number."))


def _refuse_number_of_another(instrument: Instrument) -> None:
    same = Instrument.objects.filter(organisation=instrument.organisation_id, inner_number=instrument.inner_number)
    if instrument.inner_number and same.exclude(pk=instrument.pk).exists():
        raise _number_taken()


def _index_items_of(instrument: Instrument) -> None:
    """Test items are found by the instruments that they use."""
    for item in instrument.test_items.select_related("facility__organisation"):
        index(item)
        item.save(update_fields=INDEXED)
