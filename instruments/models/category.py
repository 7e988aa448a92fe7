"""Classes of instruments, and the words that mean the same."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.text import Bilingual


class CategoryScheme(models.Model):
    """A published list of classes; schemes are data, since the lists that are about disagree."""

    slug = models.SlugField(max_length=20, primary_key=True)
    name_zh = models.CharField(_("Chinese name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)
    source = models.CharField(_("where it was taken from"), max_length=300, blank=True)
    is_checked = models.BooleanField(_("compared with the published text"), default=False)

    name = Bilingual("name")

    def __str__(self) -> str:
        return str(self.name)


class Category(models.Model):
    """A class of instruments in a scheme of classes."""

    scheme = models.ForeignKey(CategoryScheme, models.PROTECT, db_column="scheme", related_name="categories")
    code = models.CharField(max_length=12)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    name_zh = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120)

    name = Bilingual("name")

    class Meta:
        verbose_name_plural = "categories"
        ordering = ["scheme", "code"]
        constraints = [models.UniqueConstraint(fields=["scheme", "code"], name="category_code_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Alias(models.Model):
    """Words that people use for one thing: SEM, 扫描电镜, 扫描电子显微镜. Whoever searches one finds all."""

    words = ArrayField(models.CharField(max_length=60), verbose_name=_("words"))

    class Meta:
        verbose_name_plural = "aliases"
        constraints = [models.CheckConstraint(condition=Q(words__len__gte=2), name="alias_means_something")]

    def __str__(self) -> str:
        return " = ".join(self.words)
