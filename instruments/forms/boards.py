"""Forms of boards and of how a facility is reached."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from instruments.forms.fields import with_fields_like
from instruments.models import BoardNotice, Facility, Guide
from instruments.services import CONTACT


class MomentField(forms.DateTimeField):
    """A wall-clock time of the portal's zone."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M")
        formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
        super().__init__(**{"widget": widget, "input_formats": formats, **kwargs})

    def to_python(self, value: Any) -> datetime | None:
        try:
            found = super().to_python(value)
        except OverflowError as error:
            raise ValidationError(_("The time is out of range.")) from error
        if found and not 2000 <= found.year <= 2100:
            raise ValidationError(_("The time is out of range."))
        return found


@with_fields_like(BoardNotice, ["title_zh", "title_en", "body_zh", "body_en", "is_pinned"])
class NoticeForm(forms.Form):
    shown_from = MomentField(label=gettext_lazy("shown from (empty: at once)"), required=False)
    shown_until = MomentField(label=gettext_lazy("shown until (empty: until it is taken down)"), required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        given["shown_from"] = given.get("shown_from") or timezone.now()
        return given


@with_fields_like(Guide, ["title_zh", "title_en", "body_zh", "body_en"])
class GuideForm(forms.Form):
    slug = forms.SlugField(
        label=gettext_lazy("address (letters, digits and hyphens)"),
        max_length=50,
        help_text=gettext_lazy("The page is found at /guides/…/."),
    )
    position = forms.IntegerField(
        label=gettext_lazy("place in the list"), min_value=0, max_value=999, initial=0, required=False
    )

    def clean_position(self) -> int:
        return self.cleaned_data["position"] or 0


@with_fields_like(Facility, CONTACT)
class ContactForm(forms.Form):
    """How a facility is reached."""
