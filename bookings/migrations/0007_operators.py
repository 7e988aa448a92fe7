import django.contrib.postgres.constraints
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import common.db


class Migration(migrations.Migration):

    dependencies = [
        ('bookings', '0006_booking_indexes'),
    ]

    operations = [
        migrations.CreateModel(
            name='Operator',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('facility', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='operators', to='instruments.facility')),
                ('instruments', models.ManyToManyField(blank=True, related_name='operators', to='instruments.instrument')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='operates_at', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='OperatorClaim',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('booking', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='operator_claims', to='bookings.booking')),
                ('operator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='operator_claims', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='OperatorHours',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('weekday', models.PositiveSmallIntegerField(validators=[django.core.validators.MaxValueValidator(6)])),
                ('opens_minute', models.PositiveSmallIntegerField()),
                ('closes_minute', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1440)])),
                ('operator', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='hours', to='bookings.operator')),
            ],
        ),
        migrations.CreateModel(
            name='OperatorLeave',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_at', models.DateTimeField(verbose_name='from')),
                ('ends_at', models.DateTimeField(verbose_name='to')),
                ('operator', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='leave', to='bookings.operator')),
            ],
            options={
                'ordering': ['starts_at'],
            },
        ),
        migrations.AddConstraint(
            model_name='operator',
            constraint=models.UniqueConstraint(fields=('facility', 'user'), name='operator_once'),
        ),
        migrations.AddIndex(
            model_name='operatorclaim',
            index=models.Index(fields=['operator', 'starts_at'], name='operator_claim_reads'),
        ),
        migrations.AddConstraint(
            model_name='operatorclaim',
            constraint=models.CheckConstraint(condition=models.Q(('starts_at__lt', models.F('ends_at'))), name='operator_claim_not_empty'),
        ),
        migrations.AddConstraint(
            model_name='operatorclaim',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('operator', '='), (common.db.TimeRange('starts_at', 'ends_at'), '&&')], name='operator_free'),
        ),
        migrations.AddConstraint(
            model_name='operatorhours',
            constraint=models.CheckConstraint(condition=models.Q(('weekday__range', (0, 6))), name='operator_hours_weekday'),
        ),
        migrations.AddConstraint(
            model_name='operatorhours',
            constraint=models.CheckConstraint(condition=models.Q(('closes_minute__lte', 1440), ('opens_minute__lt', models.F('closes_minute'))), name='operator_hours_in_order'),
        ),
        migrations.AddConstraint(
            model_name='operatorleave',
            constraint=models.CheckConstraint(condition=models.Q(('starts_at__lt', models.F('ends_at'))), name='leave_not_empty'),
        ),
    ]
