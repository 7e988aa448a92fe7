"""Pictures of the portal on its help pages: shown where they are there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language
from PIL import Image

from accounts.models import Organisation
from instruments.models import Facility

register = template.Library()


def place_of(name: str, language: str | None = None) -> Path:
    """Where the picture of a name lies, in the reader's language unless another is named."""
    return Path(settings.DATA_DIR) / "pictures" / (language or get_language() or "en") / f"{name}.png"


@register.inclusion_tag("help/picture.html")
def picture(name: str, alt: str) -> dict[str, Any]:
    """A picture that opens in full size, with `alt` for those who do not see it; nothing where it was never made."""
    place = place_of(name)
    if not place.is_file():
        return {}
    with Image.open(place) as opened:  # reads its head only
        width, height = opened.size
    return {"url": reverse("help_picture", args=[name]), "alt": alt, "width": width, "height": height}


@register.simple_tag
def at(place: Facility | Organisation | None, route: str, otherwise: str) -> str:
    """The address of a page of the reader's own laboratory or institution; of another one where they have none."""
    if not place:
        return reverse(otherwise)
    return reverse(route, args=[place.slug if isinstance(place, Facility) else place.pk])
