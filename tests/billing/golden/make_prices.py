"""Prices worked out a second time, from the description of the domain alone: whole fen, minute by minute.

It imports nothing of the portal and was written before `billing/pricing.py` could price by rates. Run it to write the
table anew: `python tests/billing/golden/make_prices.py`. The test compares each row with what the portal says.

What a row gives
    begins            local time of the facility, `2026-11-23T09:00`
    minutes           how long
    basis             hour or day
    rate              fen a unit, VAT within
    least, step       units in hundredths: charged in any case, rounded up to (0: exactly)
    peaks             `weekdays|from|to|factor` joined by `;`
                      weekdays 0 (Monday) to 6, minutes after midnight, factor in hundredths
    operator, set_up  fen an operator's hour (0: none), fen once (0: none)
    vat               hundredths of a percent
    share             hundredths of a percent that a fund pays (0: none)
    cap, year, pool   fen: at most for this order, what is left of the year's cap and of the pool (empty: no cap)

What it expects, in fen: list (without peaks), gross, net, vat, covered, to_pay.
"""

import csv
import random
from datetime import datetime, timedelta
from pathlib import Path

HERE = Path(__file__).parent
GIVEN = [
    *("begins", "minutes", "basis", "rate", "least", "step", "peaks", "operator", "set_up"),
    *("vat", "share", "cap", "year", "pool"),
]
EXPECTED = ["list", "gross", "net", "vat_amount", "covered", "to_pay"]
UNIT = {"hour": 60, "day": 1440}  # minutes
WHOLE = 144_000  # every denominator below divides it: minutes of a day times hundredths


def half_up(numerator: int, denominator: int) -> int:
    """Nearest whole number, halves upwards; nothing here is below zero."""
    return (2 * numerator + denominator) // (2 * denominator)


