"""Own and foreign objects: whoever holds the same role elsewhere gets nothing of what is here.

The world of the matrix holds one of each thing. Here each role has a twin: the same role in another laboratory, group,
firm, institution or family. What the matrix opens to a role and to no individual must stay shut to its twin.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import ResearchGroup, User
from accounts.services import make_service_account
from accounts.states import Role
from instruments.services import entrust
from instruments.states import FacilityDuty
from tests import factories
from tests.outreach import situations
from tests.test_permissions import ask, path_of, routes, said, session_of, word_for, words_of, world  # noqa: F401

SUCCESSES = {"200", "201", "202", "204", "302"}
# What opens to the role wherever it is held, and why; all else is shut to the twin.
OF_THEIR_OWN = {
    "a project number is their own, at their own university": {("fund_codes", "POST"), ("api_fund_codes", "POST")},
    "it leads to their own books": {("finance_home", "GET")},
    "it makes a programme of their own institution": {
        ("new_programme", "GET"), ("new_programme", "POST"), ("api_programmes", "POST"),
    },
    "it lists what their own institution offers, and counts its own children": {
        ("youth_desk", "GET"), ("minors", "GET"), ("minors_pdf", "GET"),
    },
    "a table is of the university, and enters records of their own laboratory alone": {
        ("import_instruments", "GET"), ("import_instruments", "POST"), ("api_instrument_imports", "POST"),
        ("api_instrument_by_number", "PUT"),
    },
    "a round asks each laboratory of the university, of its own records": {
        ("round_part", "GET"), ("round_part", "POST"),
    },
}  # fmt: skip


@pytest.fixture
def twins(world, university) -> dict[str, User]:  # noqa: F811
    """As close as may be: next door in the same university where the role ends there, else in another institution."""
    west = world["people"]["elsewhere"].memberships.get().organisation
    next_door, far = factories.laboratory(university, "next-door"), west.facilities.get()
    situations_of = {
        "researcher": factories.member("twin_researcher", university),
        "pi": factories.member("twin_pi", university),
        "operator": factories.member("twin_operator", university),
        "manager": factories.lab_admin("twin_manager", next_door),
        "institution": factories.member("twin_institution", west, Role.ADMIN),
        "finance": factories.member("twin_finance", west, Role.FINANCE),
        "coordinator": factories.member("twin_coordinator", west, Role.COORDINATOR),
        "mentor": factories.member("twin_mentor", university, Role.MENTOR),
        "firm": factories.member("twin_firm", other := factories.firm(name_zh="别的公司"), Role.ADMIN),
        "firm_member": factories.member("twin_firm_member", other),
        "guardian": factories.person("twin_guardian"),
    }
    entrust(next_door, to=situations_of["operator"], duty=FacilityDuty.OPERATOR)
    group = ResearchGroup.objects.create(organisation=university, pi=situations_of["pi"], name_zh="别的课题组")
    group.admissions.create(person=situations_of["researcher"])
    situations.child_of(situations_of["guardian"], name="z")
    admin = situations_of["institution"]
    program = make_service_account(west, by=admin, name="twin_lims", email="twin_lims@example.org")
    entrust(far, to=program, duty=FacilityDuty.OPERATOR)
    made = {**situations_of, "service": program}
    world["sessions"] |= {f"twin_{role}": session_of(user) for role, user in made.items()}
    return made


def rows_of(role: str) -> list[tuple[str, str]]:
    """What opens to the role, and not to whoever is signed in."""
    return [row for row, cells in said().items() if cells[role] in SUCCESSES and cells["individual"] not in SUCCESSES]


def faults_of(world: dict[str, Any], role: str, actor: str) -> Iterator[tuple[tuple[str, str], str]]:  # noqa: F811
    """Which of the role's own rows open to an actor, or tell that there is something."""
    arguments_of = dict(routes())
    for name, method in rows_of(role):
        path, absent = (path_of(world, name, arguments_of[name], absent=absent) for absent in (False, True))
        seen = ask(world, path, name, method, actor)
        if word_for(seen) in SUCCESSES:
            yield (name, method), f"{method} {name} opens to {actor}"
        elif seen.status_code == 404 and path != absent:
            # All that is not there looks alike to one actor: its own absence is asked for where it does not.
            absences = world.setdefault("absences", {}).setdefault((actor, name.startswith("api_")), set())
            if words_of(seen, path) in absences:
                continue
            missing = ask(world, absent, name, method, actor)
            absences |= {words_of(missing, absent)} if missing.status_code == 404 else set()
            if words_of(seen, path) not in absences:
                yield (name, method), f"{method} {name} tells {actor} that there is something"


def test_what_opens_to_a_role_is_shut_to_its_twin_and_looks_like_what_does_not_exist(world, twins):  # noqa: F811
    found = {line: row for role in twins for row, line in faults_of(world, role, f"twin_{role}")}
    own = set().union(*OF_THEIR_OWN.values())

    assert not [line for line, row in found.items() if row not in own]
    assert own == {row for row in found.values() if row in own}  # none is excused for nothing


def test_the_same_comparison_finds_the_role_itself(world):  # noqa: F811
    """The negative control: were it silent, the test above would be blind."""
    for role in ("pi", "guardian", "mentor", "firm_member"):
        assert {row for row, _line in faults_of(world, role, role)} == {*rows_of(role)}
        assert rows_of(role)
