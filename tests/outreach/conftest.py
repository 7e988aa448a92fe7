"""The cast of young people's programmes: a coordinator, a guardian, and a course with one session."""

from __future__ import annotations

import pytest

from accounts.states import Role
from tests import factories
from tests.outreach import situations


@pytest.fixture
def coordinator(university):
    return factories.member("coordinator", university, Role.COORDINATOR)


@pytest.fixture
def guardian(db):
    return factories.person("guardian")


@pytest.fixture
def afm(centre):
    """Fit for young people, confirmed at once."""
    return situations.youth_instrument(centre)


@pytest.fixture
def course(centre, afm, coordinator):
    return situations.programme(centre, by=coordinator)


@pytest.fixture
def session(course, coordinator, nine):
    """Published, three places, in three days from nine to twelve."""
    return situations.published(course, by=coordinator, at=nine)
