from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Apart from the column, outside a transaction: events go on being written while it is built."""

    atomic = False

    dependencies = [
        ('notifications', '0006_pass_on'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='event',
            index=models.Index(condition=models.Q(('passed_on', False)), fields=['xid', 'id'], name='event_to_pass_on'),
        ),
    ]
