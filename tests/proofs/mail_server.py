"""A mail server that can be killed: a process of its own, which keeps on the disk what it has said yes to.

Just enough of SMTP for one that sends. Standard library only: it is back at once.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import randrange
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Event, Lock, Thread

HERE = Path(__file__).parents[2]
# Of itself, at the next mail: when half of it has come, or when it is on the disk and nobody was told so.
IN_THE_MIDDLE, BEFORE_THE_ANSWER = "in the middle", "before the answer"


class Listening(ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    request_queue_size = 64

    def __init__(self, port: int, file: Path, dies: str) -> None:
        super().__init__(("127.0.0.1", port), Talk)
        self.out, self.dies, self.lock = file.open("ab", buffering=0), dies, Lock()

    def handle_error(self, *_words: object) -> None:
        """Who sends is killed too, in the middle of a word."""

    def keep(self, lines: list[bytes]) -> None:
        """A mail is one write, and on the disk before somebody hears that it was taken."""
        with self.lock:
            self.out.write(b"".join([*lines, b"\n"]))
            os.fsync(self.out.fileno())


class Talk(StreamRequestHandler):
    server: Listening

    def handle(self) -> None:
        self.say("220 here")
        while line := self.rfile.readline():
            word = line.split()[0].upper() if line.split() else b""
            if word == b"DATA":
                self.say("354 go on")
                if not self.take():
                    return
            self.say("221 bye" if word == b"QUIT" else "250 yes")
            if word == b"QUIT":
                return

    def take(self) -> bool:
        """Read a mail and keep it; False where the sender was gone before its end."""
        lines: list[bytes] = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return False
            lines.append(line)
            if self.server.dies == IN_THE_MIDDLE and len(lines) == 3:
                os.kill(os.getpid(), signal.SIGKILL)
        self.server.keep(lines)
        if self.server.dies == BEFORE_THE_ANSWER:
            os.kill(os.getpid(), signal.SIGKILL)
        return True

    def say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")


@dataclass
class MailServer:
    """The server as who starts and kills it sees it."""

    file: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    deaths: list[str] = field(default_factory=list)  # how it died, as often as it did

    @property
    def url(self) -> str:
        """What EMAIL_URL says."""
        return f"smtp://127.0.0.1:{self.port}"

    def start(self, *, dies: str = "") -> None:
        command = [sys.executable, "-m", "tests.proofs.mail_server", str(self.port), str(self.file), dies]
        self.process = subprocess.Popen(command, cwd=HERE)
        until = time.monotonic() + 20
        while not self.answers():
            assert time.monotonic() < until, "the mail server does not start"
            time.sleep(0.02)

    def answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connected:
                return connected.recv(3) == b"220"
        except OSError:
            return False

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait(timeout=10)

    def dies(self, how: str, *, patience: float) -> None:
        """Let it die of the next mail, in this way."""
        self.kill()
        self.start(dies=how)
        assert self.process
        assert self.process.wait(timeout=patience) == -signal.SIGKILL
        self.deaths.append(how)

    def ids(self) -> list[str]:
        """The Message-ID of each mail that it took, as often as it took it."""
        lines = self.file.read_text(errors="replace").splitlines() if self.file.exists() else []
        return [line.split(":", 1)[1].strip() for line in lines if line.lower().startswith("message-id:")]

    @contextmanager
    def away(self, seconds: float, *, patience: float) -> Iterator[list[float]]:
        """While the block runs it dies of a mail, stays away, comes back, and dies of another that it has kept.

        Yields how long it was away, each time; the block's end waits until it is back for good.
        """
        times: list[float] = []
        problems: list[BaseException] = []
        over = Event()

        def run() -> None:
            try:
                for how, wait in ((IN_THE_MIDDLE, seconds), (BEFORE_THE_ANSWER, 0.0)):
                    self.dies(how, patience=patience)
                    begun = time.monotonic()
                    if over.wait(wait):
                        return
                    self.start()
                    times.append(time.monotonic() - begun)
            except BaseException as problem:
                problems.append(problem)

        thread = Thread(target=run, daemon=True)
        thread.start()
        try:
            yield times
        except BaseException:
            over.set()
            raise
        thread.join(timeout=seconds + 2 * patience)
        if problems:
            raise problems[0]


@contextmanager
def mail_server(folder: Path) -> Iterator[MailServer]:
    found = MailServer(folder / "taken.mails", port_for_long())
    found.start()
    try:
        yield found
    finally:
        found.kill()


def port_for_long() -> int:
    """A port that stays ours while nobody listens: below those that connections begin at.

    From one of those, somebody who tries often enough would connect to themselves.
    """
    while True:
        port = randrange(20_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


if __name__ == "__main__":
    with Listening(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]) as listening:
        listening.serve_forever()
