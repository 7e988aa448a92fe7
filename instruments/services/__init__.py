"""What changes the catalogue: views and tasks see the services and no file."""

from instruments.services.applying import run_apply
from instruments.services.boards import owner_of, post_notice, remove_guide, take_down, write_guide
from instruments.services.busy import busy_on, read_due_feeds
from instruments.services.enter import enter_instrument
from instruments.services.enter_many import enter_many
from instruments.services.exporting import fields_to_choose, records_of, table_of_records, wrong_rows_of
from instruments.services.facets import Facet, Facets, Option, count_instruments, count_items
from instruments.services.facility import CONTACT, set_contact, set_qr_picture
from instruments.services.favour import favour, unfavour
from instruments.services.files import (
    add_document,
    add_photo,
    remove_document,
    remove_photo,
    show_first,
)
from instruments.services.find import Readings, forget_aliases, index, index_renamed, load_aliases, readings_of
from instruments.services.history import Change, changes_in, changes_since, history_of
from instruments.services.importing import (
    IMPORT_APPLY,
    IMPORT_PREVIEW,
    IMPORT_TABLE,
    apply_import,
    discard_import,
    forget_old_imports,
    give_up_failed,
    hand_in,
    job_of,
    look_through,
    organisations_kept_by,
    refuse_large,
)
from instruments.services.items import enter_test_item, offer_again, stop_offering
from instruments.services.judge import not_in
from instruments.services.previewing import run_preview, run_table
from instruments.services.rounds import (
    answer_round,
    close_round,
    confirm_all,
    confirm_record,
    open_round,
    records_in_round,
    remind_of_rounds,
    state_of_round,
)
from instruments.services.run import address_for, put_away, set_status
from instruments.services.staff import end_role, entrust, set_last_day, staff_of
from instruments.services.upsert import upsert

__all__ = [
    "CONTACT",
    "IMPORT_APPLY",
    "IMPORT_PREVIEW",
    "IMPORT_TABLE",
    "Change",
    "Facet",
    "Facets",
    "Option",
    "Readings",
    "add_document",
    "add_photo",
    "address_for",
    "answer_round",
    "apply_import",
    "busy_on",
    "changes_in",
    "changes_since",
    "close_round",
    "confirm_all",
    "confirm_record",
    "count_instruments",
    "count_items",
    "discard_import",
    "end_role",
    "enter_instrument",
    "enter_many",
    "enter_test_item",
    "entrust",
    "favour",
    "fields_to_choose",
    "forget_aliases",
    "forget_old_imports",
    "give_up_failed",
    "hand_in",
    "history_of",
    "index",
    "index_renamed",
    "job_of",
    "load_aliases",
    "look_through",
    "not_in",
    "offer_again",
    "open_round",
    "organisations_kept_by",
    "owner_of",
    "post_notice",
    "put_away",
    "read_due_feeds",
    "readings_of",
    "records_in_round",
    "records_of",
    "refuse_large",
    "remind_of_rounds",
    "remove_document",
    "remove_guide",
    "remove_photo",
    "run_apply",
    "run_preview",
    "run_table",
    "set_contact",
    "set_last_day",
    "set_qr_picture",
    "set_status",
    "show_first",
    "staff_of",
    "state_of_round",
    "stop_offering",
    "table_of_records",
    "take_down",
    "unfavour",
    "upsert",
    "write_guide",
    "wrong_rows_of",
]
