import django.core.validators
import django.db.models.deletion
import django.db.models.lookups
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import common.ids


class Migration(migrations.Migration):

    dependencies = [
        ('bookings', '0003_opening'),
    ]

    operations = [
        migrations.CreateModel(
            name='TrainingNeed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name_zh', models.CharField(max_length=80, verbose_name='Chinese name')),
                ('name_en', models.CharField(blank=True, max_length=120, verbose_name='English name')),
                ('level', models.PositiveSmallIntegerField(choices=[(0, 'none'), (1, 'introduced: uses it while somebody is near'), (2, 'independent: uses it alone'), (3, 'advanced: all its modes')], default=1, verbose_name='level')),
                ('valid_days', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MaxValueValidator(3660)], verbose_name='valid for (days)')),
            ],
        ),
        migrations.CreateModel(
            name='TrainingRequest',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('note', models.CharField(blank=True, max_length=500, verbose_name='what you want to do, and when you could come')),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('granted', 'granted'), ('declined', 'declined')], default='waiting', max_length=8)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AddField(
            model_name='training',
            name='expires_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='valid until'),
        ),
        migrations.AddField(
            model_name='training',
            name='facility',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='trainings', to='instruments.facility'),
        ),
        migrations.AddField(
            model_name='training',
            name='level',
            field=models.PositiveSmallIntegerField(choices=[(0, 'none'), (1, 'introduced: uses it while somebody is near'), (2, 'independent: uses it alone'), (3, 'advanced: all its modes')], db_default=2, default=2, verbose_name='level'),
        ),
        migrations.AddField(
            model_name='training',
            name='organisation',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='trainings', to='accounts.organisation'),
        ),
        migrations.AddField(
            model_name='training',
            name='reminded_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name='training',
            name='instrument',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='trainings', to='instruments.instrument'),
        ),
        migrations.AddIndex(
            model_name='training',
            index=models.Index(condition=models.Q(('reminded_at', None)), fields=['expires_at'], name='training_to_remind'),
        ),
        migrations.AddConstraint(
            model_name='training',
            constraint=models.UniqueConstraint(fields=('user', 'facility'), name='training_once_per_facility'),
        ),
        migrations.AddConstraint(
            model_name='training',
            constraint=models.UniqueConstraint(fields=('user', 'organisation'), name='training_once_per_organisation'),
        ),
        migrations.AddConstraint(
            model_name='training',
            constraint=models.UniqueConstraint(condition=models.Q(('facility', None), ('instrument', None), ('organisation', None)), fields=('user',), name='training_once_for_the_city'),
        ),
        migrations.AddConstraint(
            model_name='training',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('facility', None), ('organisation', None)), models.Q(('instrument', None), ('organisation', None)), models.Q(('facility', None), ('instrument', None)), _connector='OR'), name='training_at_most_one_place'),
        ),
        migrations.AddConstraint(
            model_name='training',
            constraint=models.CheckConstraint(condition=models.Q(('level__in', [1, 2, 3])), name='training_level'),
        ),
        migrations.AddField(
            model_name='trainingneed',
            name='facility',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='training_need', to='instruments.facility'),
        ),
        migrations.AddField(
            model_name='trainingneed',
            name='organisation',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='training_need', to='accounts.organisation'),
        ),
        migrations.AddField(
            model_name='trainingrequest',
            name='decided_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='trainingrequest',
            name='instrument',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='training_requests', to='instruments.instrument'),
        ),
        migrations.AddField(
            model_name='trainingrequest',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='training_requests', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='trainingneed',
            constraint=models.CheckConstraint(condition=models.Q(('facility', None), ('organisation', None), _connector='OR'), name='training_need_one_place'),
        ),
        migrations.AddConstraint(
            model_name='trainingneed',
            constraint=models.UniqueConstraint(django.db.models.lookups.IsNull(models.F('facility'), True), condition=models.Q(('facility', None), ('organisation', None)), name='training_need_once_for_the_city'),  # noqa: FBT003
        ),
        migrations.AddConstraint(
            model_name='trainingrequest',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('user', 'instrument'), name='training_asked_once'),
        ),
    ]
