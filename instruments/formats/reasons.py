"""Why a line of a table cannot be taken: a code and its figures are kept, the sentence is made for who reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from common.text import in_reading_language
from instruments.formats.fields import BY_NAME

SENTENCES = {
    "no_number": gettext_noop("Neither an inner number nor a slug: the record could not be known again."),
    "no_name": gettext_noop("The name is missing."),
    "no_facility": gettext_noop("The facility is missing, and the organisation has more than one."),
    "unknown_facility": gettext_noop("“%(value)s” is no facility of this organisation."),
    "ambiguous_facility": gettext_noop("Several facilities of this organisation are called “%(value)s”: use the slug."),
    "not_your_facility": gettext_noop("You do not run the facility “%(value)s”."),
    "other_organisation": gettext_noop("“%(value)s” is not the organisation that this table is for."),
    "unknown_category": gettext_noop("There is no category “%(value)s”."),
    "ambiguous_category": gettext_noop("Several schemes have “%(value)s”: write scheme:code."),
    "unknown_group": gettext_noop("“%(value)s” is no research group of this organisation."),
    "ambiguous_group": gettext_noop(
        "Several research groups of this organisation are called “%(value)s”: write the id."
    ),
    "twice": gettext_noop("The same record is in line %(lines)s too."),
    "slug_taken": gettext_noop("The slug “%(value)s” belongs to another record."),
    "slug_differs": gettext_noop("The record with this inner number has the slug “%(value)s”, which stays."),
    "merged": gettext_noop("This record was merged into another one."),
    "formula": gettext_noop("A formula; put its value there."),
    "error_cell": gettext_noop("“%(value)s” is an error of the spreadsheet."),
    "too_long": gettext_noop("Longer than %(limit)s characters."),
    "not_a_number": gettext_noop("“%(value)s” is no number."),
    "negative": gettext_noop("“%(value)s” is negative."),
    "too_precise": gettext_noop("“%(value)s” has parts of a fen."),
    "too_large": gettext_noop("“%(value)s” is too large."),
    "two_values": gettext_noop("The two columns of the original value differ."),
    "not_a_date": gettext_noop("“%(value)s” is no date; write 2026-11-23."),
    "not_a_flag": gettext_noop("“%(value)s” is neither yes nor no."),
    "not_a_choice": gettext_noop("“%(value)s” is none of: %(choices)s."),
    "not_a_country": gettext_noop("“%(value)s” is no country; write its name or its two-letter code."),
    "not_a_slug": gettext_noop("“%(value)s” is no slug: Latin letters, digits, hyphens and underscores."),
    "not_a_url": gettext_noop("“%(value)s” is no address; it begins with http:// or https://."),
    "not_questions": gettext_noop("This is no list of questions in JSON."),
    "control_character": gettext_noop("A character that cannot be printed."),
    "years_in_order": gettext_noop("It was commissioned after it was decommissioned."),
    "owner_needs_url": gettext_noop("Booked at the owner's site: the booking page is missing."),
    "youth_not_fit": gettext_noop("What young people may do is said of an instrument that is not fit for them."),
    "youth_age": gettext_noop("The age is a number from 3 to 18."),
    "changed_since": gettext_noop("The record was changed since it was looked through. Send the line again."),
    "appeared_since": gettext_noop("The record was entered since it was looked through. Send the line again."),
    "gone_since": gettext_noop("The record is gone since it was looked through. Send the line again."),
    "facility_row": gettext_noop("This line is a facility, not an instrument."),
    "refused": gettext_noop("The catalogue refuses it: %(why)s"),
}
OUR_FAULT = gettext_noop("A fault of ours.")


def reason(code: str, field: str = "", **values: object) -> dict[str, Any]:
    """A reason as it is kept with the line."""
    shown = {name: value[:60] if isinstance(value, str) else value for name, value in values.items()}
    return {"code": code, "field": field, "values": shown}


def in_words(kept: Mapping[str, Any]) -> str:
    """The sentence, in the reader's language, with the field that it is about."""
    values = dict(kept.get("values") or {})
    if kept["code"] == "twice":
        values["lines"] = ", ".join(str(line) for line in values["lines"])
    sentence = _(SENTENCES.get(kept["code"], OUR_FAULT)) % values
    return f"{label(kept['field'])}: {sentence}" if kept.get("field") else sentence


def label(name: str) -> str:
    """What a field is called, in the reader's language."""
    field = BY_NAME.get(name)
    return in_reading_language(field.zh, field.en) if field else name
