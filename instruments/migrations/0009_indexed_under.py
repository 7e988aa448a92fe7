"""Names that a record was indexed under, so that a renamed institution's records are found and indexed anew: at first
all of them, by beat. The tsvector then stays in its row, and texts that only one page shows move out: ranking thousands
of matches fetched each tsvector by itself from the side table."""

from django.db import migrations, models

KEPT_IN_ROW = "ALTER TABLE instruments_{} ALTER COLUMN search_vector SET STORAGE {}"


class Migration(migrations.Migration):
    dependencies = [("instruments", "0008_busy_history")]

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
