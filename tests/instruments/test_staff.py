"""Who runs a laboratory: said by its admins and its institution's, never so that nobody is left."""

from __future__ import annotations

import threading
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import connection
from django.utils import timezone

from accounts.states import Role
from common.errors import Refused
from instruments.models import FacilityRole
from instruments.rules import objections_to_last_day
from instruments.services import end_role, entrust, set_last_day, staff
from instruments.states import FacilityDuty
from notifications.models import Mail
from tests.factories import lab_admin, member

PAGE = "/lab/centre/people/"


def role_of(user):
    return FacilityRole.objects.get(user=user)


def asks(role, do, **more):
    return {"do": do, "role": role.pk, **more}


def test_a_lab_admin_adds_an_operator_by_mail_address_who_is_told(browse, manager, researcher):
    last = timezone.localdate() + timedelta(days=30)
    send = {"do": "entrust", "email": researcher.email.upper(), "duty": "operator", "until": f"{last}"}

    answer = browse(manager).post(PAGE, send)

    role = role_of(researcher)
    assert (answer.status_code, role.duty, role.until) == (302, FacilityDuty.OPERATOR, last)
    assert Mail.objects.get(event="role_given").reader == researcher


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"email": "nobody@example.org"}, "email"), ({"duty": "king"}, "duty"), ({"until": "2020-01-01"}, "until")],
)
def test_what_is_wrong_with_a_new_role_is_said_beside_its_field(browse, manager, researcher, wrong, field):
    answer = browse(manager).post(PAGE, {"do": "entrust", "email": researcher.email, "duty": "operator", **wrong})

    assert (answer.status_code, [*answer.context["form"].errors]) == (400, [field])
    assert not FacilityRole.objects.filter(user=researcher).exists()


def test_nobody_gets_a_role_twice_and_one_that_was_over_begins_anew(browse, manager, centre, researcher):
    send = {"do": "entrust", "email": researcher.email, "duty": "operator"}
    client = browse(manager)
    client.post(PAGE, send)

    twice = client.post(PAGE, send)
    client.post(PAGE, asks(role_of(researcher), "end"))
    over = role_of(researcher).until
    client.post(PAGE, send)

    assert (twice.status_code, [*twice.context["form"].errors]) == (400, ["email"])
    assert (over, role_of(researcher).until) == (timezone.localdate() - timedelta(days=1), None)


def test_who_ran_it_no_longer_runs_it_from_now_on_and_is_told(browse, manager, centre):
    other = lab_admin("other", centre)

    browse(manager).post(PAGE, asks(role_of(other), "end"))

    assert browse(other).get("/lab/centre/rules/").status_code == 403
    assert Mail.objects.get(event="role_ended").reader == other


@pytest.mark.parametrize("ask", [{"do": "end"}, {"do": "date", "until": "2090-01-01"}])
def test_the_last_lab_admin_without_a_last_day_stays(browse, manager, centre, ask):
    deputy = lab_admin("deputy", centre)
    set_last_day(role_of(deputy), until=timezone.localdate() + timedelta(days=9), by=manager)

    answer = browse(manager).post(PAGE, {"role": role_of(manager).pk, **ask}, follow=True)

    assert role_of(manager).until is None
    assert "请先添加另一位" in answer.content.decode()


def test_what_counts_as_leaving_nobody():
    today = timezone.localdate()
    later = today + timedelta(days=9)

    assert not objections_to_last_day(today, before=None, others=[later, None])
    assert objections_to_last_day(today, before=None, others=[later])
    assert objections_to_last_day(today, before=later, others=[])
    assert not objections_to_last_day(later, before=today, others=[])
    assert not objections_to_last_day(None, before=today, others=[])


def test_a_program_is_no_lab_admin_who_could_be_left(browse, manager, centre, university):
    program = member("program", university, service_of=university)
    entrust(centre, to=program, duty=FacilityDuty.ADMIN)

    with pytest.raises(Refused):
        end_role(role_of(manager), by=manager)


def test_an_admin_of_the_institution_may_and_one_of_another_laboratory_may_not(browse, manager, centre, university):
    head = member("head", university, Role.ADMIN)
    send = {"do": "entrust", "email": head.email, "duty": "admin"}

    assert browse(member("somebody", university)).post(PAGE, send).status_code == 403
    assert browse(head).post(PAGE, send).status_code == 302
    assert role_of(head).duty == FacilityDuty.ADMIN


def end_each_other(manager, other):
    """Two lab admins, each ending the other's role at the same moment; how many are left."""
    barrier = threading.Barrier(2)

    def run(role, by):
        barrier.wait(timeout=10)
        try:
            end_role(role, by=by)
        except Exception:  # noqa: S110 (who comes second is refused)
            pass
        finally:
            connection.close()

    pairs = [(role_of(other), manager), (role_of(manager), other)]
    threads = [threading.Thread(target=run, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return FacilityRole.objects.admins().standing(timezone.localdate()).count()


@pytest.mark.django_db(transaction=True)
def test_two_lab_admins_who_end_each_other_leave_one(manager, centre):
    assert end_each_other(manager, lab_admin("other", centre)) == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_they_would_leave_nobody(manager, centre):
    """The negative control: both look, then both write."""
    met, other = threading.Barrier(2), lab_admin("other", centre)
    looked = staff._refuse_leaving_nobody

    def together(*given):
        looked(*given)
        met.wait(timeout=10)

    with (
        patch.object(staff, "_locked", lambda facility, _by: facility),
        patch.object(staff, "_refuse_leaving_nobody", together),
    ):
        assert end_each_other(manager, other) == 0
