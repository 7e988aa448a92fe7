from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('accounts', '0012_vouched_memberships'),
    ]

    operations = [
        ValidateConstraint('membership', 'membership_vouched'),
        AddIndexConcurrently(
            'membership',
            models.Index(condition=models.Q(('ends_on__isnull', False)), fields=['ends_on'], name='membership_ending'),
        ),
    ]
