"""Shapes of what is handed in: a table, what its columns stand for, a round of collection."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from instruments.models import CollectionRound, InstrumentImport
from instruments.services import fields_to_choose
from instruments.states import TableFormat


class ImportForm(forms.Form):
    file = forms.FileField(
        label=_("Table (CSV or XLSX)"),
        allow_empty_file=True,
        help_text=_("At most 20 MB. CSV in UTF-8 or GB18030; of a workbook the first sheet."),
    )
    format = forms.ChoiceField(label=_("Format"), choices=TableFormat.choices, initial=TableFormat.JISHI)


class MappingForm(forms.Form):
    """One choice for each column of the table."""

    def __init__(self, source: InstrumentImport, data: Any = None) -> None:
        super().__init__(data)
        self.source = source
        choices = [("", _("– not read –")), *fields_to_choose(source.format)]
        for number, header in enumerate(source.headers):
            self.fields[f"column_{number}"] = forms.ChoiceField(
                label=header, choices=choices, required=False, initial=source.mapping.get(header, "")
            )

    def mapping(self) -> dict[str, str]:
        return {header: self.cleaned_data[f"column_{number}"] for number, header in enumerate(self.source.headers)}


class RoundForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = CollectionRound
        fields = ["title_zh", "title_en", "due_on", "note_zh", "note_en"]
        widgets = {
            "due_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "note_zh": forms.Textarea(attrs={"rows": 4}),
            "note_en": forms.Textarea(attrs={"rows": 4}),
        }
