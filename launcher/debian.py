"""What a bare Debian lacks: installed when we are root, else named in a line to copy."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from launcher.speech import last_lines, say

INSTALL = ("apt-get", "-o", "DPkg::Lock::Timeout=300", "-y", "--no-install-recommends", "install")


def line_to_install(packages: Sequence[str]) -> str:
    """The line that a person has to run."""
    sudo = "" if os.geteuid() == 0 else "sudo "
    return f"{sudo}apt-get install {' '.join(packages)}"


def install(packages: Sequence[str], *, why: str) -> bool:
    """Install Debian packages as root; otherwise, or when it fails, print the line to run and return False."""
    if not packages:
        return True
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        say(f"Missing {why}: run `{line_to_install(packages)}`.")
        return False
    say(f"Installing {why} ({', '.join(packages)}) with apt-get …")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (("apt-get", "-o", "DPkg::Lock::Timeout=300", "-qq", "update"), (*INSTALL, *packages)):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        say(f"apt-get did not succeed:\n{last_lines(done.stdout + done.stderr, 8)}")
        say(f"Missing {why}: run `{line_to_install(packages)}`.")
    return done.returncode == 0


def browser() -> str | None:
    """The browser for the tests: $CHROMIUM, else Debian's, else Google's."""
    for name in (os.environ.get("CHROMIUM"), "chromium", "google-chrome"):
        found = shutil.which(name) if name else None
        if found:
            return found
    return None


def missing_for_tests() -> list[str]:
    """The Debian packages that the tests want and that are not here."""
    wanted = []
    if browser() is None:
        wanted.append("chromium")
    if not Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc").exists() and not _has_chinese_font():
        wanted.append("fonts-wqy-microhei")
    if not shutil.which("xgettext") or not shutil.which("msgfmt"):
        wanted.append("gettext")
    return wanted


def _has_chinese_font() -> bool:
    if not shutil.which("fc-list"):
        return False
    listed = subprocess.run(["fc-list", ":lang=zh-cn", "family"], capture_output=True, text=True, check=False)
    return bool(listed.stdout.strip())
