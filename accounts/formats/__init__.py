"""Shapes that other people gave out: codes of organisations, files of calendars."""

from accounts.formats.day_file import LARGEST_FILE, DaysRead, WrongRow, read_days
from accounts.formats.given_day import GivenDay
from accounts.formats.uscc import USCC_ALPHABET, is_uscc, tidy_uscc

__all__ = [
    "LARGEST_FILE",
    "USCC_ALPHABET",
    "DaysRead",
    "GivenDay",
    "WrongRow",
    "is_uscc",
    "read_days",
    "tidy_uscc",
]
