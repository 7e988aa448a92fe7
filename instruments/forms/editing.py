"""The forms of an instrument's and a test item's record: shape and bounds; the services judge the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import ResearchGroup
from accounts.states import Audience
from instruments.formats import in_words, objections_to_record
from instruments.forms.fields import CountryField, DayField, WordsField, with_fields_like
from instruments.forms.rows import Rows
from instruments.models import Category, Facility, Instrument, TestItem
from instruments.states import Status

INSTRUMENT_GROUPS: list[tuple[Any, list[str]]] = [
    (
        _("What it is"),
        ["name_zh", "name_en", "manufacturer", "model", "kind", "category", "research_group", "status", "room",
         "facility", "summary_zh", "summary_en"],
    ),
    (
        _("What it can do"),
        ["indicators_zh", "indicators_en", "functions_zh", "functions_en", "accessories_zh", "accessories_en",
         "techniques", "keywords", "materials", "standards"],
    ),
    (
        _("Who may use it"),
        ["sharing", "booked_where", "booked_url", "busy_url", "takes_samples", "needs_operator", "requirement_zh",
         "requirement_en"],
    ),
    (
        _("Asset data"),
        ["inner_number", "serial_number", "country", "original_value", "acquired_by", "funding_source",
         "customs_supervised", "commissioned_on", "decommissioned_on"],
    ),
    (_("Young people"), ["fit_for_youth", "youth_use", "youth_age_from", "youth_ppe_zh", "youth_ppe_en"]),
]  # fmt: skip
INSTRUMENT_FIELDS = [
    name for _title, names in INSTRUMENT_GROUPS for name in names if name not in {"facility", "busy_url"}
]
ITEM_GROUPS: list[tuple[Any, list[str]]] = [
    (_("What it is"), ["name_zh", "name_en", "purpose_zh", "purpose_en", "facility", "instruments"]),
    (
        _("Sample and time"),
        ["sample_form_zh", "sample_form_en", "sample_amount_zh", "sample_amount_en", "sample_count",
         "turnaround_days", "price_basis"],
    ),
    (_("How it is found"), ["standards", "techniques", "keywords", "materials"]),
]  # fmt: skip
ITEM_FIELDS = [name for _title, names in ITEM_GROUPS for name in names if name not in {"facility", "instruments"}]
WORDS = ("techniques", "keywords", "materials", "standards")


class RecordForm(forms.Form):
    """What both kinds of record share: groups of fields, the version that was looked at, where it belongs."""

    groups_of_fields: list[tuple[Any, list[str]]] = []
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
    facility = forms.ModelChoiceField(
        label=_("laboratory"), queryset=Facility.objects.none(), to_field_name="slug", required=False, empty_label=None
    )

    def __init__(self, data: Any = None, *, facilities: Sequence[Facility] = (), **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        if len(facilities) > 1:
            chosen = Facility.objects.select_related("organisation").filter(pk__in=[each.pk for each in facilities])
            self.fields["facility"].queryset = chosen.order_by("name_zh")  # type: ignore[attr-defined]
        else:
            del self.fields["facility"]

    def groups(self) -> Iterable[tuple[Any, list[list[Any]]]]:
        """Title, and rows of one field or of the two languages of one."""
        for title, names in self.groups_of_fields:
            rows: list[list[Any]] = []
            for name in (each for each in names if each in self.fields):
                if name.endswith("_en"):
                    rows[-1].append(self[name])
                else:
                    rows.append([self[name]])
            yield title, rows

    def values(self) -> dict[str, Any]:
        """The record's fields as the service takes them."""
        return {name: value for name, value in self.cleaned_data.items() if name not in {"version", "facility"}}


@with_fields_like(
    Instrument,
    INSTRUMENT_FIELDS,
    **{name: WordsField() for name in WORDS},
    country=CountryField(),
    commissioned_on=DayField(),
    decommissioned_on=DayField(),
    original_value=forms.DecimalField(max_digits=14, decimal_places=2, min_value=0, required=False),
    youth_age_from=forms.IntegerField(min_value=3, max_value=18, required=False),
    status=forms.ChoiceField(choices=[each for each in Status.choices if each[0] != Status.RETIRED]),
    sharing=forms.MultipleChoiceField(choices=Audience.choices, widget=forms.CheckboxSelectMultiple, required=False),
    category=forms.ModelChoiceField(Category.objects.order_by("scheme", "code"), required=False),
    research_group=forms.ModelChoiceField(ResearchGroup.objects.none(), required=False),
)
class InstrumentForm(RecordForm):
    groups_of_fields = INSTRUMENT_GROUPS
    busy_url = forms.URLField(
        label=_("the owner's calendar (iCal address)"), max_length=500, required=False, assume_scheme="https",
        help_text=_("It is read every 15 minutes and shown as “busy, as of”. Only for what is booked elsewhere."),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, groups: QuerySet[ResearchGroup], retired: bool, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["research_group"].queryset = groups  # type: ignore[attr-defined]
        if retired:  # for good: its bookings were cancelled
            del self.fields["status"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for each in objections_to_record(given):
            if each["field"] not in self.errors:
                self.add_error(each["field"], in_words({**each, "field": ""}))
        return given


@with_fields_like(
    TestItem,
    ITEM_FIELDS,
    **{name: WordsField() for name in WORDS},
    turnaround_days=forms.IntegerField(min_value=1, max_value=365, required=False),
    sample_count=forms.IntegerField(min_value=1, max_value=10_000, required=False),
)
class ItemForm(RecordForm):
    groups_of_fields = ITEM_GROUPS
    instruments = forms.ModelMultipleChoiceField(
        label=_("instruments used"), queryset=Instrument.objects.none(), to_field_name="slug", required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    def __init__(self, data: Any = None, *, instruments: QuerySet[Instrument], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        field = cast(forms.ModelMultipleChoiceField, self.fields["instruments"])
        field.queryset, field.label_from_instance = instruments, attrgetter("told_apart")  # type: ignore[method-assign]


class Sheet:
    """A record's form with the rows that belong to it: checked together, shown together."""

    def __init__(self, form: RecordForm, **rows: Rows) -> None:
        self.form, self.rows = form, rows

    def is_valid(self) -> bool:
        """Every part is asked, so that all that is wrong is said at once."""
        return all([self.form.is_valid(), *(each.is_valid() for each in self.rows.values())])

    @property
    def is_wrong(self) -> bool:
        rows = [each for each in self.rows.values() if each.is_bound]
        return bool(self.form.errors) or any(any(each.errors) or each.non_form_errors() for each in rows)

    def stands_at(self, version: int) -> None:
        """Let the same form, as it was filled in, be sent again upon a newer version."""
        data = cast(QueryDict, self.form.data).copy()
        data["version"] = str(version)
        self.form.data = data
