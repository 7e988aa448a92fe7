"""The starter list of aliases; names found by likeness and sorted by sound; records that are there can be found."""

import csv
from pathlib import Path

import django.contrib.postgres.indexes
from django.db import migrations, models
from django.db.models import F
from django.db.models.functions import Left

from instruments.ranking import of_instrument, of_test_item

STARTER = Path(__file__).parents[1] / "data" / "aliases.csv"


def load(apps, _editor):
    alias = apps.get_model("instruments", "Alias")
    if alias.objects.exists():
        return
    with STARTER.open(encoding="utf-8") as file:
        alias.objects.bulk_create(alias(words=line) for line in csv.reader(file))


def index(apps, _editor):
    instruments = apps.get_model("instruments", "Instrument").objects.select_related("facility__organisation", "category")
    for one in instruments.iterator(chunk_size=500):
        document, vector = of_instrument(one)
        instruments.filter(pk=one.pk).update(search_document=document, search_vector=vector)
    items = apps.get_model("instruments", "TestItem").objects.select_related("facility__organisation")
    for one in items.prefetch_related("instruments").iterator(chunk_size=500):
        document, vector = of_test_item(one, one.instruments.all())
        items.filter(pk=one.pk).update(search_document=document, search_vector=vector)


class Migration(migrations.Migration):
    dependencies = [("instruments", "0004_registry")]

    operations = [
        migrations.RunPython(load, migrations.RunPython.noop),
        migrations.RunPython(index, migrations.RunPython.noop),
    ]
    for model, name in (("instrument", "instrument"), ("testitem", "test_item")):
        operations += [
            migrations.AddIndex(
                model_name=model,
                index=django.contrib.postgres.indexes.GinIndex(
                    django.contrib.postgres.indexes.OpClass(F("name_zh"), name="gin_trgm_ops"),
                    django.contrib.postgres.indexes.OpClass(F("name_en"), name="gin_trgm_ops"),
                    name=f"{name}_names",
                ),
            ),
            migrations.AddIndex(model_name=model, index=models.Index(Left("search_document", 60), "id", name=f"{name}_by_name")),
        ]
