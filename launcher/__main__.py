"""The commands of ./portal."""

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from types import FrameType

from launcher import development, up
from launcher.places import data_folder
from launcher.speech import Stop

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
    subcommands.add_parser("assets", help="install packages and build front-end and static files only (for an image)")
    for command in (running, stopping, managing, demo):
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
    except KeyboardInterrupt:
        sys.exit("\nStopped.")
