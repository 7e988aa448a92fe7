"""Trust 28: 10,000 guessed links, 0 hits."""

from __future__ import annotations

from os import environ

import pytest

from common import limits
from tests.guessing import ACTORS, bits_that_vary, guess
from tests.test_permissions import world  # noqa: F401 (the fixture)

GUESSES = int(environ.get("JISHI_GUESSES", "10000"))


@pytest.mark.django_db
def test_guessing_10000_links_hits_nothing(world, monkeypatch, show):  # noqa: F811
    for name in ("PER_ADDRESS", "PER_TOKEN", "PER_USER"):
        monkeypatch.setattr(limits, name, 10**9)

    found = guess(world, count=GUESSES)

    show(
        "10,000 guessed links: ids with the right time, secrets of the right length",
        [
            ("guesses", "10,000", f"{found.guesses:,}"),
            ("routes × who asks", "all with an id or a secret", f"{len(found.routes)} × {len(ACTORS)}"),
            ("hits", 0, len(found.hits)),
            ("refused as the real address is", "reported", found.refused),
            ("answers", "401, 404, the way to sign in", str(dict(sorted(found.statuses.items())))),
            ("bits of an id that vary from one to the next", "≥ 62", bits_that_vary()),
        ],
    )
    assert found.hits == []
