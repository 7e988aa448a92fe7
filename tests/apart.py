"""Each of the processes in which tests run has a PostgreSQL and a Valkey of its own.

Another database of the same PostgreSQL would not do: events wait until every older transaction of the server has ended.
This is a plugin (`-p tests.apart` in pyproject.toml), because the settings are read before any conftest.py.
"""

import json
import os

import pytest


def choose() -> None:
    """Let this process know the servers that `./portal test` has started for it."""
    process, known = os.environ.get("PYTEST_XDIST_WORKER", ""), json.loads(os.environ.get("JISHI_TEST_SERVERS", "[]"))
    number = int(process.removeprefix("gw") or 0)
    if process and number >= len(known):
        raise pytest.UsageError("Each process needs servers of its own: say how many by `-n`, a blank and a number.")
    if process:
        os.environ.update(known[number])


choose()
