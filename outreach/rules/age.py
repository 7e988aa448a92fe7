"""How old a child is on a day."""

from __future__ import annotations

from datetime import date

CONSENT_OF_ITS_OWN_UNTIL = 14  # below it a child's data are sensitive: PIPL (个人信息保护法) articles 28 and 31


def age_on(day: date, born: date) -> int:
    """Whole years lived on `day`.

    Who was born on 29 February is a year older on 1 March of a year without that day: the period ends with the last
    day of the month (Civil Code, 民法典 article 202).
    """
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
