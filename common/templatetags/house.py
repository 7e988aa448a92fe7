"""The house's own filters and tags, built into every template."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from common import words

register = template.Library()

for written in (
    words.day,
    words.short_day,
    words.month_and_weekday,
    words.weekday_name,
    words.in_zone,
    words.clock,
    words.moment,
    words.near,
    words.stamp,
    words.time_since,
    words.until,
    words.zone_name,
    words.clock_of,
):
    register.filter(written)
register.filter("money", lambda amount: "" if amount in {None, ""} else words.money(Decimal(str(amount))))
register.filter("length_in_words", words.length)  # `length` is Django's own
register.filter("minutes_in_words", lambda minutes: words.length(timedelta(minutes=minutes)))
register.simple_tag(words.span)
register.simple_tag(words.hours)


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: object) -> str:
    """The page's own query string with some values changed (None takes one away)."""
    request = context["request"]
    parameters = request.GET.copy()
    for name, value in changes.items():
        parameters.pop(name, None)
        if value is not None:
            parameters[name] = str(value)
    return "?" + parameters.urlencode()


@register.simple_tag(takes_context=True)
def toggled(context: dict[str, Any], name: str, value: str) -> str:
    """The page's query string with a choice made, or taken back where it is made already; from the first page on."""
    parameters = context["request"].GET.copy()
    parameters.pop("page", None)
    if value in parameters.pop(name, []):
        return "?" + parameters.urlencode()
    parameters[name] = value
    return "?" + parameters.urlencode()


@register.simple_tag
def bilingual(pair: dict[str, str], field: str) -> str:
    """One of `field_zh`, `field_en` of a stored pair, in the reader's language."""
    first, second = ("en", "zh") if words.speaks_english() else ("zh", "en")
    return pair.get(f"{field}_{first}") or pair.get(f"{field}_{second}", "")


@register.simple_tag
def data_block(value: object) -> SafeString:
    """JSON-LD in a script element that nothing can break out of, and that no browser runs."""
    escaped = json.dumps(value, ensure_ascii=False).translate({60: "\\u003C", 62: "\\u003E", 38: "\\u0026"})
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(escaped))  # noqa: S308 (escaped above)


@register.simple_tag
def icon(name: str) -> SafeString:
    """A small picture beside the word that says it; screen readers pass it by. Names: package.json, `jishi.icons`."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        static("vendor/icons.svg"),
        name,
    )
