"""Shapes that other people gave out: codes of organisations, phones, devices, calendars, rosters."""

from accounts.formats.day_file import LARGEST_FILE, DaysRead, WrongRow, read_days
from accounts.formats.device import device_of
from accounts.formats.given_day import GivenDay
from accounts.formats.phone import is_phone, tidy_phone
from accounts.formats.roster import Complaint, Line, RosterRead, read_roster
from accounts.formats.uscc import USCC_ALPHABET, is_uscc, tidy_uscc

__all__ = [
    "LARGEST_FILE",
    "USCC_ALPHABET",
    "Complaint",
    "DaysRead",
    "GivenDay",
    "Line",
    "RosterRead",
    "WrongRow",
    "device_of",
    "is_phone",
    "is_uscc",
    "read_days",
    "read_roster",
    "tidy_phone",
    "tidy_uscc",
]
