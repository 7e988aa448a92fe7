"""What people may ask for about their own data."""

from privacy.services.erase import ask_for_erasure, begin_due, erase_person, run_erasure, withdraw_erasure
from privacy.services.export import (
    ask_for_export,
    can_be_fetched,
    exports_of,
    fetch_export,
    forget_old_exports,
    run_export,
)
from privacy.services.map import DataRow, data_map, retention_table
from privacy.services.minors import OLDEST_YEAR, minors_report
from privacy.services.personal import PERSONAL, objections_to_erasure
from privacy.services.texts import accept_texts

__all__ = [
    "OLDEST_YEAR",
    "PERSONAL",
    "DataRow",
    "accept_texts",
    "ask_for_erasure",
    "ask_for_export",
    "begin_due",
    "can_be_fetched",
    "data_map",
    "erase_person",
    "exports_of",
    "fetch_export",
    "forget_old_exports",
    "minors_report",
    "objections_to_erasure",
    "retention_table",
    "run_erasure",
    "run_export",
    "withdraw_erasure",
]
