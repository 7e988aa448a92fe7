"""Every static check of the project: run all of them, say how long each took, fail when one does."""

import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from launcher import debian, inventory, repository
from launcher.environment import tool
from launcher.places import ROOT, VENV_PYTHON
from launcher.speech import last_lines, say

AT_ONCE = 2


@dataclass(frozen=True)
class Outcome:
    """How one check ended: nothing to say is success."""

    name: str
    seconds: float
    complaint: str


def checks(environment: Mapping[str, str]) -> dict[str, Callable[[], str]]:
    """Each check by name, the slow ones first; a check returns its complaint, or nothing."""

    def command(*words: str) -> Callable[[], str]:
        return lambda: complaint_of([*words], environment)

    def manage(*words: str) -> Callable[[], str]:
        return command(str(VENV_PYTHON), "manage.py", *words)

    return {
        "types (mypy)": command(tool("mypy")),
        "direction of imports (lint-imports)": command(tool("lint-imports"), "--no-cache"),
        "Django's own (check)": manage("check", "--fail-level", "WARNING"),
        "migrations (makemigrations --check)": manage("makemigrations", "--check", "--dry-run"),
        "migrations are safe (squawk)": manage("migrations_safe"),
        "OpenAPI document (openapi_current)": manage("openapi_current"),
        "translations (translations_complete)": lambda: translations(manage("translations_complete")),
        "style (ruff check)": command(tool("ruff"), "check", "--no-cache", "."),
        "format (ruff format)": command(tool("ruff"), "format", "--no-cache", "--check", "."),
        "templates (djade)": lambda: templates(environment),
        "Dockerfile (hadolint)": command(tool("hadolint"), "Dockerfile"),
        "docker-compose.yml (check-jsonschema)": command(
            tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"
        ),
        "what a commit must not hold": repository.complaints,
        "licences, and what it is made of (sbom.cdx.json)": licences,
    }


def run_checks(environment: Mapping[str, str]) -> int:
    """Run all checks, two at once; 1 if any complains."""
    todo = checks(environment)
    say(f"Running {len(todo)} checks …")
    outcomes = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for done in as_completed([pool.submit(timed, name, check) for name, check in todo.items()]):
            outcome = done.result()
            outcomes.append(outcome)
            say(f"  {'FAILED' if outcome.complaint else 'passed'} {outcome.seconds:6.1f} s  {outcome.name}")
    failed = [outcome for outcome in outcomes if outcome.complaint]
    for outcome in failed:
        say(f"\n{outcome.name}:\n{last_lines(outcome.complaint, 60)}")
    names = ", ".join(outcome.name for outcome in failed)
    say(
        f"\n{len(failed)} of {len(outcomes)} checks failed: {names}."
        if failed
        else f"All {len(outcomes)} checks passed."
    )
    return 1 if failed else 0


def timed(name: str, check: Callable[[], str]) -> Outcome:
    """Run one check and time it; one that cannot even run has failed."""
    begun = time.monotonic()
    try:
        complaint = check()
    except OSError as problem:
        complaint = f"It cannot be run: {problem}"
    return Outcome(name, time.monotonic() - begun, complaint)


def complaint_of(command: list[str], environment: Mapping[str, str]) -> str:
    """What a command says when it fails; nothing when it succeeds."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=dict(environment),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return (done.stdout.strip() or f"ended with status {done.returncode}") if done.returncode else ""


def translations(check: Callable[[], str]) -> str:
    """Whether every sentence is translated; needs gettext's programs."""
    if not shutil.which("xgettext"):
        return f"gettext is missing: run `{debian.line_to_install(['gettext'])}`."
    return check()


def templates(environment: Mapping[str, str]) -> str:
    """Whether the templates are formatted."""
    files = [file for file in repository.tracked_files() if file.endswith(".html")]
    return complaint_of([tool("djade"), "--check", "--target-version", "5.2", *files], environment) if files else ""


def licences() -> str:
    """Whether we may ship what we ship; writes the inventory."""
    inventory.write_inventory()
    return inventory.objections()
