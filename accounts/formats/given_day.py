"""One day of a calendar as a file gives it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from accounts.states import WORKED, YEARS
from common.errors import WrongInput

LONGEST_ZH, LONGEST_EN = 60, 80


@dataclass(frozen=True)
class GivenDay:
    """What a file says of a day; WrongInput where that makes no sense."""

    day: date
    kind: str
    follows: int | None = None
    name_zh: str = ""
    name_en: str = ""

    def __post_init__(self) -> None:
        if self.day.year not in YEARS:
            raise WrongInput("day", "out_of_range", _("The day is out of range."))
        if self.follows is not None and self.kind not in WORKED:
            raise WrongInput("follows", "not_worked", _("Only a day that is worked follows another weekday."))
        if len(self.name_zh) > LONGEST_ZH or len(self.name_en) > LONGEST_EN:
            raise WrongInput("name", "too_long", _("The name is too long."))
