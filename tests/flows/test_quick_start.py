"""docs/quick-start.md does what it says, twice in a row."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bookings.models import Booking, Claim
from bookings.services import set_hours, set_policy
from bookings.states import State
from instruments.services import enter_instrument
from tests.contention import served
from tests.factories import EVERY_DAY, EVERYONE, token_for

PAGE = Path(__file__).parents[2] / "docs" / "quick-start.md"
KINDS = {"sh": ["sh", "-e", "-c"], "python": [sys.executable, "-W", "error", "-c"]}


def code_in(language):
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return found


@pytest.mark.django_db(transaction=True)
def test_the_quick_start_books_and_cancels_in_curl_and_python_twice(centre, researcher):
    xrd = enter_instrument(centre, slug="xrd", name_zh="X射线衍射仪", techniques=["XRD"], sharing=EVERYONE)
    set_hours(xrd, EVERY_DAY)
    set_policy(xrd, needs_approval=False)
    with served() as port:
        environment = {**os.environ, "API": f"http://127.0.0.1:{port}/api/v1", "TOKEN": token_for(researcher)}
        for language in ("sh", "python", "sh", "python"):
            command = [*KINDS[language], code_in(language)]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

            assert done.returncode == 0, done.stderr
            booking = Booking.objects.latest("created_at")
            assert done.stdout.startswith("researcher\n")
            assert str(booking.pk) in done.stdout
            assert "cancelled" in done.stdout
            assert "booking.cancelled" in done.stdout
    assert set(Booking.objects.values_list("state", flat=True)) == {State.CANCELLED}
    assert Booking.objects.count() == 4
    assert not Claim.objects.exists()
