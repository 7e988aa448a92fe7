import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import common.ids


class Migration(migrations.Migration):

    dependencies = [
        ('bookings', '0007_operators'),
    ]

    operations = [
        migrations.CreateModel(
            name='Fault',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('severity', models.CharField(choices=[('minor', 'minor: it can be used'), ('severe', 'severe: it cannot be used')], max_length=8, verbose_name='severity')),
                ('text', models.CharField(max_length=1000, verbose_name='what is wrong')),
                ('closes_instrument', models.BooleanField(default=False)),
                ('status_before', models.CharField(blank=True, choices=[('open', 'open'), ('limited', 'limited'), ('maintenance', 'under maintenance'), ('retired', 'retired')], max_length=12)),
                ('reported_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('mended_at', models.DateTimeField(blank=True, null=True)),
                ('remedy', models.CharField(blank=True, max_length=1000, verbose_name='what was done')),
                ('instrument', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='faults', to='instruments.instrument')),
                ('mended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reported_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('mended_at', None)), fields=['instrument', '-reported_at'], name='fault_open')],
                'constraints': [models.CheckConstraint(condition=models.Q(('severity__in', ['minor', 'severe'])), name='fault_severity'), models.CheckConstraint(condition=models.Q(('closes_instrument', False), ('severity', 'severe'), _connector='OR'), name='fault_only_severe_closes')],
            },
        ),
        migrations.CreateModel(
            name='UsageRecord',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('user_name', models.CharField(blank=True, help_text='for people without an account', max_length=80, verbose_name='who used it')),
                ('starts_at', models.DateTimeField(verbose_name='from')),
                ('ends_at', models.DateTimeField(blank=True, null=True, verbose_name='to')),
                ('samples', models.PositiveIntegerField(blank=True, null=True, verbose_name='samples')),
                ('source', models.CharField(choices=[('check_in', 'check-in'), ('device', 'device'), ('entered', 'entered by hand'), ('imported', 'imported')], max_length=8)),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='why entered late')),
                ('note', models.CharField(blank=True, max_length=500, verbose_name='condition, remarks')),
                ('problem', models.CharField(blank=True, max_length=500, verbose_name='problem')),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('external_ref', models.CharField(blank=True, max_length=80)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('booking', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='usage', to='bookings.booking')),
                ('entered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('group', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='usage', to='accounts.researchgroup')),
                ('instrument', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='usage', to='instruments.instrument')),
                ('operator', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('settled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='usage', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['instrument', '-starts_at'], name='usage_of_instrument'), models.Index(condition=models.Q(models.Q(('problem', ''), _negated=True), ('settled_at', None)), fields=['instrument'], name='usage_with_problems')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_at', None), ('ends_at__gt', models.F('starts_at')), _connector='OR'), name='usage_ends_after_it_starts'), models.CheckConstraint(condition=models.Q(('source__in', ['check_in', 'device', 'entered', 'imported'])), name='usage_source'), models.UniqueConstraint(condition=models.Q(('booking__isnull', False), ('ends_at', None)), fields=('booking',), name='usage_one_at_a_time'), models.UniqueConstraint(condition=models.Q(('external_ref', ''), _negated=True), fields=('entered_by', 'external_ref'), name='usage_external_ref_once')],
            },
        ),
    ]
