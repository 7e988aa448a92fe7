"""Children: what their guardians enter is sealed here and opened here."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.errors import NotAllowed, Refusal, Refused, WrongInput
from common.ids import new_id
from common.sealed import Unreadable, destroy_key, make_key, seal, unseal
from common.text import tidy
from notifications.services import forget_told, forget_written
from outreach.formats import initials_of
from outreach.models import Child, Guardian
from outreach.permissions import answers_for
from outreach.states import GRADES, IS_COMING, IS_CONFIRMED, Relation

log = structlog.get_logger()

IDENTITY, HEALTH = "identity", "health"
OLDEST, CONTACTS = 19, 2
NOT_YET = Refusal("too_early", _("Health is asked for after a place is confirmed, not before."))
KEY_LOST = Refusal(
    "key_lost",
    _("What was entered of this child cannot be read any more: its key is lost. Erase the child and enter it anew."),
)
IN_A_SESSION = Refusal("in_a_session", _("The child is enrolled in a session: cancel that first."))


@dataclass(frozen=True)
class Contact:
    """Whom to call."""

    name: str
    phone: str


@dataclass(frozen=True)
class ChildWords:
    """What is sealed of a child."""

    name: str
    born: date
    grade: int | None
    contacts: tuple[Contact, ...]


def words_of(child: Child) -> ChildWords:
    """What was entered of a child. Raises Refused (`key_lost`) when its key is gone, or it was erased."""
    opened = _opened(child, IDENTITY, child.identity)
    contacts = tuple(Contact(**each) for each in opened["contacts"])
    return ChildWords(opened["name"], date.fromisoformat(opened["born"]), opened["grade"], contacts)


def name_of(child: Child) -> str:
    """The child's name; its initials when what was sealed is erased or its key is lost."""
    try:
        return words_of(child).name if not child.erased_at else child.initials
    except Refused:
        return child.initials


def health_of(child: Child) -> str:
    """What the guardian wrote of the child's health; '' when nothing. Raises Refused like `words_of`."""
    return str(_opened(child, HEALTH, child.health)["text"]) if child.health else ""


def seal_children_anew() -> int:
    """Seal what is known of each child with FIELD_CIPHER; returns of how many. Whose key is lost stays as they are."""
    count = 0
    for pk in Child.objects.filter(erased_at=None).values_list("pk", flat=True).iterator():
        with transaction.atomic(), suppress(Refused, Child.DoesNotExist):
            child = Child.objects.select_for_update().get(pk=pk, erased_at=None)
            sealed = {IDENTITY: child.identity, HEALTH: child.health}
            for purpose, shut in sealed.items():
                if shut:
                    setattr(child, purpose, seal(child.pk, purpose, _opened(child, purpose, shut)))
            child.save(update_fields=["identity", "health"])
            count += 1
    return count


def _opened(child: Child, purpose: str, sealed: bytes | memoryview) -> dict[str, Any]:
    try:
        return unseal(child.pk, purpose, sealed)
    except Unreadable as error:
        log.error("key_lost", child=str(child.pk), erased=child.erased_at is not None)
        raise Refused([KEY_LOST]) from error


@transaction.atomic
def enter_child(
    *, by: User, name: str, born: date, grade: int | None, contacts: list[dict[str, str]], relation: str
) -> Child:
    """A child whose guardian `by` is, sealed with a key of its own. Raises WrongInput."""
    words = _checked(name=name, born=born, grade=grade, contacts=contacts)
    if relation not in Relation.values:
        raise WrongInput("relation", "invalid", _("Say what you are to the child."))
    child = Child(pk=new_id(), initials=initials_of(words.name))
    make_key(child.pk)
    child.identity = seal(child.pk, IDENTITY, _as_json(words))
    child.save(force_insert=True)
    Guardian.objects.create(user=by, child=child, relation=relation)
    return child


