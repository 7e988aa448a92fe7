import django.contrib.postgres.operations
from django.db import migrations, models


class Migration(migrations.Migration):
    # A full table goes on being written to while its indexes are built.
    atomic = False

    dependencies = [
        ('bookings', '0005_booking_life'),
    ]

    operations = [
        django.contrib.postgres.operations.AddIndexConcurrently(
            model_name='booking',
            index=models.Index(condition=models.Q(('state__in', ['draft', 'needs_info', 'requested'])), fields=['expires_at'], name='booking_to_expire'),
        ),
        django.contrib.postgres.operations.AddIndexConcurrently(
            model_name='booking',
            index=models.Index(condition=models.Q(('state', 'in_use')), fields=['ends_at'], name='booking_in_use'),
        ),
        django.contrib.postgres.operations.AddIndexConcurrently(
            model_name='booking',
            index=models.Index(condition=models.Q(('state', 'confirmed')), fields=['no_show_at'], name='booking_no_show'),
        ),
        django.contrib.postgres.operations.ValidateConstraint(
            model_name='booking',
            name='booking_draft_slot',
        ),
    ]
