"""Methods that nobody needs."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path",
    ["/", "/en/instruments/", "/accounts/login/", "/account/", "/api/v1/instruments/", "/health/live", "/admin/"],
)
def test_trace_is_refused_and_echoes_nothing(browse, researcher, path):
    for page in (browse(), browse(researcher)):
        answer = page.trace(path, headers={"X-Probe": "what-a-proxy-added"})

        assert answer.status_code in {302, 401, 403, 404, 405}, path
        assert b"what-a-proxy-added" not in answer.content
