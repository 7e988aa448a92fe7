"""Processes of our own: started in a session each, noted in a file, recognised again, ended with their children."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from launcher.places import ROOT
from launcher.speech import Stop, last_lines, spelled

LOG_LIMIT = 10_000_000
POLL = 0.05


def birth_of(pid: int) -> str | None:
    """When a process started, as the system tells it; None when there is none (a zombie counts as none)."""
    stat = Path(f"/proc/{pid}/stat")
    if stat.parent.parent.joinpath("self").exists():
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] in "ZX" else fields[19]
    answer = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return answer.stdout.strip() or None


def noted_process(note: Path) -> int | None:
    """The process that a note names, if it still runs and is the very one (a pid is used again by others)."""
    try:
        written = json.loads(note.read_text())
        pid, birth = int(written["pid"]), written["birth"]
    except (OSError, ValueError, KeyError):
        return None
    return pid if birth_of(pid) == birth else None


def write_note(note: Path, pid: int) -> None:
    """Note which process runs a program, in a way that a later start can check."""
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(json.dumps({"pid": pid, "birth": birth_of(pid)}))


def kill_group(pid: int) -> None:
    """Kill whatever is left of the session that a process leads."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def end_noted(note: Path, *, stop_signal: signal.Signals, patience: float) -> bool:
    """End the process of a note and its children, politely first; False when none was running."""
    pid = noted_process(note)
    if pid is None:
        note.unlink(missing_ok=True)
        return False
    try:
        os.kill(pid, stop_signal)
    except PermissionError as problem:
        raise Stop(f"Process {pid} belongs to another user: stop it as that user.") from problem
    deadline = time.monotonic() + patience
    while noted_process(note) and time.monotonic() < deadline:
        time.sleep(POLL)
    kill_group(pid)
    note.unlink(missing_ok=True)
    return True


@dataclass
class Service:
    """A program that runs as long as the portal does."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    note: Path
    stop_signal: signal.Signals = signal.SIGTERM
    patience: float = 20
    run_as: int | None = None
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start it in a session of its own, so that Ctrl-C reaches the launcher alone."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=self.run_as,
                group=self.run_as,
                extra_groups=None if self.run_as is None else [],
            )
        write_note(self.note, self.process.pid)

    def how_it_ended(self) -> str | None:
        """None while it runs; else in words how it ended."""
        if self.process is None:
            return "was not started"
        code = self.process.poll()
        if code is None:
            return None
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"

    def clear_remains(self) -> None:
        """Kill the children that a dead program left behind."""
        if self.process is not None:
            kill_group(self.process.pid)

    def stop(self) -> None:
        """Ask it to end, wait, and kill what does not; nothing of it runs afterwards."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(self.stop_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(self.patience)
        self.clear_remains()
        self.process.wait()
        self.note.unlink(missing_ok=True)

    def last_words(self) -> str:
        """The end of its log."""
        return last_lines(self.log.read_text(errors="replace")[-5000:], 12) if self.log.exists() else ""


def run(
    command: Sequence[str], *, what: str, environment: Mapping[str, str] | None = None, as_user: int | None = None
) -> str:
    """Run a command to its end and return what it printed, or stop with the end of what it said."""
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            user=as_user,
            group=as_user,
            check=False,
        )
    except OSError as problem:
        raise Stop(f"{what} failed: {command[0]} cannot be run ({problem.strerror}).") from problem
    if done.returncode:
        raise Stop(f"{what} failed. The end of what `{spelled(command)}` said:\n{last_lines(done.stdout)}")
    return done.stdout
