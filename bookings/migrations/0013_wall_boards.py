from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bookings', '0012_policy_in_words'),
        ('instruments', '0008_busy_history'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='feed',
            name='kind',
            field=models.CharField(choices=[('calendar', 'calendar to subscribe to'), ('wall', 'wall board')], db_default='calendar', default='calendar', max_length=8),
        ),
        migrations.AddConstraint(
            model_name='feed',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['calendar', 'wall'])), name='feed_kind'),
        ),
        migrations.AddConstraint(
            model_name='feed',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'wall'), _negated=True), ('facility__isnull', False), _connector='OR'), name='feed_wall_has_facility'),
        ),
    ]
