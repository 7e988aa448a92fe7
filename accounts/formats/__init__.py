"""Shapes that other people gave out: codes of organisations, phones, devices, files of calendars."""

from accounts.formats.day_file import LARGEST_FILE, DaysRead, WrongRow, read_days
from accounts.formats.device import device_of
from accounts.formats.given_day import GivenDay
from accounts.formats.phone import is_phone, tidy_phone
from accounts.formats.uscc import USCC_ALPHABET, is_uscc, tidy_uscc

__all__ = [
    "LARGEST_FILE",
    "USCC_ALPHABET",
    "DaysRead",
    "GivenDay",
    "WrongRow",
    "device_of",
    "is_phone",
    "is_uscc",
    "read_days",
    "tidy_phone",
    "tidy_uscc",
]
