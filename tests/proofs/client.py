"""A client that books and cancels while the portal is being killed, and keeps a diary of what it asked and was told.

A line is on the disk before a request is sent, and before an answer counts. Whoever is killed has a successor, who
reads the diary and first sends again, with the same keys, what was never answered. Standard library only: it starts
at once.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from random import Random
from threading import Lock, Thread, get_ident
from typing import Any

Request = dict[str, Any]
Send = Callable[[Request], "Told"]
HOUR = timedelta(hours=1)
ENOUGH = "enough"  # the file that says so


@dataclass(frozen=True)
class Told:
    """What came back; status 0 when nothing did."""

    status: int
    codes: tuple[str, ...] = ()
    booking: str = ""
    replayed: bool = False

    @property
    def is_final(self) -> bool:
        """Whether asking again is needless: nothing came, a fault, "too often" and "in flight" are no answers."""
        return 0 < self.status < 500 and self.status != 429 and self.codes != ("in_flight",)


@dataclass(frozen=True)
class Task:
    """What a client is to do: wishes for hours of these instruments, until there are enough of them."""

    folder: str
    name: str
    slugs: list[str]
    first: str
    slots: int
    attempts: int
    waits: bool = False  # goes on until somebody says that it is enough
    power_may_fail: bool = True  # a line that is written survives a kill without fsync
    pause: float = 0  # seconds after each
    in_order: bool = False  # one hour after the other, and nothing else: all meet at each
    port: int = 0
    token: str = ""
    user: str = ""

    def hour(self, n: int) -> tuple[str, str]:
        start = datetime.fromisoformat(self.first) + n * HOUR
        return start.isoformat(), (start + HOUR).isoformat()


@dataclass
class Diary:
    """One client's lines; a successor goes on in it."""

    file: Path
    power_may_fail: bool = True
    lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.lines = list(lines_of(self.file))
        self.out = self.file.open("ab", buffering=0)
        if self.file.stat().st_size and not self.file.read_bytes().endswith(b"\n"):
            self.out.write(b"\n")  # the predecessor was killed within a line

    def write(self, **line: Any) -> None:
        with self.lock:
            self.out.write(json.dumps({"at": time.time(), **line}).encode() + b"\n")
            if self.power_may_fail:
                os.fsync(self.out.fileno())


def lines_of(file: Path) -> Iterator[dict[str, Any]]:
    """The whole lines of a diary: one that was being written when its client was killed was not yet acted upon."""
    for line in file.read_bytes().split(b"\n")[:-1] if file.exists() else []:
        with contextlib.suppress(ValueError):
            yield json.loads(line)


class Client:
    """Asks for hours, cancels some, sends some again, some five times at once, and some keys with another body."""

    def __init__(self, task: Task, send: Send) -> None:
        self.task, self.send = task, send
        self.diary = Diary(Path(task.folder) / f"{task.name}.diary", task.power_may_fail)
        self.random = Random(f"{task.name} {len(self.diary.lines)}")
        self.asked = {line["ask"]["key"]: line["ask"] for line in self.diary.lines if "ask" in line}
        told = {line["key"] for line in self.diary.lines if line.get("final")}
        self.unanswered = [request for key, request in self.asked.items() if key not in told]
        acked = {line["key"]: line["booking"] for line in self.diary.lines if line.get("status") == 201}
        given_up = {request.get("booking") for request in self.asked.values()}
        self.mine = [booking for booking in acked.values() if booking not in given_up]
        self.booked = [self.asked[key] for key in acked]

    def live(self) -> None:
        for request in self.unanswered:
            self.ask(request)
        while not self.is_done():
            self.act()
            time.sleep(self.task.pause)

    def is_done(self) -> bool:
        waits = self.task.waits and not Path(self.task.folder, ENOUGH).exists()
        return len(self.asked) >= self.task.attempts and not waits

    def act(self) -> None:
        dice = self.random.random()
        if self.task.in_order:
            self.wish(len(self.asked) % self.task.slots)
        elif dice < 0.10 and self.mine:
            booking = self.mine.pop(self.random.randrange(len(self.mine)))
            self.ask({"key": self.fresh_key(), "act": "cancel", "booking": booking})
        elif dice < 0.13 and self.booked:
            self.ask(self.random.choice(self.booked))
        elif dice < 0.14 and self.booked:
            start, end = self.task.hour(self.task.slots + 1)
            self.ask({**self.random.choice(self.booked), "start": start, "end": end, "other": True})
        else:
            self.wish(self.random.randrange(self.task.slots), at_once=5 if dice > 0.98 else 1)

    def wish(self, hour: int, *, at_once: int = 1) -> None:
        start, end = self.task.hour(hour)
        wish = {"act": "book", "slug": self.random.choice(self.task.slugs), "start": start, "end": end}
        self.ask({"key": self.fresh_key(), **wish}, at_once=at_once)

    def fresh_key(self) -> str:
        return f"{self.task.name}-{len(self.asked)}-{self.random.getrandbits(32):08x}"

    def ask(self, request: Request, *, at_once: int = 1) -> None:
        """Send it, again and again, until there is an answer."""
        if not request.get("other"):
            self.asked[request["key"]] = request
        if at_once > 1:
            threads = [Thread(target=self._try, args=(request,)) for _ in range(at_once)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        pause = 0.02
        while not (told := self._try(request)).is_final:
            time.sleep(pause)
            pause = min(pause * 1.5, 0.5)
        if told.status == 201 and not told.replayed:
            self.mine.append(told.booking)
            self.booked.append(request)

    def _try(self, request: Request) -> Told:
        number = f"{time.monotonic_ns()} {get_ident()}"
        self.diary.write(ask=request, number=number)
        told = self.send(request)
        final = told.is_final and not request.get("other")
        self.diary.write(key=request["key"], number=number, **vars(told), final=final)
        return told


def over_http(task: Task) -> Send:
    """Asks the portal at its address; a connection a thread would be kept no longer than the portal lives."""
    headers = {"Authorization": f"Bearer {task.token}", "Content-Type": "application/json"}

    def send(request: Request) -> Told:
        connected = HTTPConnection("127.0.0.1", task.port, timeout=15)
        path, body = "/api/v1/bookings/", {"instrument": request.get("slug"), "title": request["key"]}
        if request["act"] == "cancel":
            path, body = f"{path}{request['booking']}/cancel/", {"reason": ""}
        else:
            body |= {"start": request["start"], "end": request["end"]}
        try:
            connected.request("POST", path, json.dumps(body), {**headers, "Idempotency-Key": request["key"]})
            answer = connected.getresponse()
            found = json.loads(answer.read() or b"{}")
        except (OSError, HTTPException, ValueError):
            return Told(0)
        finally:
            connected.close()
        codes = [each["code"] for each in found.get("objections", [])] or [
            found[name] for name in {"code"} & set(found)
        ]
        return Told(answer.status, tuple(codes), found.get("id", ""), answer.getheader("Idempotent-Replayed") == "true")

    return send


if __name__ == "__main__":
    given = Task(**json.loads(sys.argv[1]))
    Client(given, over_http(given)).live()
