"""The tiers of firms by the names that they have had since 2026-04-01. Rows, because the names change."""

from datetime import date

from django.db import migrations

SINCE = date(2026, 4, 1)
# slug, Chinese, English, place on the ladder (None: beside it), since when
KINDS = [
    ("innovative-sme", "科技和创新型中小企业", "Science and innovation SME", 1, SINCE),
    ("specialised-sme", "专精特新中小企业", "Specialised and sophisticated SME", 2, None),
    ("little-giant", "专精特新“小巨人”企业", "Little giant", 3, None),
    ("single-champion", "制造业单项冠军企业", "Manufacturing champion", 4, None),
    ("high-tech", "高新技术企业", "High and new technology enterprise", None, None),
    ("technology-sme", "科技型中小企业", "Technology-based SME", None, None),
]


def fill(apps, _schema_editor):
    kind = apps.get_model("accounts", "TierKind")
    for slug, name_zh, name_en, step, begins in KINDS:
        kind.objects.get_or_create(
            slug=slug, defaults={"name_zh": name_zh, "name_en": name_en, "step": step, "begins": begins}
        )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_firms")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=False)]
