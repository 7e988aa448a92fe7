"""What the launcher says when it cannot go on: one sentence, status 1, no traceback."""

import os
import socket
import subprocess
from pathlib import Path

import pytest

from launcher.__main__ import split
from launcher.manage import reason_in
from launcher.places import ROOT, DataFolder, data_folder
from launcher.ports import is_free, next_free
from launcher.postgres import Installation, installation_for
from launcher.speech import Stop

EIGHTEEN = Installation(Path("/opt/18/bin"), 18)
FIFTEEN = Installation(Path("/opt/15/bin"), 15)


def portal(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """./portal as a person runs it."""
    environment = {**os.environ, **variables}
    return subprocess.run([ROOT / "portal", *words], env=environment, capture_output=True, text=True, check=False)


def test_a_taken_port_is_named_and_another_is_suggested(tmp_path: Path) -> None:
    with socket.socket() as rival:
        port = next_free(20_000)  # below those that systems give out by chance to other tests
        rival.bind(("127.0.0.1", port))
        rival.listen()

        said = portal("up", "--port", str(port), "--data", str(tmp_path / "data"))

        assert not is_free(port)
        suggestion = next_free(port)
    sentence = f"Port {port} is taken by another program: choose another, such as ./portal up --port {suggestion}.\n"
    assert (said.returncode, said.stderr) == (1, sentence)


@pytest.mark.parametrize("command", ["up", "manage"])
def test_a_data_folder_that_cannot_be_written_to_is_named(command: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    said = portal(command, "--data", str(tmp_path / "file" / "data"))

    assert said.returncode == 1
    assert said.stderr.startswith(f"The data folder {tmp_path}/file/data cannot be written to")
    assert said.stderr.count("\n") == 1


def test_stopping_what_does_not_run_is_no_failure(tmp_path: Path) -> None:
    said = portal("stop", "--data", str(tmp_path / "nothing"))

    assert (said.returncode, said.stdout) == (0, "Nothing is running.\n")
    assert not (tmp_path / "nothing").exists()


def test_without_a_recent_python_the_script_says_so(tmp_path: Path) -> None:
    (tmp_path / "dirname").symlink_to("/usr/bin/dirname")
    for old in ("python3", "python3.11"):
        (tmp_path / old).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / old).chmod(0o755)

    said = portal("up", PATH=str(tmp_path), PYTHON="no-such-python")

    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr.startswith("The portal needs Python 3.11 or newer")
    assert said.stderr.count("\n") == 1


def test_a_database_of_another_major_version_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "PG_VERSION").write_text("16\n")

    with pytest.raises(Stop, match="was made by PostgreSQL 16, and here is only PostgreSQL 18 and 15"):
        installation_for(tmp_path, [EIGHTEEN, FIFTEEN])


def test_a_database_is_run_by_the_programs_of_its_own_version(tmp_path: Path) -> None:
    assert installation_for(tmp_path, [EIGHTEEN, FIFTEEN]) is EIGHTEEN
    (tmp_path / "PG_VERSION").write_text("15\n")
    assert installation_for(tmp_path, [EIGHTEEN, FIFTEEN]) is FIFTEEN


def test_a_machine_without_postgresql_is_told_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Stop, match="set DATABASE_URL to a PostgreSQL 14 or newer, or install one"):
        installation_for(tmp_path, [])


def test_a_data_folder_is_relative_to_where_the_person_stood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_FROM", str(tmp_path))

    assert data_folder("city").path == tmp_path / "city"
    assert data_folder(None) == DataFolder(ROOT / ".data")


def test_what_follows_test_or_manage_is_for_the_program_behind_it() -> None:
    assert split(["test", "-k", "slot", "--", "x"]) == (["test"], ["-k", "slot", "--", "x"])
    assert split(["manage", "--data", "d", "migrate", "-h"]) == (["manage", "--data", "d"], ["migrate", "-h"])
    assert split(["up", "--port", "1"]) == (["up", "--port", "1"], [])


def test_what_django_says_becomes_its_sentence() -> None:
    assert reason_in(
        'Traceback (most recent call last):\n  File "x.py", line 1, in y\n'
        "django.db.utils.OperationalError: connection refused\n"
    ) == ("connection refused")
    assert reason_in(
        "SystemCheckError: System check identified some issues:\n\nERRORS:\n"
        "?: (common.E001) The database cannot tell Chinese words apart.\n\tHINT: make it anew.\n"
    ) == ("(common.E001) The database cannot tell Chinese words apart.")
    assert reason_in("CommandError: This database is not marked as demo.\n") == "This database is not marked as demo."
    assert reason_in("") == "it said nothing."
