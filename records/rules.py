"""How long things are kept, in one table: beat's tasks ask it, the privacy page and docs/privacy.md show it.

A clock without a length is one that somebody else winds: the programme, the law, whoever runs the portal.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DAY = timedelta(days=1)
YEAR = 365 * DAY

PIPL_19 = "《个人信息保护法》19"
PIPL_47 = "《个人信息保护法》47"
PIPL_56 = "《个人信息保护法》56"
ACCOUNTING = "《会计档案管理办法》14"
CYBERSECURITY = "《网络安全法》（网络日志）"


@dataclass(frozen=True)
class Clock:
    """What is kept, how long (`words` where it is no fixed length), why, by which rule, and which task ends it."""

    what: str | Promise
    kept: timedelta | None
    why: str | Promise
    basis: str
    task: str = ""
    words: str | Promise = ""


SHORTEST = _("no longer than it is needed")

RETENTION = {
    "sign_in_failures": Clock(
        _("wrong passwords, counted while the cache is away"), timedelta(minutes=1),
        _("against guessing"), PIPL_19, "accounts.forget_old_failures",
    ),
    "sessions": Clock(
        _("sessions that are over"), timedelta(0), SHORTEST, PIPL_19, "accounts.forget_old_sessions",
        _("until they are over: at most 31 days after they were last used"),
    ),
    "contact_codes": Clock(
        _("codes that were sent to prove a contact"), DAY,
        _("so that a firm can hand in what a code has proven"), PIPL_19, "accounts.forget_old_codes",
    ),
    "idempotency_keys": Clock(
        _("answers for idempotency keys"), timedelta(hours=72), _("so that a retry does nothing twice"), PIPL_19,
        "records.forget_old_keys",
    ),
    "jobs": Clock(
        _("long work that has ended, and its files"), 30 * DAY, _("so that its owner finds it again"), PIPL_19,
        "records.forget_old_jobs",
    ),
    "files_without_rows": Clock(
        _("files that belong to nothing"), DAY, _("what a crash leaves behind"), PIPL_19, "records.sweep_files"
    ),
    "events": Clock(
        _("events for programs, and the log of their calls"), 30 * DAY, _("so that a program can catch up"), PIPL_19,
        "notifications.forget_old_events",
    ),
    "notices": Clock(
        _("notices behind the bell"), YEAR, _("so that one can look up what one was told"), PIPL_19,
        "notifications.forget_old_told",
    ),
    "mails": Clock(
        _("mails that were sent or given up"), 180 * DAY, _("to show that somebody was told"), PIPL_19,
        "notifications.forget_old_told",
    ),
    "text_messages": Clock(
        _("text messages"), 30 * DAY, _("to find out why one did not come"), PIPL_19,
        "notifications.forget_old_told",
    ),
    "imports": Clock(
        _("uploaded tables of instruments"), 90 * DAY, _("so that wrong rows can be corrected"), PIPL_19,
        "instruments.forget_old_imports",
    ),
    "children": Clock(
        _("children's data, and health"), None, _("for safety during the session, and claims after it"),
        "《个人信息保护法》28、31；《未成年人网络保护条例》", "outreach.erase_due",
        _("as many days after the session as its programme says before anybody enrols"),
    ),
    "idle_children": Clock(
        _("a child that is in no session"), 90 * DAY, SHORTEST, "《个人信息保护法》28、31", "outreach.erase_due"
    ),
    "keys_of_children": Clock(
        _("keys of children who never came to be"), DAY, _("what a crash leaves behind"), PIPL_47, "outreach.erase_due"
    ),
    "exports": Clock(
        _("a copy of one's data that somebody asked for"), 7 * DAY, _("so that they can fetch it"),
        "《个人信息保护法》45", "privacy.forget_old_exports",
    ),
    "cooling_off": Clock(
        _("an account that is to be erased, before it is"), 14 * DAY, _("so that a mistake can be taken back"), PIPL_47,
        "privacy.begin_due_erasures",
    ),
    "accesses": Clock(
        _("who looked at sealed data or fetched a copy"), 3 * YEAR, _("records of handling must be kept"), PIPL_56,
        "records.forget_old_accesses",
    ),
    "acceptances": Clock(
        _("which version of the terms somebody accepted"), None, _("proof"), "《个人信息保护法》14", "",
        _("as long as the account's id"),
    ),
    "books": Clock(
        _("ledger, invoices, payments, tax invoices"), None, _("accounting records"), ACCOUNTING, "",
        _("30 years; the portal deletes none, and they name ids"),
    ),
    "histories": Clock(
        _("who changed a booking, an order, an instrument"), None, _("evidence in a dispute"), "《民法典》188", "",
        _("as long as the thing itself; words and contacts go when a person is erased"),
    ),
    "logs": Clock(
        _("log lines of the portal: names of views, ids of requests, no addresses"), None,
        _("to find out about attacks"), CYBERSECURITY, "", _("at least six months, by whoever runs the portal"),
    ),
    "backups": Clock(
        _("backups; those of the keys apart"), None, _("against loss"), PIPL_47, "",
        _("by whoever runs the portal; copies of the keys at most a month"),
    ),
}  # fmt: skip


def kept_for(name: str) -> timedelta:
    """How long; raises KeyError for a name that is not in the table, ValueError for one without a fixed length."""
    kept = RETENTION[name].kept
    if kept is None:
        raise ValueError(name)
    return kept
