"""What bookings look like to other programs: tables of use, calendar files."""

from bookings.formats.ical import calendar_file, tag_of
from bookings.formats.use_table import RowError, UseRow, columns_in, use_of

__all__ = ["RowError", "UseRow", "calendar_file", "columns_in", "tag_of", "use_of"]
