"""Tests run in several processes at once, each with a Valkey database of its own: 0, 1, 2 …

A plugin (`-p tests.apart` in pyproject.toml), because the settings are read before any conftest.py.
"""

import os
import re

NUMBER = re.search(r"\d+$", os.environ.get("PYTEST_XDIST_WORKER", ""))

if NUMBER and "REDIS_URL" in os.environ:
    os.environ["REDIS_URL"] = re.sub(r"\d+$", NUMBER[0], os.environ["REDIS_URL"])
