"""Web goes over to another version of itself in use; `./portal prove upgrade` does it from the one before."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.conf import settings

from bookings.services import set_hours
from tests.contention import url_of_test_database
from tests.factories import AROUND_THE_CLOCK, instrument, token_for
from tests.proofs.pressure import Pressure
from tests.proofs.test_upgrade import change_over, gunicorn

PER_SECOND = 15


@pytest.mark.django_db(transaction=True)
def test_4_seconds_of_15_requests_a_second_see_nothing_of_a_change_over_and_miss_a_web_that_is_gone(
    centre, researcher, nine, tmp_path
):
    own = instrument(centre, needs_approval=False, horizon_days=60)
    set_hours(own, AROUND_THE_CLOCK)
    asked = {"token": token_for(researcher), "slugs": [own.slug], "per_second": PER_SECOND}
    current = tmp_path / "current"
    current.symlink_to(settings.BASE_DIR)
    with gunicorn(current, url_of_test_database()) as (port, note):
        seen = Pressure(port=port, first=nine, **asked)
        with seen.applied():
            change_over(note)
            time.sleep(4 - 1)  # a second of it has passed in the change
    gone = Pressure(port=port, first=nine + timedelta(days=20), **asked)  # the negative control
    with gone.applied():
        time.sleep(0.5)

    assert seen.failed() == []
    assert len(seen.answers) >= 4 * PER_SECOND * 0.7
    assert len(gone.failed()) == len(gone.answers) > 0
