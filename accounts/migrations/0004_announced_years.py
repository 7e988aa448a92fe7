"""The years that the State Council has announced, as the package `chinesecalendar` knows them."""

from datetime import date, timedelta
from importlib.metadata import version

from chinese_calendar import Holiday, get_holiday_detail
from django.db import migrations

EARLIEST = 2004
NAMES_ZH = {each.value: each.chinese for each in Holiday}


def days_of(year):
    """The marked days of a year; NotImplementedError for one that is not announced."""
    first = date(year, 1, 1)
    days = [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]
    known = [(day, *get_holiday_detail(day)) for day in days]
    return [
        {
            "day": day.isoformat(),
            "kind": "holiday" if is_free else "make_up",
            "name_zh": NAMES_ZH[name],
            "name_en": name,
        }
        for day, is_free, name in known
        if name
    ]


def fill(apps, _schema_editor):
    """Every announced year, from the first one that is known to the last; a year that is there already stays."""
    holiday_year = apps.get_model("accounts", "HolidayYear")
    source = f"chinesecalendar {version('chinesecalendar')}"
    year = EARLIEST
    while True:
        try:
            days = days_of(year)
        except NotImplementedError:
            return
        holiday_year.objects.get_or_create(year=year, defaults={"days": days, "source": source})
        year += 1


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_working_days")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