def minutes_charged(minutes: int, unit: int, least: int, step: int) -> int:
    """Up to the next step, and not less than the least; both in hundredths of the unit. In hundredths of a minute."""
    hundredths = minutes * 100
    if step:
        length = step * unit
        hundredths = -(-hundredths // length) * length
    return max(hundredths, least * unit)


def peak_minutes(begins: datetime, minutes: int, peak: tuple[list[int], int, int, int]) -> int:
    """How many of the minutes lie in the window, looked at one by one."""
    days, first, last, _factor = peak
    count = 0
    for passed in range(minutes):
        now = begins + timedelta(minutes=passed)
        count += now.weekday() in days and first <= now.hour * 60 + now.minute < last
    return count


def read_peaks(text: str) -> list[tuple[list[int], int, int, int]]:
    found = []
    for each in filter(None, text.split(";")):
        days, first, last, factor = each.split("|")
        found.append(([int(day) for day in days], int(first), int(last), int(factor)))
    return found


def priced(row: dict[str, str | int]) -> dict[str, int]:
    """The whole explanation of one row, in fen."""
    begins, minutes, unit = datetime.fromisoformat(str(row["begins"])), int(row["minutes"]), UNIT[str(row["basis"])]
    rate, operator, set_up = int(row["rate"]), int(row["operator"]), int(row["set_up"])
    charged = minutes_charged(minutes, unit, int(row["least"]), int(row["step"]))
    # All in fen times WHOLE, so that nothing is rounded before the end.
    plain = rate * charged * WHOLE // (unit * 100)
    plain += operator * minutes * WHOLE // 60
    plain += set_up * WHOLE
    dearer = 0
    for peak in read_peaks(str(row["peaks"])):
        dearer += rate * peak_minutes(begins, minutes, peak) * (peak[3] - 100) * WHOLE // (unit * 100)
    gross = half_up(plain + dearer, WHOLE)
    net = half_up(gross * 10_000, 10_000 + int(row["vat"]))
    covered = 0
    if int(row["share"]):
        limits = [int(row[name]) for name in ("cap", "year", "pool") if row[name] != ""]
        covered = min([half_up(gross * int(row["share"]), 10_000), gross, *limits])
    return {
        "list": half_up(plain, WHOLE),
        "gross": gross,
        "net": net,
        "vat_amount": gross - net,
        "covered": covered,
        "to_pay": gross - covered,
    }


WORKDAYS, WEEKEND, ALL = "01234", "56", "0123456"
PEAKS = [
    "",
    f"{WORKDAYS}|540|1080|120",
    f"{WORKDAYS}|540|720|150;{WORKDAYS}|840|1080|125",
    f"{ALL}|0|480|50;{ALL}|1320|1440|50",
    f"{WEEKEND}|0|1440|133",
    f"{WORKDAYS}|540|1080|107;{WEEKEND}|480|1200|91",
]
KNOWN: list[dict[str, str | int]] = [
    # Two hours of a scanning electron microscope at 300 yuan.
    {"begins": "2026-11-23T09:00", "minutes": 120, "rate": 30_000},
    # A third of an hour at one fen: it vanishes; half an hour at one fen is one fen, by half-up.
    {"begins": "2026-11-23T09:00", "minutes": 20, "rate": 1},
    {"begins": "2026-11-23T09:00", "minutes": 30, "rate": 1},
    # Ten minutes, at least one hour; and 61 minutes rounded up to the half hour.
    {"begins": "2026-11-23T09:00", "minutes": 10, "rate": 33_333, "least": 100},
    {"begins": "2026-11-23T09:00", "minutes": 61, "rate": 33_333, "step": 50},
    # Free of charge.
    {"begins": "2026-11-23T09:00", "minutes": 600, "rate": 0, "vat": 600},
    # Half in the peak; over midnight; over a weekend.
    {"begins": "2026-11-23T08:00", "minutes": 120, "rate": 20_000, "peaks": PEAKS[1]},
    {"begins": "2026-11-23T22:00", "minutes": 600, "rate": 20_000, "peaks": PEAKS[3]},
    {"begins": "2026-11-27T20:00", "minutes": 3600, "rate": 12_345, "peaks": PEAKS[4]},
    # A fund pays 40 %, with a cap, with little left of the year, with nothing left in the pool.
    {"begins": "2026-11-23T09:00", "minutes": 240, "rate": 60_000, "vat": 600, "share": 4_000},
    {"begins": "2026-11-23T09:00", "minutes": 240, "rate": 60_000, "vat": 600, "share": 4_000, "cap": 50_000},
    {"begins": "2026-11-23T09:00", "minutes": 240, "rate": 60_000, "vat": 600, "share": 4_000, "year": 1_234},
    {"begins": "2026-11-23T09:00", "minutes": 240, "rate": 60_000, "vat": 600, "share": 4_000, "pool": 0},
    {"begins": "2026-11-23T09:00", "minutes": 240, "rate": 60_000, "vat": 100, "share": 10_000},
    # A day and a half by the day, with an operator and a set-up.
    {"begins": "2026-11-23T00:00", "minutes": 2160, "basis": "day", "rate": 150_000, "step": 100},
    {"begins": "2026-11-23T09:00", "minutes": 150, "rate": 9_999, "operator": 12_001, "set_up": 5_000, "vat": 300},
]
USUAL: dict[str, str | int] = {
    "basis": "hour",
    "least": 0,
    "step": 0,
    "peaks": "",
    "operator": 0,
    "set_up": 0,
    "vat": 0,
    "share": 0,
    "cap": "",
    "year": "",
    "pool": "",
}


def drawn(chance: random.Random) -> dict[str, str | int]:
    """A row as chance will have it; each feature in a part of the rows."""
    begins = datetime(2026, 11, 23) + timedelta(minutes=5 * chance.randrange(14 * 288))
    row = {**USUAL, "begins": begins.isoformat(timespec="minutes"), "minutes": 5 * chance.randint(1, 288)}
    row["rate"] = chance.choice(
        [chance.randint(1, 999), chance.randint(1_000, 200_000), 100 * chance.randint(1, 2_000)]
    )
    row["peaks"] = chance.choice(PEAKS)
    row["vat"] = chance.choice([0, 100, 300, 600, 1_300])
    if chance.random() < 0.3:
        row["least"], row["step"] = chance.choice([0, 50, 100, 200]), chance.choice([0, 25, 50, 100])
    if chance.random() < 0.15:
        row.update(basis="day", step=chance.choice([0, 50, 100]), least=0)
    if chance.random() < 0.3:
        row["operator"], row["set_up"] = chance.randint(1, 30_000), chance.choice([0, 3_333, 10_000])
    if chance.random() < 0.4:
        row["share"] = chance.choice([1_000, 2_500, 3_333, 5_000])
        for name in ("cap", "year", "pool"):
            if chance.random() < 0.4:
                row[name] = chance.randint(0, 80_000)
    return row


def rows() -> list[dict[str, str | int]]:
    chance = random.Random("prices of the science city")
    given = [{**USUAL, **each} for each in KNOWN] + [drawn(chance) for _ in range(284)]
    return [{**each, **priced(each)} for each in given]


if __name__ == "__main__":
    with (HERE / "prices.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, [*GIVEN, *EXPECTED], lineterminator="\n")
        table.writeheader()
        table.writerows(rows())
