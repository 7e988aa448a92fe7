"""The cast of young people's programmes too: a guardian's data is their children's as well."""

from tests.outreach.conftest import afm, coordinator, course, guardian, session  # noqa: F401 (fixtures)
