"""What the clients wrote down, against what lies in the database: nothing here asks the portal."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.proofs.client import lines_of

# Refusals that a claim of somebody explains.
OF_TIME = "slot_taken"


@dataclass
class Try:
    """One sending of a request: when, and what came when."""

    sent: float
    got: float | None = None
    status: int = 0
    codes: tuple[str, ...] = ()
    booking: str = ""

    @property
    def is_answered(self) -> bool:
        return 0 < self.status < 500 and self.status != 429 and self.codes != ("in_flight",)


@dataclass
class Wish:
    """A request and all its sendings, under one key."""

    key: str
    act: str
    slug: str = ""
    start: float = 0
    end: float = 0
    booking: str = ""
    tries: list[Try] = field(default_factory=list)
    misuses: list[Try] = field(default_factory=list)

    def answers(self, *statuses: int) -> list[Try]:
        return [each for each in self.tries if each.status in statuses]

    @property
    def is_answered(self) -> bool:
        return any(each.is_answered for each in self.tries)


@dataclass(frozen=True)
class Kept:
    """A booking as it lies in the database, with its claims as (start, end)."""

    pk: str
    key: str
    slug: str
    start: float
    end: float
    state: str
    created: float
    claims: tuple[tuple[float, float], ...]

    @property
    def holds(self) -> bool:
        return self.state == "confirmed"


def wishes_in(folder: Path) -> list[Wish]:
    """All requests of all diaries."""
    found: list[Wish] = []
    for file in sorted(folder.glob("*.diary")):
        found += wishes_of(lines_of(file))
    return found


def wishes_of(lines: Iterable[dict[str, Any]]) -> list[Wish]:
    """The requests of one diary, each with its sendings and what came back."""
    wishes: dict[str, Wish] = {}
    tries: dict[str, Try] = {}
    for line in lines:
        if ask := line.get("ask"):
            wish = wishes.setdefault(ask["key"], _wish_of(ask))
            sent = tries[line["number"]] = Try(line["at"])
            (wish.misuses if ask.get("other") else wish.tries).append(sent)
        else:
            told = tries[line["number"]]
            told.got, told.status = line["at"], line["status"]
            told.codes, told.booking = tuple(line["codes"]), line["booking"]
    return list(wishes.values())


def _wish_of(ask: dict[str, Any]) -> Wish:
    wish = Wish(ask["key"], ask["act"], ask.get("slug", ""), booking=ask.get("booking", ""))
    if "start" in ask:
        wish.start, wish.end = (datetime.fromisoformat(ask[name]).timestamp() for name in ("start", "end"))
    return wish


def judge(wishes: list[Wish], kept: list[Kept]) -> dict[str, list[str]]:
    """Everything that is wrong, by kind; empty lists when nothing is."""
    by_id, by_key = {each.pk: each for each in kept}, defaultdict(list)
    for each in kept:
        by_key[each.key].append(each)
    books = [wish for wish in wishes if wish.act == "book"]
    cancelled = {wish.booking for wish in wishes if wish.act == "cancel"}
    return {
        "overlapping claims": overlaps(kept),
        "acknowledged and lost": [each for wish in books for each in _lost(wish, by_id, cancelled)],
        "acknowledged cancellations lost": _not_cancelled(wishes, by_id),
        "bookings that nobody asked for": sorted(set(by_key) - {wish.key for wish in books}),
        "keys with two bookings": [key for key, found in by_key.items() if len(found) > 1],
        "keys with two answers": [wish.key for wish in books if len({t.booking for t in wish.answers(201)}) > 1],
        "refused and booked": [w.key for w in books if w.key in by_key and not w.answers(201)],
        "requests without an answer": [wish.key for wish in wishes if not wish.is_answered],
        "keys misused and not refused": [w.key for w in wishes for t in w.misuses if t.is_answered and t.status != 422],
        "bookings and claims that disagree": [each.pk for each in kept if not _agrees(each)],
        "refusals that nothing explains": unexplained(wishes, kept),
    }


@dataclass(frozen=True)
class Heard:
    """What people and programs heard: rows of mails, mails that arrived, events that can be pulled."""

    mails: list[str]  # the key of each row
    about: list[str]  # the booking that each "it is confirmed" is about
    arrived: list[str]  # the Message-ID of each, as often as it did
    events: list[tuple[str, str]]  # (type, booking)


def judge_heard(kept: list[Kept], heard: Heard) -> dict[str, list[str]]:
    """Everything that is wrong with what people and programs heard, by kind."""
    arrived, happened = set(heard.arrived), {("booking.confirmed", each.pk) for each in kept}
    happened |= {(f"booking.{each.state}", each.pk) for each in kept}
    return {
        "mails lost": [pk for pk in heard.mails if f"<{pk}@jishi>" not in arrived],
        "bookings that nobody was told of": untold(kept, heard.about),
        "bookings told of twice": [pk for pk, count in Counter(heard.about).items() if count > 1],
        "events that changes/ does not have": [f"{kind} {pk}" for kind, pk in sorted(happened - set(heard.events))],
    }


def untold(kept: list[Kept], about: Iterable[str]) -> list[str]:
    """Bookings whose people were not told. A cancellation takes back what has not left yet."""
    told = set(about)
    return [each.pk for each in kept if each.holds and each.pk not in told]


def overlaps(kept: list[Kept]) -> list[str]:
    """Claims on one instrument of which the later begins before the earlier ends."""
    by_slug: dict[str, list[tuple[float, float, str]]] = defaultdict(list)
    for each in kept:
        by_slug[each.slug] += [(start, end, each.pk) for start, end in each.claims]
    found = []
    for claims in by_slug.values():
        latest, whose = float("-inf"), ""
        for start, end, pk in sorted(claims):
            if start < latest:
                found.append(f"{whose} and {pk}")
            if end > latest:
                latest, whose = end, pk
    return found


def _lost(wish: Wish, by_id: dict[str, Kept], cancelled: set[str]) -> list[str]:
    """A booking that a client holds a 201 for, and that is not there, or not as it was asked for."""
    found = []
    for told in wish.answers(201)[:1]:
        row = by_id.get(told.booking)
        is_there = row is not None and (row.slug, row.start, row.end) == (wish.slug, wish.start, wish.end)
        if not is_there or (row and not row.holds and row.pk not in cancelled):
            found.append(f"{wish.key} → {told.booking}")
    return found


def _not_cancelled(wishes: list[Wish], by_id: dict[str, Kept]) -> list[str]:
    acked = [wish.booking for wish in wishes if wish.act == "cancel" and wish.answers(200)]
    return [pk for pk in acked if pk not in by_id or by_id[pk].holds]


def _agrees(row: Kept) -> bool:
    return row.claims == (((row.start, row.end),) if row.holds else ())


def unexplained(wishes: list[Wish], kept: list[Kept]) -> list[str]:
    """Answers "taken" for which no booking of that time lived between sending and answer."""
    gone: dict[str, float] = {}
    for wish in wishes:
        if wish.act == "cancel" and (acked := wish.answers(200)):
            gone[wish.booking] = min(each.got or float("inf") for each in acked)
    lives: dict[tuple[str, float], list[tuple[float, float]]] = defaultdict(list)
    for each in kept:
        lives[each.slug, each.start].append((each.created, gone.get(each.pk, float("inf"))))
    found = []
    for wish in wishes:
        for told in wish.answers(409) if wish.act == "book" else []:
            if told.codes == ("in_flight",):
                continue
            until = told.got or float("inf")
            is_explained = any(born <= until and died >= told.sent for born, died in lives[wish.slug, wish.start])
            if OF_TIME not in told.codes or not is_explained:
                found.append(f"{wish.key}: {', '.join(told.codes)}")
    return found
