"""Who is meant by a mail address that somebody typed: to who may not ask, known and unknown ones look alike."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services import person_at
from common.errors import NotAllowed, WrongInput
from instruments.models import Instrument
from instruments.permissions import runs

NOT_FOR_OTHERS = _("Only the laboratory, or the principal investigator of a group, books for others.")
NOT_OF_OTHERS = _("Only the laboratory, or somebody of the same research group, may name others here.")
NOBODY = _("Nobody here has this address.")


def somebody_to_book_for(address: str, *, by: User, instrument: Instrument) -> User:
    """The person at this address, for whom `by` wants to book; `book` judges whether they may.

    An address that nobody has raises what a stranger's would, NotAllowed; the instrument's own people, who may book
    for anybody, get WrongInput.
    """
    found = person_at(address)
    if found is None and runs(by, instrument.facility):
        raise WrongInput("on_behalf_of", "unknown", NOBODY)
    if found is None:
        raise NotAllowed(NOT_FOR_OTHERS)
    return found


def somebody_named(address: str, *, by: User, instrument: Instrument, field: str) -> User:
    """Whom a record names: anybody for the instrument's own people, else oneself or one of the same group.

    Raises WrongInput and NotAllowed as above.
    """
    found = person_at(address)
    if found is None and runs(by, instrument.facility):
        raise WrongInput(field, "unknown", NOBODY)
    if found is None or not (found == by or runs(by, instrument.facility) or share_a_group(by, found)):
        raise NotAllowed(NOT_OF_OTHERS)
    return found


def share_a_group(one: User, other: User) -> bool:
    """Whether they work in one research group, and so may know of each other."""
    return not _groups_of(one).isdisjoint(_groups_of(other))


def _groups_of(user: User) -> set[object]:
    led, joined = user.led_groups.values_list("pk"), user.research_groups.values_list("pk")
    return {pk for (pk,) in led.union(joined)}
