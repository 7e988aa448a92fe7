"""Trust 44: 50,000 cases of Schemathesis, without a fault of ours and without an answer that the document has not."""

from __future__ import annotations

from os import environ

import pytest

from common import limits
from tests.fuzzing import fuzz
from tests.test_permissions import ACTORS, world  # noqa: F401 (the fixture)

CASES = int(environ.get("JISHI_CASES", "50000"))


@pytest.mark.django_db(transaction=True)
def test_schema_holds_for_50000_cases(world, monkeypatch, show):  # noqa: F811
    for name in ("PER_ADDRESS", "PER_TOKEN", "PER_USER"):
        monkeypatch.setattr(limits, name, 10**9)

    found = fuzz(world, cases=CASES)

    answers = ", ".join(f"{status}: {number:,}" for status, number in sorted(found.statuses.items()))
    show(
        "Schemathesis over the OpenAPI document, in the process, every role",
        [
            ("cases", "50,000", f"{found.cases:,}"),
            ("operations × roles", "all", f"{found.operations} × {len(ACTORS)}"),
            ("of these asked at least once", f"{found.operations * len(ACTORS):,}", f"{len(found.asked_as):,}"),
            ("server errors", 0, sum(number for status, number in found.statuses.items() if status >= 500)),
            ("kinds of answers that the document has not", 0, len(found.misfits)),
            ("answers", "reported", answers),
        ],
    )
    assert not found.misfits, "\n\n".join(f"{kind}\n{example}" for kind, example in found.misfits.items())
    assert len(found.asked_as) == found.operations * len(ACTORS)
