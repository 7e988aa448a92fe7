import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import common.ids


class Migration(migrations.Migration):

    dependencies = [
        ('bookings', '0002_policy_rows'),
    ]

    operations = [
        migrations.AddField(
            model_name='openinghours',
            name='category',
            field=models.CharField(blank=True, choices=[('own_group', 'own group'), ('own_institution', 'own institution'), ('academic', 'academic'), ('sme', 'small or medium-sized enterprise'), ('company', 'company'), ('individual', 'individual'), ('overseas', 'overseas'), ('youth', 'youth')], max_length=16, verbose_name='for'),
        ),
        migrations.AlterField(
            model_name='openinghours',
            name='facility',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='%(class)s_rows', to='instruments.facility'),
        ),
        migrations.AlterField(
            model_name='openinghours',
            name='instrument',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='%(class)s_rows', to='instruments.instrument'),
        ),
        migrations.CreateModel(
            name='Closure',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('starts_at', models.DateTimeField(verbose_name='from')),
                ('ends_at', models.DateTimeField(verbose_name='to')),
                ('reason_zh', models.CharField(max_length=120, verbose_name='reason (Chinese)')),
                ('reason_en', models.CharField(blank=True, max_length=160, verbose_name='reason (English)')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('facility', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='%(class)s_rows', to='instruments.facility')),
                ('instrument', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='%(class)s_rows', to='instruments.instrument')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['starts_at'],
                'indexes': [models.Index(fields=['instrument', 'ends_at'], name='closure_of_instrument'), models.Index(fields=['facility', 'ends_at'], name='closure_of_facility')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('facility', None), ('instrument__isnull', False)), models.Q(('facility__isnull', False), ('instrument', None)), _connector='OR'), name='closure_one_owner'), models.CheckConstraint(condition=models.Q(('starts_at__lt', models.F('ends_at'))), name='closure_not_empty')],
            },
        ),
        migrations.CreateModel(
            name='HoursException',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='day')),
                ('opens_minute', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MaxValueValidator(1439)])),
                ('closes_minute', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1440)])),
                ('reason_zh', models.CharField(blank=True, max_length=120, verbose_name='reason (Chinese)')),
                ('reason_en', models.CharField(blank=True, max_length=160, verbose_name='reason (English)')),
                ('facility', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='%(class)s_rows', to='instruments.facility')),
                ('instrument', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='%(class)s_rows', to='instruments.instrument')),
            ],
            options={
                'ordering': ['day', 'opens_minute'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('facility', None), ('instrument__isnull', False)), models.Q(('facility__isnull', False), ('instrument', None)), _connector='OR'), name='exception_one_owner'), models.CheckConstraint(condition=models.Q(models.Q(('closes_minute', None), ('opens_minute', None)), models.Q(('closes_minute__lte', 1440), ('opens_minute__lt', models.F('closes_minute'))), _connector='OR'), name='exception_in_order')],
            },
        ),
    ]
