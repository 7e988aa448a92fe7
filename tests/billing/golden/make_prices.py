"""Write prices.csv: bookings and the prices expected for them, worked out in whole numbers only.

Made by somebody who had read what the domain says of money and nothing of `billing/pricing`; it imports nothing of the
portal. `python tests/billing/golden/make_prices.py` writes the table anew.

Given:
    begins            local time of the facility, to the minute
    minutes           how long the instrument is booked
    basis             hour or day (24 hours): the unit of the rate
    rate              fen per unit, VAT within
    least, step       hundredths of a unit: rounded up to a multiple of step (0: exact), then at least `least`
    peaks             weekdays|from|to|factor joined by ; - 0 is Monday, minutes after midnight (to is the first
                      minute outside), factor in hundredths
    operator, set_up  fen for an operator's hour (by the exact minutes), fen once; 0: none
    vat               hundredths of a percent
    share             hundredths of a percent that a fund pays
    cap, year, pool   fen: at most for this order, left of the payer's year, left in the pool; empty: no cap

Expected, in fen:
    list              all parts without peak factors, rounded once, half-up
    gross             all parts with peak factors on the main rate, rounded once, half-up
    net               gross without VAT, half-up
    vat_amount        gross - net
    covered           share of gross, half-up, at most gross and each cap, never below 0
    to_pay            gross - covered
"""

import csv
import itertools
import random
from datetime import datetime, timedelta
from pathlib import Path

GIVEN = [
    *("begins", "minutes", "basis", "rate", "least", "step", "peaks", "operator", "set_up"),
    *("vat", "share", "cap", "year", "pool"),
]
EXPECTED = ["list", "gross", "net", "vat_amount", "covered", "to_pay"]
UNIT = {"hour": 60, "day": 1440}
OFFICE, NIGHT = "01234|540|1020|150", "0123456|0|360|50;0123456|1320|1440|50"

HAND = f"""
2026-11-23T09:00,60,hour,10000,0,0,,0,0,600,0,,,
2026-11-23T09:00,1,hour,10000,0,0,,0,0,600,0,,,
2026-11-23T09:00,30,hour,1,0,0,,0,0,0,0,,,
2026-11-23T09:00,30,hour,5,0,0,,0,0,0,0,,,
2026-11-23T09:00,30,hour,1,0,0,,1,0,0,0,,,
2026-11-23T09:00,20,hour,1,0,0,,1,7,600,0,,,
2026-11-23T09:00,60,hour,0,0,0,,0,0,600,5000,,,
2026-11-23T09:00,60,hour,0,100,50,,3000,500,600,0,,,
2026-11-23T09:00,60,hour,6000,0,50,,0,0,600,0,,,
2026-11-23T09:00,61,hour,6000,0,50,,0,0,600,0,,,
2026-11-23T09:00,20,hour,6000,0,33,,0,0,600,0,,,
2026-11-23T09:00,15,hour,6000,100,0,,0,0,600,0,,,
2026-11-23T09:00,15,hour,6000,125,50,,0,0,600,0,,,
2026-11-23T09:00,76,hour,6000,125,50,,0,0,600,0,,,
2026-11-23T09:00,15,hour,6000,100,50,,6000,1000,600,0,,,
2026-11-23T09:00,1441,day,100000,0,100,,0,0,600,0,,,
2026-11-23T09:00,1440,day,100000,0,100,,0,0,600,0,,,
2026-11-23T09:00,721,day,100000,50,0,,0,0,600,0,,,
2026-11-23T09:00,240,day,100000,50,25,{OFFICE},12000,0,600,0,,,
2026-11-23T08:00,120,hour,6000,0,0,{OFFICE},0,0,600,0,,,
2026-11-23T17:00,60,hour,6000,0,0,{OFFICE},0,0,600,0,,,
2026-11-23T16:59,2,hour,6000,0,0,{OFFICE},0,0,600,0,,,
2026-11-27T16:00,4080,hour,6000,0,0,{OFFICE},0,0,600,0,,,
2026-11-23T00:00,10080,day,100000,0,100,{OFFICE},6000,2000,600,3000,,,
2026-11-29T23:00,120,hour,6000,0,0,0|0|60|200,0,0,600,0,,,
2026-11-29T23:00,120,hour,6000,0,0,6|1380|1440|200;0|0|60|50,0,0,600,0,,,
2026-11-23T11:30,60,hour,6000,0,0,0|540|720|150;0|720|840|75,0,0,600,0,,,
2026-11-23T21:15,600,hour,9999,0,25,{NIGHT},4321,1234,600,3333,,,
2026-12-31T22:00,300,hour,6000,0,0,4|0|1440|300,0,0,600,0,,,
2028-02-28T23:30,60,hour,6000,0,0,1|0|1|200,0,0,600,0,,,
2026-11-23T16:30,70,hour,6000,200,100,{OFFICE},3000,0,600,0,,,
2026-11-23T09:00,15,hour,6000,100,0,{OFFICE},3000,500,600,0,,,
2026-11-23T09:00,60,hour,6001,0,0,0|540|600|0,0,300,600,0,,,
2026-11-23T09:00,60,hour,1,0,0,0|540|600|150,0,0,600,0,,,
2026-11-23T09:00,60,hour,3,0,0,,0,0,2000,5000,,,
2026-11-23T09:00,60,hour,10001,0,0,,0,0,100,5000,,,
2026-11-23T09:00,60,hour,10000,0,0,,0,0,600,10000,20000,20000,20000
2026-11-23T09:00,60,hour,10000,0,0,,0,0,600,5000,5000,5001,5002
2026-11-23T09:00,60,hour,10000,0,0,,0,0,600,5000,4000,3000,2000
2026-11-23T09:00,60,hour,10000,0,0,,0,0,600,5000,4000,3000,3500
2026-11-23T09:00,60,hour,10000,0,0,,0,0,600,5000,0,,
2026-11-23T09:00,60,hour,10000,0,0,,0,0,600,5000,,0,
2026-11-23T09:00,60,hour,10000,0,0,,0,0,600,5000,,,0
2026-11-23T09:00,60,hour,10000,0,0,,0,0,600,5000,,-500,
2026-11-23T09:00,60,hour,10000,0,0,,0,0,600,1,,,
2026-11-23T09:00,43200,hour,10000000,0,0,{OFFICE},0,0,600,3333,,,
""".split()


