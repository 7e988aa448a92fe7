"""Fields that the forms of the registry share: words in one line, days, the shape of longer texts."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db.models import Model, TextField, URLField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.text import tidy
from instruments.formats import LONGEST_TEXT, country_of

A_URL = URLValidator(schemes=["http", "https"], message=gettext_lazy("An address begins with http:// or https://."))
BETWEEN_WORDS = re.compile(r"[;；,，、\n]")
MOST_WORDS, LONGEST_WORD = 60, 60
EARLIEST, LATEST = 1900, 2100
F = TypeVar("F", bound=forms.Form)


class WordsField(forms.CharField):
    """Words with commas between them, kept as a list."""

    def __init__(self, **kwargs: Any) -> None:
        hint = gettext_lazy("several: put commas between them")
        super().__init__(**{"required": False, "max_length": 4000, "help_text": hint, **kwargs})

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        words = [tidy(word) for word in BETWEEN_WORDS.split(super().clean(value))]
        words = list(dict.fromkeys(word for word in words if word))
        if len(words) > MOST_WORDS:
            raise ValidationError(_("At most %(n)s words.") % {"n": MOST_WORDS})
        if long := next((word for word in words if len(word) > LONGEST_WORD), ""):
            message = _("“%(word)s…” is longer than %(n)s characters.")
            raise ValidationError(message % {"word": long[:20], "n": LONGEST_WORD})
        return words


class DayField(forms.DateField):
    """A day of a century that instruments are of."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "widget": forms.DateInput({"type": "date"}, "%Y-%m-%d"), **kwargs})

    def clean(self, value: Any) -> Any:
        found = super().clean(value)
        if found and not EARLIEST <= found.year <= LATEST:
            raise ValidationError(_("The year is out of range (%(a)s–%(b)s).") % {"a": EARLIEST, "b": LATEST})
        return found


class CountryField(forms.CharField):
    """A country by its name in either language or by its two letters."""

    def __init__(self, **kwargs: Any) -> None:
        hint = gettext_lazy("its name or its two letters, for example CN")
        super().__init__(**{"required": False, "max_length": 60, "help_text": hint, **kwargs})

    def clean(self, value: Any) -> str:
        text = tidy(super().clean(value))
        code = country_of(text) if text else ""
        if code is None:
            raise ValidationError(_("“%(value)s” is no country.") % {"value": text[:40]})
        return code


def with_fields_like(model: type[Model], names: list[str], **instead: forms.Field) -> Callable[[type[F]], type[F]]:
    """Give a form fields for these columns, before its own: shape and bounds are the columns'.

    `instead` are fields of another kind, or with other bounds.
    """

    def give(form: type[F]) -> type[F]:
        fields = {name: _like(model._meta.get_field(name), instead.get(name)) for name in names}
        form.base_fields = {**fields, **form.base_fields}
        return form

    return give


def _like(column: Any, instead: forms.Field | None) -> forms.Field:
    if instead:
        instead.label = instead.label or column.verbose_name
        return instead
    if isinstance(column, TextField):
        limit = column.max_length or LONGEST_TEXT
        return column.formfield(max_length=limit, widget=forms.Textarea({"rows": 3}))  # type: ignore[no-any-return, return-value]
    if isinstance(column, URLField):
        field: forms.Field = column.formfield(assume_scheme="https")
        field.validators = [each for each in field.validators if not isinstance(each, URLValidator)] + [A_URL]
        field.widget.attrs["placeholder"] = "https://"
        return field
    return column.formfield()  # type: ignore[no-any-return, return-value]
