import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_announced_years'),
        ('bookings', '0001_initial'),
        ('instruments', '0002_research_group'),
    ]

    operations = [
        migrations.CreateModel(
            name='Quota',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('category', models.CharField(blank=True, choices=[('own_group', 'own group'), ('own_institution', 'own institution'), ('academic', 'academic'), ('sme', 'small or medium-sized enterprise'), ('company', 'company'), ('individual', 'individual'), ('overseas', 'overseas'), ('youth', 'youth')], max_length=16, verbose_name='for')),
                ('subject', models.CharField(choices=[('person', 'person'), ('group', 'research group')], max_length=8, verbose_name='each')),
                ('measure', models.CharField(choices=[('hours', 'hours'), ('bookings', 'bookings')], max_length=8, verbose_name='counted in')),
                ('period', models.CharField(choices=[('day', 'day'), ('week', 'week'), ('month', 'month')], max_length=8, verbose_name='per')),
                ('amount', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(2000)], verbose_name='at most')),
            ],
        ),
        migrations.AddField(
            model_name='policy',
            name='allows_hand_over',
            field=models.BooleanField(blank=True, null=True, verbose_name='may be handed over'),
        ),
        migrations.AddField(
            model_name='policy',
            name='approval_after_minute',
            field=models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1440)], verbose_name='approval when it ends after (minutes after midnight)'),
        ),
        migrations.AddField(
            model_name='policy',
            name='approval_before_minute',
            field=models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1440)], verbose_name='approval when it begins before (minutes after midnight)'),
        ),
        migrations.AddField(
            model_name='policy',
            name='approval_over_minutes',
            field=models.PositiveIntegerField(blank=True, help_text='0: no limit', null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(43200)], verbose_name='approval when longer than (min)'),
        ),
        migrations.AddField(
            model_name='policy',
            name='asks_check_in',
            field=models.BooleanField(blank=True, null=True, verbose_name='asks for check-in'),
        ),
        migrations.AddField(
            model_name='policy',
            name='asks_feedback',
            field=models.BooleanField(blank=True, null=True, verbose_name='asks for feedback'),
        ),
        migrations.AddField(
            model_name='policy',
            name='cancel_deadline_minutes',
            field=models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(43200)], verbose_name='free cancellation until (min before)'),
        ),
        migrations.AddField(
            model_name='policy',
            name='category',
            field=models.CharField(blank=True, choices=[('own_group', 'own group'), ('own_institution', 'own institution'), ('academic', 'academic'), ('sme', 'small or medium-sized enterprise'), ('company', 'company'), ('individual', 'individual'), ('overseas', 'overseas'), ('youth', 'youth')], max_length=16, verbose_name='for'),
        ),
        migrations.AddField(
            model_name='policy',
            name='decide_within_hours',
            field=models.PositiveSmallIntegerField(blank=True, help_text='0: until they begin', null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(720)], verbose_name='requests wait for (h)'),
        ),
        migrations.AddField(
            model_name='policy',
            name='grace_minutes',
            field=models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(5), django.core.validators.MaxValueValidator(720)], verbose_name='no-show after (min)'),
        ),
        migrations.AddField(
            model_name='policy',
            name='max_coming',
            field=models.PositiveSmallIntegerField(blank=True, help_text='0: no limit', null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(500)], verbose_name='coming bookings at once'),
        ),
        migrations.AddField(
            model_name='policy',
            name='open_on_holidays',
            field=models.BooleanField(blank=True, null=True, verbose_name='open on public holidays'),
        ),
        migrations.AddField(
            model_name='policy',
            name='operator',
            field=models.CharField(blank=True, choices=[('never', 'no operator'), ('optional', 'with an operator if wanted'), ('always', 'always with an operator')], max_length=8, verbose_name='operator'),
        ),
        migrations.AddField(
            model_name='policy',
            name='shows_names',
            field=models.BooleanField(blank=True, null=True, verbose_name='names show in the calendar'),
        ),
        migrations.AddField(
            model_name='policy',
            name='staff_only',
            field=models.BooleanField(blank=True, null=True, verbose_name='only the laboratory books'),
        ),
        migrations.AddField(
            model_name='policy',
            name='training_level',
            field=models.PositiveSmallIntegerField(blank=True, choices=[(0, 'none'), (1, 'introduced: uses it while somebody is near'), (2, 'independent: uses it alone'), (3, 'advanced: all its modes')], null=True, verbose_name='training'),
        ),
        # What needed training needs it still; the trainings of that time count as level 2, so 1 is met by each.
        migrations.RunSQL(
            "UPDATE bookings_policy SET training_level = CASE WHEN needs_training THEN 1 ELSE 0 END",
            "UPDATE bookings_policy SET needs_training = COALESCE(training_level, 0) > 0",
        ),
        migrations.RemoveField(
            model_name='policy',
            name='needs_training',
        ),
        migrations.AlterField(
            model_name='policy',
            name='buffer_after_minutes',
            field=models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(720)], verbose_name='buffer after (min)'),
        ),
        migrations.AlterField(
            model_name='policy',
            name='buffer_before_minutes',
            field=models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(720)], verbose_name='buffer before (min)'),
        ),
        migrations.AlterField(
            model_name='policy',
            name='facility',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='%(class)s_rows', to='instruments.facility'),
        ),
        migrations.AlterField(
            model_name='policy',
            name='horizon_days',
            field=models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(730)], verbose_name='horizon (days)'),
        ),
        migrations.AlterField(
            model_name='policy',
            name='instrument',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='%(class)s_rows', to='instruments.instrument'),
        ),
        migrations.AlterField(
            model_name='policy',
            name='lead_minutes',
            field=models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(129600)], verbose_name='lead time (min)'),
        ),
        migrations.AlterField(
            model_name='policy',
            name='longest_minutes',
            field=models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(5), django.core.validators.MaxValueValidator(43200)], verbose_name='longest booking (min)'),
        ),
        migrations.AlterField(
            model_name='policy',
            name='needs_approval',
            field=models.BooleanField(blank=True, null=True, verbose_name='needs approval'),
        ),
        migrations.AlterField(
            model_name='policy',
            name='shortest_minutes',
            field=models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(5), django.core.validators.MaxValueValidator(43200)], verbose_name='shortest booking (min)'),
        ),
        migrations.AlterField(
            model_name='policy',
            name='step_minutes',
            field=models.PositiveSmallIntegerField(blank=True, choices=[(5, '5'), (10, '10'), (15, '15'), (20, '20'), (30, '30'), (60, '60'), (120, '120'), (180, '180'), (240, '240'), (360, '360'), (480, '480'), (720, '720'), (1440, '1440')], null=True, verbose_name='step (min)'),
        ),
        migrations.AddConstraint(
            model_name='policy',
            constraint=models.UniqueConstraint(condition=models.Q(('instrument', None)), fields=('facility', 'category'), name='policy_once_per_facility'),
        ),
        migrations.AddConstraint(
            model_name='policy',
            constraint=models.UniqueConstraint(condition=models.Q(('facility', None)), fields=('instrument', 'category'), name='policy_once_per_instrument'),
        ),
        migrations.AddConstraint(
            model_name='policy',
            constraint=models.CheckConstraint(condition=models.Q(('grace_minutes__range', (5, 720))), name='policy_grace'),
        ),
        migrations.AddConstraint(
            model_name='policy',
            constraint=models.CheckConstraint(condition=models.Q(('training_level__in', [0, 1, 2, 3])), name='policy_training_level'),
        ),
        migrations.AddField(
            model_name='quota',
            name='facility',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='%(class)s_rows', to='instruments.facility'),
        ),
        migrations.AddField(
            model_name='quota',
            name='instrument',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='%(class)s_rows', to='instruments.instrument'),
        ),
        migrations.AddConstraint(
            model_name='quota',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('facility', None), ('instrument__isnull', False)), models.Q(('facility__isnull', False), ('instrument', None)), _connector='OR'), name='quota_one_owner'),
        ),
        migrations.AddConstraint(
            model_name='quota',
            constraint=models.CheckConstraint(condition=models.Q(('amount__range', (1, 2000))), name='quota_amount'),
        ),
        migrations.AddConstraint(
            model_name='quota',
            constraint=models.UniqueConstraint(fields=('facility', 'category', 'subject', 'measure', 'period'), name='quota_once_per_facility'),
        ),
        migrations.AddConstraint(
            model_name='quota',
            constraint=models.UniqueConstraint(fields=('instrument', 'category', 'subject', 'measure', 'period'), name='quota_once_per_instrument'),
        ),
    ]