def half_up(top: int, bottom: int) -> int:
    """Round a fraction that is not negative to the nearest whole number, a half upwards."""
    return (2 * top + bottom) // (2 * bottom)


def weight(begins: str, minutes: int, peaks: str) -> int:
    """Add up the factors, in hundredths, of every single booked minute."""
    windows = [part.split("|") for part in peaks.split(";") if part]
    start, total = datetime.fromisoformat(begins), 0
    for moment in (start + timedelta(minutes=passed) for passed in range(minutes)):
        day, clock = str(moment.weekday()), moment.hour * 60 + moment.minute
        inside = [int(window[3]) for window in windows if day in window[0] and int(window[1]) <= clock < int(window[2])]
        assert len(inside) <= 1, "peaks overlap"
        total += inside[0] if inside else 100
    return total


def price(given: list[str]) -> list[int]:
    """Work out the expected columns of one row."""
    begins, basis, peaks = given[0], given[2], given[6]
    minutes, rate, least, step, operator, set_up, vat, share = (int(given[at]) for at in (1, 3, 4, 5, 7, 8, 9, 10))
    unit = UNIT[basis]
    charged = minutes * 100  # in parts of which a unit has 100 × unit, a hundredth of a unit has `unit`
    if step:
        charged = -(-charged // (step * unit)) * step * unit
    charged = max(charged, least * unit)
    # Fen as a fraction over `bottom`. What step and minimum add was not booked: it lies in no window.
    bottom = 100 * unit * 60
    others = operator * minutes * (bottom // 60) + set_up * bottom
    plain = half_up(rate * charged * 60 + others, bottom)
    gross = half_up(rate * (weight(begins, minutes, peaks) + charged - 100 * minutes) * 60 + others, bottom)
    net = half_up(gross * 10000, 10000 + vat)
    caps = [int(cap) for cap in given[11:14] if cap != ""]
    covered = max(0, min([half_up(gross * share, 10000), gross, *caps]))
    return [plain, gross, net, gross - net, covered, gross - covered]


def some_peaks(rng: random.Random) -> str:
    """Draw up to three windows that do not overlap (they may touch)."""
    grid = rng.choice((1, 15, 60))
    cuts = sorted(rng.sample(range(0, 1441, grid), 4))
    windows = []
    for begin, end in rng.sample(list(itertools.pairwise(cuts)), rng.choice((0, 1, 1, 2, 3))):
        days = "".join(sorted(rng.sample("0123456", rng.randint(1, 7))))
        factor = rng.choice((50, 75, 80, 120, 133, 150, 200))
        windows.append(f"{rng.choice((days, '01234', '0123456'))}|{begin}|{end}|{factor}")
    return ";".join(windows)


def some_row(rng: random.Random) -> list[str]:
    """Draw the given columns of one row."""
    begins = datetime(2026, 11, 1) + timedelta(minutes=rng.randrange(96 * 500) * 15 + rng.choice((0, 0, 0, 7)))
    basis = rng.choice(("hour", "hour", "day"))
    minutes = rng.choice(
        (
            rng.randint(1, 90),
            15 * rng.randint(1, 40),
            rng.randint(1, 2880),
            1440 * rng.randint(1, 7),
            rng.randint(1440, 10080),
        )
    )
    rate = rng.choice((rng.randint(1, 99), rng.randint(100, 99999), 100 * rng.randint(10, 9999)))
    near = rate * minutes // UNIT[basis]
    caps = [rng.choice(("", "", str(rng.randint(0, near)), str(rng.randint(0, 500000)))) for _ in range(3)]
    numbers = (rng.choice((0, 0, 50, 100, 150, 400)), rng.choice((0, 0, 1, 25, 33, 50, 100)))
    extras = (
        rng.choice((0, rng.randint(1, 50000))),
        rng.choice((0, 0, rng.randint(1, 30000))),
        rng.choice((0, 100, 300, 600, 600, 900, 1300)),
        rng.choice((0, rng.randint(1, 9999), 3000, 5000, 10000)),
    )
    return [
        begins.isoformat(timespec="minutes"),
        str(minutes),
        basis,
        str(rate),
        *map(str, numbers),
        some_peaks(rng),
        *map(str, extras),
        *caps,
    ]


def priced(row: str) -> list[int]:
    """The same of a row as it is written."""
    return price(row.split(","))


def check() -> None:
    """Compare with rows worked out on paper."""
    # 1.5 h × 10000 = 15000; 15000 ÷ 1.06 = 14150.94
    assert priced("2026-11-23T09:00,90,hour,10000,0,0,,0,0,600,0,,,") == [15000, 15000, 14151, 849, 0, 15000]
    # 70 min = 1.17 h, charged 1.5 h = 9000; 30 of the booked 70 min in the peak: 30 × 1.5 + 40 + 20 = 105 min = 10500;
    # ÷ 1.06 = 9905.66; half of 10500 = 5250
    assert priced(f"2026-11-23T16:30,70,hour,6000,0,50,{OFFICE},0,0,600,5000,,,") == [
        9000,
        10500,
        9906,
        594,
        5250,
        5250,
    ]
    # 0.5 + 0.5 = 1: rounded once, not twice
    assert priced("2026-11-23T09:00,30,hour,1,0,0,,1,0,0,0,,,") == [1, 1, 1, 0, 0, 1]
    # A fen a minute, the second minute is Monday's and doubled: 2, 3; 3 ÷ 1.2 = 2.5; half of 3 = 1.5, pool 1
    assert priced("2026-11-29T23:59,2,day,1440,0,0,0|0|60|200,0,0,2000,5000,,,1") == [2, 3, 3, 0, 1, 2]
    # 10 min -> 0.25 h -> least 1 h: 10 min × 0.8 + 50 = 58 min = 5800; operator 500, set-up 500; 6800 ÷ 1.03 = 6601.94
    assert priced("2026-11-23T08:00,10,hour,6000,100,25,0123456|0|1440|80,3000,500,300,10000,,4000,") == [
        7000,
        6800,
        6602,
        198,
        4000,
        2800,
    ]


def rows() -> list[list[str]]:
    """All rows, with what is expected of each."""
    rng = random.Random(20261123)
    given = [line.split(",") for line in HAND] + [some_row(rng) for _ in range(300)]
    return [row + [str(number) for number in price(row)] for row in given]


def main() -> None:
    """Check, then write prices.csv beside this file."""
    check()
    with (Path(__file__).parent / "prices.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(GIVEN + EXPECTED)
        writer.writerows(rows())


if __name__ == "__main__":
    main()