@transaction.atomic
def change_child(
    child: Child, *, by: User, name: str, born: date, grade: int | None, contacts: list[dict[str, str]]
) -> Child:
    """Correct what was entered; who is in a session keeps the age with which they came there."""
    child = _theirs(child, by)
    words = _checked(name=name, born=born, grade=grade, contacts=contacts)
    if born != words_of(child).born and child.enrolments.standing().filter(state__in=sorted(IS_COMING)).exists():
        raise Refused([IN_A_SESSION])
    child.identity, child.initials = seal(child.pk, IDENTITY, _as_json(words)), initials_of(words.name)
    child.touched_at = timezone.now()
    child.save(update_fields=["identity", "initials", "touched_at"])
    return child


@transaction.atomic
def say_health(child: Child, *, by: User, text: str) -> Child:
    """What those who run a session must know: allergies, medicines. Only once a place is confirmed."""
    child = _theirs(child, by)
    if not child.enrolments.filter(state__in=sorted(IS_CONFIRMED & IS_COMING)).exists():
        raise Refused([NOT_YET])
    text = text.replace("\x00", "").strip()
    if len(text) > 2000:
        raise WrongInput("text", "max_length", _("Write at most 2000 characters."))
    child.health = seal(child.pk, HEALTH, {"text": text}) if text else b""
    child.touched_at = timezone.now()
    child.save(update_fields=["health", "touched_at"])
    return child


@transaction.atomic
def remove_child(child: Child, *, by: User) -> Child:
    """Erase a child at its guardian's wish; who is in a session, or is to come to one, is needed there first."""
    child = _theirs(child, by)
    if is_needed(child):
        raise Refused([IN_A_SESSION])
    return erase(child)


def is_needed(child: Child) -> bool:
    """Whether a session is to come, or goes on: somebody must be called when something happens."""
    return child.enrolments.standing().filter(ends_at__gt=timezone.now()).exists()


@transaction.atomic
def erase(child: Child) -> Child:
    """Destroy what is known of a child: words, initials in what anybody was told, the key of every copy elsewhere."""
    enrolments = list(child.enrolments.values_list("pk", flat=True))
    forget_told([child.pk, *enrolments])
    forget_written(enrolments)
    child.initials, child.identity, child.health, child.erased_at = "", b"", b"", timezone.now()
    child.save(update_fields=["initials", "identity", "health", "erased_at"])
    # A crash between the two leaves a key without a child: `sweep_keys` takes it away.
    transaction.on_commit(lambda: destroy_key(child.pk))
    log.info("child_erased", child=str(child.pk))
    return child


def _theirs(child: Child, by: User) -> Child:
    child = Child.objects.select_for_update(no_key=True).get(pk=child.pk)
    if child.erased_at or not answers_for(by, child):
        raise NotAllowed(_("Only the child's guardians may do this."))
    return child


def _checked(*, name: str, born: date, grade: int | None, contacts: list[dict[str, str]]) -> ChildWords:
    name, today = tidy(name)[:80], timezone.localdate()
    if not name:
        raise WrongInput("name", "required", _("Enter the child's name."))
    if not today.replace(year=today.year - OLDEST - 1, day=1) < born < today:
        raise WrongInput("born", "out_of_range", _("Enter the birth date of a child."))
    if grade is not None and grade not in GRADES:
        raise WrongInput("grade", "out_of_range", _("A grade is a number from 1 to 12."))
    known = tuple(Contact(tidy(each.get("name", ""))[:80], tidy(each.get("phone", ""))[:40]) for each in contacts)
    if len(known) != CONTACTS or not all(each.name and re.search(r"(\d\D?){5}", each.phone) for each in known):
        raise WrongInput("contacts", "required", _("Name two people to call in an emergency, with their numbers."))
    if len({each.phone for each in known}) < CONTACTS:
        raise WrongInput("contacts", "same", _("The two people to call need two numbers."))
    return ChildWords(name, born, grade, known)


def _as_json(words: ChildWords) -> dict[str, Any]:
    return {**asdict(words), "born": words.born.isoformat()}
