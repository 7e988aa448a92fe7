"""Who runs a facility: as lab admin or operator, until when."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.errors import NotAllowed, Refusal, Refused, WrongInput
from instruments.models import Facility, FacilityRole
from instruments.permissions import may_staff
from instruments.rules import objections_to_last_day
from instruments.states import FacilityDuty
from notifications.services import tell

HAS_IT = Refusal("has_role", _("This person has the role already."), "email")


@transaction.atomic
def entrust(
    facility: Facility, *, to: User, duty: str, until: date | None = None, by: User | None = None
) -> FacilityRole:
    """Let somebody run the facility, as lab admin or operator; a deputy until a last day.

    `by` may say so; None is the portal itself, which tells nobody. A role that was over begins anew. Raises NotAllowed,
    Refused where they have it already, WrongInput.
    """
    facility = _locked(facility, by)
    if duty not in FacilityDuty.values:
        raise WrongInput("duty", "invalid", _("There is no such role."))
    _refuse_past(until)
    role = FacilityRole.objects.filter(facility=facility, user=to, duty=duty).first()
    if role and by and _stands(role):
        raise Refused([HAS_IT])
    if role is None:
        role = FacilityRole(facility=facility, user=to, duty=duty)
    role.until = until
    role.save()
    if by:
        _tell("role_given", role)
    return role


@transaction.atomic
def set_last_day(role: FacilityRole, *, until: date | None, by: User) -> FacilityRole:
    """Say until when somebody runs the facility; None is without end. Raises NotAllowed, Refused and WrongInput."""
    role = _held(role, by)
    _refuse_past(until)
    _refuse_leaving_nobody(role, until)
    role.until = until
    role.save(update_fields=["until"])
    _tell("role_given", role)
    return role


@transaction.atomic
def end_role(role: FacilityRole, *, by: User) -> FacilityRole:
    """Somebody does not run the facility any more, from now on; the row says until when they did."""
    role = _held(role, by)
    yesterday = timezone.localdate() - timedelta(days=1)
    _refuse_leaving_nobody(role, yesterday)
    role.until = yesterday
    role.save(update_fields=["until"])
    _tell("role_ended", role)
    return role


def staff_of(facility: Facility) -> list[tuple[FacilityRole, list[Refusal]]]:
    """Who runs the facility now, lab admins first, each with what speaks against ending that."""
    roles = FacilityRole.objects.at(facility).standing(timezone.localdate()).select_related("user")
    found = list(roles.order_by("duty", "user__name"))
    admins = [each for each in found if each.duty == FacilityDuty.ADMIN and each.user.service_of_id is None]
    yesterday = timezone.localdate() - timedelta(days=1)
    return [
        (
            each,
            objections_to_last_day(yesterday, before=each.until, others=[one.until for one in admins if one != each])
            if each.duty == FacilityDuty.ADMIN
            else [],
        )
        for each in found
    ]


def _locked(facility: Facility, by: User | None) -> Facility:
    """The facility, held so that two admins do not take each other's role at once; of somebody who may staff it."""
    found = Facility.objects.select_for_update(no_key=True, of=("self",)).select_related("organisation")
    facility = found.get(pk=facility.pk)
    if by is not None and not may_staff(by, facility):
        raise NotAllowed(_("Only the laboratory's and its institution's admins say who runs it."))
    return facility


def _held(role: FacilityRole, by: User) -> FacilityRole:
    """The role as it stands once its facility is locked. Raises NotAllowed, and Refused where it is over."""
    _locked(role.facility, by)
    role = FacilityRole.objects.select_related("user", "facility").get(pk=role.pk)
    if not _stands(role):
        raise Refused([Refusal("role_over", _("This role is over already."))])
    return role


def _stands(role: FacilityRole) -> bool:
    return role.until is None or role.until >= timezone.localdate()


def _refuse_past(until: date | None) -> None:
    if until is not None and until < timezone.localdate():
        raise WrongInput("until", "past", _("The last day is past."))


def _refuse_leaving_nobody(role: FacilityRole, until: date | None) -> None:
    if role.duty != FacilityDuty.ADMIN:
        return
    others = FacilityRole.objects.at(role.facility).admins().people().exclude(pk=role.pk)
    last_days = list(others.standing(timezone.localdate()).values_list("until", flat=True))
    if objections := objections_to_last_day(until, before=role.until, others=last_days):
        raise Refused(objections)


def _tell(event: str, role: FacilityRole) -> None:
    tell(event, to=[role.user], about=role, occasion=timezone.now().isoformat())
