"""What the launcher says to the person who started it."""

import errno
import os
import sys
from collections.abc import Sequence


class Stop(Exception):  # noqa: N818  (it stops the command; it is not a defect)
    """The command cannot go on, for a reason that one sentence tells the person who started it."""


FULL = {errno.ENOSPC, errno.EDQUOT}
NO_ROOM = "There is no room left on the disk ({what}). What was there is as it was: make room, and say it again."


def say(sentence: str) -> None:
    """Print a sentence at once, also where the output is a pipe; a reader who has gone is no reason to fail."""
    try:
        print(sentence, flush=True)
    except OSError:
        sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115


def last_lines(text: str, count: int = 20) -> str:
    """The end of a program's output, indented so that it reads as a quotation."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return "\n".join(f"    {line}" for line in lines[-count:])


def spelled(command: Sequence[str]) -> str:
    """A command as a person would type it."""
    return " ".join(f"'{word}'" if " " in word else word for word in command)
