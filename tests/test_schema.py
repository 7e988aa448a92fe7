"""Whatever the OpenAPI document allows, and some that it does not: no fault of ours, and answers as documented."""

from __future__ import annotations

import pytest

from common import limits
from tests.fuzzing import fuzz
from tests.test_permissions import ACTORS, world  # noqa: F401 (the fixture)


@pytest.mark.django_db
def test_500_cases_of_the_schema_get_answers_that_fit_it(world, monkeypatch):  # noqa: F811
    monkeypatch.setattr(limits, "PER_ADDRESS", 10**6)

    found = fuzz(world, cases=500)

    assert found.cases >= 500
    assert {role for _operation, role in found.asked_as} == {*ACTORS}
    assert not found.misfits, "\n\n".join(f"{kind}\n{example}" for kind, example in found.misfits.items())
