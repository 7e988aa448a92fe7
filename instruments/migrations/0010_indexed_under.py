"""Names that a record was indexed under, so that a renamed institution's records are found and indexed anew: at first
all of them, by beat. The tsvector then stays in its row, and texts that only one page shows move out: ranking thousands
of matches fetched each tsvector by itself from the side table. Its index takes in each record at once: what was pending
had to be read by every search. No table and no index is rewritten."""

import django.contrib.postgres.indexes
from django.db import migrations, models

KEPT_IN_ROW = "ALTER TABLE instruments_{} ALTER COLUMN search_vector SET STORAGE {}"
TAKES_IN_AT_ONCE = "ALTER INDEX {name} SET (fastupdate = off); SELECT gin_clean_pending_list('{name}')"
AS_BEFORE = "ALTER INDEX {name} RESET (fastupdate)"
INDEXES = {"instrument": "instrument_words", "testitem": "test_item_words"}


class Migration(migrations.Migration):
    dependencies = [("instruments", "0009_favourite")]

    operations = [
        migrations.AddField(
            model_name=model,
            name="indexed_under",
            field=models.CharField(blank=True, editable=False, help_text="MD5 of `names_around`", max_length=32),
        )
        for model in ("instrument", "testitem")
    ] + [
        migrations.RunSQL(KEPT_IN_ROW.format(table, "MAIN"), KEPT_IN_ROW.format(table, "EXTENDED"))
        for table in ("instrument", "testitem")
    ]
    operations += [
        migrations.RunSQL(
            TAKES_IN_AT_ONCE.format(name=name),
            AS_BEFORE.format(name=name),
            state_operations=[
                migrations.RemoveIndex(model_name=model, name=name),
                migrations.AddIndex(
                    model_name=model,
                    index=django.contrib.postgres.indexes.GinIndex(
                        fields=["search_vector"], name=name, fastupdate=False
                    ),
                ),
            ],
        )
        for model, name in INDEXES.items()
    ]
