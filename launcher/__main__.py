"""The commands of ./portal."""

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from types import FrameType

from launcher import backup, development, drill, restore, up
from launcher.places import data_folder, named_path
from launcher.speech import FULL, NO_ROOM, Stop

PASSED_ON = {"test", "manage", "prove"}


def commands() -> argparse.ArgumentParser:
    """What ./portal understands."""
    parser = argparse.ArgumentParser(prog="./portal", description="Runs, tests and checks the portal.")
    subcommands = parser.add_subparsers(dest="command", required=True, metavar="command")
    running = subcommands.add_parser("up", help="set everything up and run the portal until Ctrl-C")
    running.add_argument("--port", type=int, default=8000, help="the port to listen on (default: 8000)")
    running.add_argument(
        "--demo", action="store_true", help="load the demo city into a database given by DATABASE_URL too"
    )
    stopping = subcommands.add_parser("stop", help="stop a running portal, or what a killed one left behind")
    subcommands.add_parser("test", help="run the tests (arguments go to pytest)", add_help=False)
    subcommands.add_parser("check", help="run every static check")
    subcommands.add_parser("prove", help="run the long proofs and benchmarks, all or the named ones")
    managing = subcommands.add_parser("manage", help="run a command of Django's manage.py", add_help=False)
    demo = subcommands.add_parser("demo", help="work on the demo city")
    demo.add_argument("--reset", action="store_true", help="load the demo city anew")
    demo.add_argument("--tokens", action="store_true", help="print API tokens of the demo accounts")
    backing_up = subcommands.add_parser("backup", help="back up the database and the stored files into one file")
    backing_up.add_argument("--to", metavar="DIR", help="the folder for it (default: backups in the data folder)")
    restoring = subcommands.add_parser("restore", help="restore a backup; the portal must not be running")
    restoring.add_argument("file", metavar="FILE")
    restoring.add_argument("--replace", metavar="NAME", help="the database whose contents may be lost")
    drilling = subcommands.add_parser("drill", help="restore a backup onto an empty server and prove it")
    drilling.add_argument("file", metavar="FILE", nargs="?", help="the backup (default: one is made)")
    subcommands.add_parser("assets", help="install packages and build front-end and static files only (for an image)")
    for command in (running, stopping, managing, demo, backing_up, restoring, drilling):
        command.add_argument("--data", metavar="DIR", help="the portal's data folder (default: .data)")
    return parser


def main(words: Sequence[str]) -> int:
    """Run one command and return its exit status."""
    own, rest = split(words)
    return run(commands().parse_args(own), rest)


def split(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Our own words, and those for the program behind a command: all that follow it (and `--data DIR`)."""
    if not words or words[0] not in PASSED_ON:
        return list(words), []
    own = 3 if words[1:2] == ["--data"] and words[0] == "manage" else 1
    return list(words[:own]), list(words[own:])


def run(given: argparse.Namespace, rest: Sequence[str]) -> int:
    """Run the command that was given; `rest` is for the program behind it."""
    data = data_folder(getattr(given, "data", None))
    demo_words = ["demo", *(f"--{flag}" for flag in ("reset", "tokens") if getattr(given, flag, False))]
    run_command: dict[str, Callable[[], int]] = {
        "up": lambda: up.up(data, port=given.port, demo=given.demo),
        "stop": lambda: up.stop(data),
        "test": lambda: development.test(rest),
        "check": development.check,
        "prove": lambda: development.prove(rest),
        "manage": lambda: development.manage(data, rest),
        "demo": lambda: development.manage(data, demo_words),
        "assets": development.assets,
        "backup": lambda: backup.backup(data, to=named_path(given.to)),
        "restore": lambda: restore.restore(data, named_path(given.file) or data.path, replace=given.replace),
        "drill": lambda: drill.drill(data, named_path(given.file)),
    }
    return run_command[given.command]()


def end_on_sigterm(_number: int, _frame: FrameType | None) -> None:
    """Leave through every `finally`, so that no server stays behind."""
    sys.exit(128 + signal.SIGTERM)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, end_on_sigterm)
    try:
        sys.exit(main(sys.argv[1:]))
    except Stop as reason:
        sys.exit(str(reason))
    except OSError as problem:
        if problem.errno not in FULL:
            raise
        sys.exit(NO_ROOM.format(what=problem.filename or problem.strerror))
    except KeyboardInterrupt:
        sys.exit("\nStopped.")
