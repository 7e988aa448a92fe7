"""Django's commands as steps of the launcher: what they say goes to a log, what went wrong becomes a sentence."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from launcher.places import ROOT, VENV_PYTHON
from launcher.speech import Stop


def manage(*words: str, environment: Mapping[str, str]) -> str:
    """Run a command of manage.py and return what it printed, or stop with what was wrong in a sentence."""
    command = [str(VENV_PYTHON), "manage.py", *words]
    done = subprocess.run(command, cwd=ROOT, env=dict(environment), capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return done.stdout
    log = Path(environment["DATA_DIR"], "log", "manage.log")
    log.write_text(done.stdout + done.stderr)
    reason = reason_in(done.stderr or done.stdout)
    raise Stop(f"`manage.py {words[0]}` did not succeed: {reason}\nAll that it said is in {log}.")


def reason_in(said: str) -> str:
    """The sentence in what Django printed: the errors of its checks, else the last error, else the last line."""
    lines = [line.rstrip() for line in said.splitlines() if line.strip()]
    checks = [found[1] for line in lines if (found := re.match(r"\S+: (\(\w+\.[EWC]\d+\) .*)", line))]
    if checks:
        return " ".join(checks)
    # A word alone, as in KeyError: 'SITE_URL', says nothing without the kind of error.
    kinds = [re.match(r"(?:\w+\.)*(\w+: (.+))", line) for line in lines]
    errors = [found[2] if " " in found[2] else found[1] for found in kinds if found]
    return [*lines[-1:], *errors[-1:]][-1] if lines else "it said nothing."
