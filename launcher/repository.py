"""What a commit must not hold: secrets, registry addresses, this machine's paths, generated files, long modules."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from launcher.places import ROOT

LONGEST_MODULE = 300
# Written in two halves, so that this file does not hold what it looks for.
ADDRESSES = (
    '"resolved": ' + '"http',
    "--index" + "-url",
    "--extra-index" + "-url",
    "registry" + " =",
    "registry" + "=",
)
# What keys of the usual kinds look like, and our own API tokens. A pattern does not match itself.
SECRETS = re.compile(
    r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[opsu]_[A-Za-z0-9]{36}|\bgithub_pat_\w{60,}"
    r"|\bglpat-[\w-]{20}|\bxox[abprs]-[\w-]{20,}|\bAIza[\w-]{35}|\bsk-[A-Za-z0-9-]{40,}|\beyJ[\w-]{20,}\.eyJ[\w-]{20,}\."
    r"|\bjishi_[A-Za-z0-9]{8}_[\w-]{43}|://[^\s/:@'\"]+:[A-Za-z0-9_-]{32,}@"
)
SETTING = re.compile(r"^(?:SECRET_KEY|FIELD_KEYS|\w+_PASSWORD|\w+_TOKEN)=\S", re.MULTILINE)
LOCK_FILES = {"uv.lock", "poetry.lock", "yarn.lock"}


def tracked_files() -> list[str]:
    """Every file that is committed or about to be, by its path in the checkout."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return sorted(name for name in set(listed.stdout.split("\0")) if name and (ROOT / name).is_file())


def complaints() -> str:
    """Every objection to the files that git knows of, a line each."""
    files = tracked_files()
    return "\n".join([*objections_to_names(files), *objections_to_texts(files, ROOT)])


def objections_to_names(files: list[str]) -> list[str]:
    """Generated files, files for secrets, and lock files that name registries."""
    found = []
    for file in files:
        if file.startswith("static/vendor/") or file.endswith(".mo"):
            found.append(f"{file}: is generated, so it is not committed")
        if Path(file).name == ".env" or file.endswith((".pem", ".key", ".p12")):
            found.append(f"{file}: is for secrets, so it is not committed")
        if Path(file).name in LOCK_FILES:
            found.append(f"{file}: holds registry addresses, so it is not committed")
    return found


def objections_to_texts(files: list[str], root: Path) -> list[str]:
    """Addresses of registries, paths of this machine, and modules that are too long."""
    found = []
    for file in files:
        try:
            text = (root / file).read_text()
        except UnicodeDecodeError:
            continue
        found += [f"{file}: {objection}" for rule in RULES if (objection := rule(file, text, root))]
    return found


def names_a_registry(file: str, text: str, _root: Path) -> str:
    """Files about packages may not say where packages come from."""
    if file.endswith((".md", ".py")):
        return ""
    return next((f"names a package registry ({word})" for word in ADDRESSES if word in text), "")


def names_this_machine(_file: str, text: str, root: Path) -> str:
    """The checkout's own place means nothing elsewhere (unless it is as short as /app)."""
    return "holds the path of this checkout" if len(root.parts) > 2 and f"{root}/" in text else ""


def holds_a_secret(file: str, text: str, _root: Path) -> str:
    """A key that was committed once is known for ever: nothing that looks like one may be here, not even an old one."""
    if Path(file).name.startswith(".env") and SETTING.search(text):
        return "gives a secret a value"
    found = SECRETS.search(text)
    return f"holds what looks like a secret, in line {text.count(chr(10), 0, found.start()) + 1}" if found else ""


def is_too_long(file: str, text: str, _root: Path) -> str:
    """A module is one page; migrations and tests may be longer."""
    parts = Path(file).parts
    if not file.endswith(".py") or "migrations" in parts or "tests" in parts:
        return ""
    lines = text.count("\n")
    return f"has {lines} lines, and {LONGEST_MODULE} is the limit" if lines > LONGEST_MODULE else ""


RULES: list[Callable[[str, str, Path], str]] = [names_a_registry, names_this_machine, holds_a_secret, is_too_long]
