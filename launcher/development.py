"""The commands for people who work on the portal: test, check, prove, manage, assets."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

from launcher import debian
from launcher.checks import run_checks
from launcher.environment import alone, provide_packages
from launcher.frontend import collect_static_files, compile_translations, provide_vendor_files
from launcher.inventory import write_inventory
from launcher.places import DEFAULT_DATA, ROOT, VENV_PYTHON, DataFolder
from launcher.servers import attached, claimed, for_development, holder, running
from launcher.speech import Stop
from launcher.variables import as_owner, environment_for

# What `prove` runs under one name; any other word picks the tests that have it in theirs.
TOGETHER = {"speed": ["speed", "contention", "reading", "invoice_run"]}
MOST_PROCESSES = 4  # of the tests, each with servers of its own
# After these the stamps of `up` may no longer say what the database holds.
CHANGES_TABLES = {"migrate", "flush", "dbshell", "shell"}


def assets() -> int:
    """Everything that an image needs besides the code: packages, front-end files, translations, static files."""
    with alone():
        provide_packages("prod")
        provide_vendor_files()
        compile_translations()
        data = DataFolder(DEFAULT_DATA / "assets")
        data.make()
        collect_static_files(environment_for(data, port=8000, servers={}))
        write_inventory()
    return 0


def provide_workshop() -> None:
    """Everything that tests and checks need, up to the servers."""
    with alone():
        debian.install(debian.missing_for_tests(), why="what the tests need from Debian")
        provide_packages("dev")
        provide_vendor_files()
        compile_translations()


def test(words: Sequence[str]) -> int:
    """Run pytest with its own servers; its last line stays the last."""
    provide_workshop()
    words = words or ["-n", str(min(os.cpu_count() or 1, MOST_PROCESSES)), "--dist", "worksteal"]
    with contextlib.ExitStack() as stack:
        all_servers = [stack.enter_context(for_development("test", durable=False)) for _n in range(processes_of(words))]
        environment = for_tests(all_servers[0].environment)
        environment["JISHI_TEST_SERVERS"] = json.dumps([servers.environment for servers in all_servers])
        with alone():
            collect_static_files(environment)
        return interactive([str(VENV_PYTHON), "-m", "pytest", *words], environment)


def processes_of(words: Sequence[str]) -> int:
    """How many processes pytest is asked for with `-n N`; 0, as without it, is one."""
    number = words[words.index("-n") + 1 :][:1] if "-n" in words else []
    return max(1, int(number[0])) if number and number[0].isdigit() else 1


def for_tests(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of the tests: a browser where there is one."""
    browser = debian.browser()
    return {**environment, **({"CHROMIUM": browser} if browser else {})}


def prove(names: Sequence[str]) -> int:
    """Run the long proofs and benchmarks on servers as careful as in production."""
    folders = [folder for folder in ("tests/proofs", "tests/benchmarks") if (ROOT / folder).is_dir()]
    if not folders:
        raise Stop("There is nothing to prove: neither tests/proofs nor tests/benchmarks is here.")
    provide_workshop()
    with for_development("prove", durable=True) as servers:
        environment = {**for_tests(servers.environment), "JISHI_PROVE": "full"}
        with alone():
            collect_static_files(environment)
        words = [word for name in names for word in TOGETHER.get(name, [name])]
        chosen = ["-k", " or ".join(words)] if words else []
        return interactive(
            [str(VENV_PYTHON), "-m", "pytest", *folders, "-s", "-p", "no:cacheprovider", *chosen], environment
        )


def check() -> int:
    """Run every static check."""
    provide_workshop()
    with for_development("test", durable=False) as servers:
        return run_checks(servers.environment)


def manage(data: DataFolder, words: Sequence[str]) -> int:
    """Run a command of manage.py with the servers of the data folder, started for it if need be."""
    command = [str(VENV_PYTHON), "manage.py", *words]
    data.make()
    with alone():
        provide_packages("prod")
        compile_translations()
    if words and words[0] in CHANGES_TABLES:
        for stamp in ("migrated", "demo"):
            (data.path / "run" / stamp).unlink(missing_ok=True)
    if holder(data):
        return interactive(command, _environment_of(words, attached(data)))
    with claimed(data), running(data) as servers:
        return interactive(command, _environment_of(words, servers.environment))


def _environment_of(words: Sequence[str], environment: Mapping[str, str]) -> Mapping[str, str]:
    # The portal's own role may not empty the books of the demo city.
    of_the_owner = words[:1] == ["migrate"] or words[:2] == ["demo", "--reset"]
    return as_owner(environment) if of_the_owner else environment


def interactive(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a command in the person's terminal and return its exit status; Ctrl-C is for the command."""
    sys.stdout.flush()
    with subprocess.Popen(command, cwd=ROOT, env=dict(environment)) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue
            except SystemExit:
                process.terminate()
                raise
