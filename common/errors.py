"""Why something cannot be done, as data: a code for programs, a sentence for people, the rule's values."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.functional import Promise


@dataclasses.dataclass(frozen=True)
class Refusal:
    """One reason. `code` never changes; `detail` is a translated sentence; `values` are the rule's own figures."""

    code: str
    detail: str | Promise
    field: str = ""
    values: dict[str, Any] = dataclasses.field(default_factory=dict)


class Refused(Exception):
    """What was asked breaks the rules in `refusals`; nothing was written. Answered with 409.

    `extra` goes into the answer beside the objections (for example `alternatives`). What of it is a function is asked
    when the answer is written: then the transaction is over, and nobody waits for its locks.
    """

    def __init__(self, refusals: Sequence[Refusal], **extra: Any) -> None:
        super().__init__(", ".join(refusal.code for refusal in refusals))
        self.refusals = list(refusals)
        self._extra = extra

    @cached_property
    def extra(self) -> dict[str, Any]:
        return {name: value() if callable(value) else value for name, value in self._extra.items()}


class NotAllowed(PermissionDenied):
    """The caller sees it and may not do it. Answered with 403, on pages too."""

    def __init__(self, detail: str | Promise) -> None:
        super().__init__(detail)
        self.detail = detail


class WrongInput(Exception):
    """The input has the wrong shape in `field`. Answered with 400."""

    def __init__(self, field: str, code: str, detail: str | Promise) -> None:
        super().__init__(f"{field}: {code}")
        self.field, self.code, self.detail = field, code, detail


class InFlight(Exception):
    """A request with the same idempotency key is being worked on. Answered with 409."""


class OtherBody(Exception):
    """An idempotency key was used before for another request. Answered with 422."""


class PreconditionRequired(Exception):
    """A change must say which version it changes (`If-Match`). Answered with 428."""


class PreconditionFailed(Exception):
    """Somebody else has changed it meanwhile. Answered with 412."""


def refuse_if(refusals: Sequence[Refusal], **extra: Any) -> None:
    """Raise `Refused` with every reason, if there is one."""
    if refusals:
        raise Refused(refusals, **extra)
