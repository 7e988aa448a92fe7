import django.contrib.postgres.operations
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import common.ids


class Migration(migrations.Migration):

    dependencies = [
        ('bookings', '0004_training_scopes'),
    ]

    operations = [
        migrations.CreateModel(
            name='Change',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('move', 'asked for by the requester'), ('counter', 'offered by the laboratory')], max_length=8)),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('accepted', 'accepted'), ('declined', 'declined'), ('withdrawn', 'withdrawn'), ('expired', 'expired')], default='waiting', max_length=10)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('was_starts_at', models.DateTimeField()),
                ('was_ends_at', models.DateTimeField()),
                ('note', models.CharField(blank=True, max_length=500)),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('expires_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.CharField(blank=True, max_length=500)),
            ],
        ),
        migrations.CreateModel(
            name='Feedback',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mark', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(5)], verbose_name='mark')),
                ('text', models.CharField(blank=True, max_length=1000, verbose_name='what should be better')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.AddField(
            model_name='booking',
            name='assisted',
            field=models.BooleanField(db_default=False, default=False, help_text='with an operator'),
        ),
        migrations.AddField(
            model_name='booking',
            name='draft_slot',
            field=models.PositiveSmallIntegerField(blank=True, help_text='1 or 2, while it is a draft', null=True),
        ),
        migrations.AddField(
            model_name='booking',
            name='expires_at',
            field=models.DateTimeField(blank=True, help_text='when a draft, request or question lapses', null=True),
        ),
        # Requests of before lapse as they always did: when they would begin.
        migrations.RunSQL(
            "UPDATE bookings_booking SET expires_at = starts_at WHERE state = 'requested'", migrations.RunSQL.noop
        ),
        migrations.AddField(
            model_name='booking',
            name='external_ref',
            field=models.CharField(blank=True, db_default='', max_length=80),
        ),
        migrations.AddField(
            model_name='booking',
            name='flexible_minutes',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, help_text='how much earlier or later would do as well, in minutes'),
        ),
        migrations.AddField(
            model_name='booking',
            name='group',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='bookings', to='accounts.researchgroup'),
        ),
        migrations.AddField(
            model_name='booking',
            name='held_for',
            field=models.CharField(blank=True, db_default='', help_text="the upper room's object that owns this booking", max_length=80),
        ),
        migrations.AddField(
            model_name='booking',
            name='no_show_at',
            field=models.DateTimeField(blank=True, help_text='when it counts as not come to, where the policy asks for check-in', null=True),
        ),
        migrations.AddField(
            model_name='booking',
            name='operator',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='booking',
            name='overruled',
            field=models.JSONField(blank=True, db_default=[], default=list, help_text='objections that staff set aside, as {code, detail}'),
        ),
        migrations.AddField(
            model_name='booking',
            name='overruled_because',
            field=models.CharField(blank=True, db_default='', max_length=500),
        ),
        migrations.AddField(
            model_name='booking',
            name='question',
            field=models.CharField(blank=True, db_default='', help_text='what the laboratory asked last', max_length=1000),
        ),
        django.contrib.postgres.operations.AddConstraintNotValid(
            model_name='booking',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('draft_slot__in', [1, 2]), ('state', 'draft')), models.Q(models.Q(('state', 'draft'), _negated=True), ('draft_slot', None)), _connector='OR'), name='booking_draft_slot'),
        ),
        migrations.AddConstraint(
            model_name='booking',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'draft')), fields=('user', 'instrument'), name='booking_one_draft'),
        ),
        migrations.AddConstraint(
            model_name='booking',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'draft')), fields=('user', 'draft_slot'), name='booking_two_drafts'),
        ),
        migrations.AddConstraint(
            model_name='booking',
            constraint=models.UniqueConstraint(condition=models.Q(('external_ref', ''), _negated=True), fields=('booked_by', 'external_ref'), name='booking_external_ref_once'),
        ),
        migrations.AddField(
            model_name='change',
            name='asked_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='change',
            name='booking',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='bookings.booking'),
        ),
        migrations.AddField(
            model_name='change',
            name='decided_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='change',
            name='instrument',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='instruments.instrument'),
        ),
        migrations.AddField(
            model_name='change',
            name='was_instrument',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='instruments.instrument'),
        ),
        migrations.AddField(
            model_name='claim',
            name='change',
            field=models.ForeignKey(blank=True, help_text='the change that holds it', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='claims', to='bookings.change'),
        ),
        migrations.AddField(
            model_name='feedback',
            name='booking',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='feedback', to='bookings.booking'),
        ),
        migrations.AddIndex(
            model_name='change',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['expires_at'], name='change_to_expire'),
        ),
        migrations.AddConstraint(
            model_name='change',
            constraint=models.CheckConstraint(condition=models.Q(('starts_at__lt', models.F('ends_at'))), name='change_not_empty'),
        ),
        migrations.AddConstraint(
            model_name='change',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['move', 'counter'])), name='change_kind'),
        ),
        migrations.AddConstraint(
            model_name='change',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'accepted', 'declined', 'withdrawn', 'expired'])), name='change_state'),
        ),
        migrations.AddConstraint(
            model_name='change',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('booking',), name='change_one_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='feedback',
            constraint=models.CheckConstraint(condition=models.Q(('mark__range', (1, 5))), name='feedback_mark'),
        ),
    ]
