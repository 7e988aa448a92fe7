from __future__ import annotations

import pytest


@pytest.fixture
def _no_cache(settings):
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
