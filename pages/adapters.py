"""Where Django's sitemaps meet our catalogue: what search engines may find, in both languages."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.urls import reverse

from instruments.models import Instrument, TestItem


class _InBothLanguages(Sitemap):  # type: ignore[type-arg]
    i18n = True
    alternates = True
    x_default = True
    limit = 5000


class Pages(_InBothLanguages):
    def items(self) -> list[str]:
        return ["home", "catalogue", "find"]

    def location(self, item: str) -> str:
        return reverse(item)


class Instruments(_InBothLanguages):
    def items(self) -> QuerySet[Instrument]:
        return Instrument.objects.visible_to(AnonymousUser()).only("slug", "updated_at").order_by("pk")

    def lastmod(self, item: Instrument) -> datetime:
        return item.updated_at


class TestItems(_InBothLanguages):
    __test__ = False

    def items(self) -> QuerySet[TestItem]:
        return TestItem.objects.visible_to(AnonymousUser()).only("slug", "updated_at").order_by("pk")

    def lastmod(self, item: TestItem) -> datetime:
        return item.updated_at


SITEMAPS = {"pages": Pages, "instruments": Instruments, "items": TestItems}
