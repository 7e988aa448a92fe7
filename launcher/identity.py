"""Who runs PostgreSQL: it refuses root, so root becomes somebody else for it."""

import functools
import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from launcher.speech import Stop

NOBODY = 65534


@dataclass(frozen=True)
class Identity:
    """How a program is started so that it does not see itself as root."""

    prefix: tuple[str, ...] = ()
    run_as: int | None = None
    owner: int | None = None

    def wrapped(self, command: Sequence[str]) -> list[str]:
        """The command as this identity runs it."""
        return [*self.prefix, *command]

    def give(self, path: Path) -> None:
        """Make this identity the owner of a file, or of a folder with all that is in it."""
        if self.owner is None or path.stat().st_uid == self.owner:
            return
        for within in [path, *path.rglob("*")]:
            os.chown(within, self.owner, self.owner, follow_symlinks=False)


def identity_for(data: Path, programs: Path) -> Identity:
    """Ourselves as an ordinary user; as root a user namespace, or else the user nobody."""
    if os.geteuid() != 0:
        return Identity()
    prefix = user_namespace()
    if prefix:
        return Identity(prefix=prefix, owner=os.geteuid())
    for place in (data, programs):
        if not _nobody_may_enter(place):
            raise Stop(
                f"PostgreSQL refuses to run as root, and the user nobody may not enter {place}: "
                "move the portal to a folder that everybody may enter (such as /srv), or run it as an ordinary user."
            )
    return Identity(run_as=NOBODY, owner=NOBODY)


@functools.cache
def user_namespace() -> tuple[str, ...]:
    """The words that start a program in a user namespace of its own, or none where the system forbids it."""
    if not shutil.which("unshare"):
        return ()
    # initdb looks its user up by name, so it has to be one that exists.
    user = next((user.pw_uid for user in pwd.getpwall() if user.pw_uid not in (0, NOBODY)), NOBODY)
    prefix = ("unshare", "--user", f"--map-user={user}", f"--map-group={user}", "--")
    works = subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0
    return prefix if works else ()


def _nobody_may_enter(folder: Path) -> bool:
    tried = subprocess.run(
        ["sh", "-c", 'cd "$1"', "sh", str(folder)],
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        capture_output=True,
        check=False,
    )
    return tried.returncode == 0
