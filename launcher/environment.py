"""The virtual environment and its packages."""

import contextlib
import fcntl
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator

from launcher import debian
from launcher.places import DEFAULT_DATA, ROOT, VENV, VENV_PYTHON
from launcher.processes import run
from launcher.speech import Stop, say
from launcher.stamps import STAMPS, digest_of_contents, is_current, remember

REQUIREMENTS = ROOT / "requirements"
PIP = (str(VENV_PYTHON), "-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--require-hashes")


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Let one launcher at a time set this checkout up."""
    try:
        DEFAULT_DATA.mkdir(parents=True, exist_ok=True)
        lock_file = (DEFAULT_DATA / "setup.lock").open("w")
    except OSError as problem:
        raise Stop(
            f"The portal's folder {ROOT} cannot be written to ({problem.strerror}): use a copy of your own."
        ) from problem
    with lock_file as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another ./portal to finish its set-up …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def provide_packages(kind: str) -> None:
    """Make the virtual environment hold the packages of requirements/<kind>.txt (`prod` or `dev`)."""
    provide_venv()
    both = digest_of_contents([REQUIREMENTS / "prod.txt", REQUIREMENTS / "dev.txt"])
    if is_current(STAMPS / "dev", both):
        return
    stamp, digest = STAMPS / kind, both if kind == "dev" else digest_of_contents([REQUIREMENTS / "prod.txt"])
    if is_current(stamp, digest):
        return
    say(f"Installing the Python packages of requirements/{kind}.txt (about half a minute) …")
    (STAMPS / "dev").unlink(missing_ok=True)
    # --no-deps: the list is complete, so pip need not look for more.
    run([*PIP, "--no-deps", "-r", str(REQUIREMENTS / f"{kind}.txt")], what="Installing the Python packages")
    remember(stamp, digest)


def provide_one_package(name: str) -> None:
    """Install a single package of requirements/dev.txt, with the hashes that are written there."""
    found = re.search(rf"^{re.escape(name)}==.*(?:\n +--hash.*)*", (REQUIREMENTS / "dev.txt").read_text(), re.MULTILINE)
    if found is None:
        raise Stop(f"{name} is not in requirements/dev.txt.")
    single = STAMPS / f"{name}.txt"
    remember(single, found[0] + "\n")
    run([*PIP, "--no-deps", "-r", str(single)], what=f"Installing {name}")


def provide_venv() -> None:
    """Make .venv, anew if its Python is gone or too old."""
    if _venv_works():
        return
    say("Creating the virtual environment .venv …")
    shutil.rmtree(VENV, ignore_errors=True)
    if not _has_ensurepip() and not debian.install(["python3-venv"], why="the module that makes virtual environments"):
        raise Stop(f"This Python cannot make virtual environments: run `{debian.line_to_install(['python3-venv'])}`.")
    run([sys.executable, "-m", "venv", str(VENV)], what="Creating the virtual environment")


def _venv_works() -> bool:
    asked = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    try:
        return subprocess.run([VENV_PYTHON, "-c", asked], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _has_ensurepip() -> bool:
    asked = subprocess.run([sys.executable, "-c", "import ensurepip"], capture_output=True, check=False)
    return asked.returncode == 0


def tool(name: str) -> str:
    """The path of a program that a package put into the virtual environment."""
    return str(VENV / "bin" / name)
