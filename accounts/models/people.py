"""People, organisations, who belongs where, and the tokens of programs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import JSONObject, Length
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from accounts.querysets import ApiTokenQuerySet, MembershipQuerySet, OrganisationDayQuerySet, OrganisationQuerySet
from accounts.states import HOME, WORKED, DayKind, MembershipState, OrganisationKind, Role, Scope, Vouched
from common.asked import Asked
from common.ids import new_id
from common.text import Bilingual
from records.models import DEMO, Mark

models.CharField.register_lookup(Length)


class UserAccounts(BaseUserManager["User"]):
    """Makes people; allauth and `createsuperuser` call it by these names."""

    def create_user(self, email: str | None = None, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower() if email else None, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def reader(self, pk: UUID) -> User | None:
        """Whoever is signed in as `pk`, with what says whether they owe a second factor, in one statement."""
        found = _READER.of(day=timezone.localdate(), pk=pk)
        return found[0] if found else None

    def create_superuser(self, email: str, password: str, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person, or a service account of an organisation (a program with no person behind it)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(_("name"), max_length=80)
    email = models.EmailField(_("e-mail"), unique=True, null=True, blank=True)
    phone = models.CharField(_("phone"), max_length=20, unique=True, null=True, blank=True)
    phone_verified = models.BooleanField(
        default=False, db_default=False, help_text="a code that was sent there came back"
    )
    language = models.CharField(
        _("language"), max_length=10, choices=[("zh-hans", "简体中文"), ("en", "English")], default="zh-hans"
    )
    time_zone = models.CharField(_("time zone"), max_length=40, default="Asia/Shanghai")
    service_of = models.ForeignKey(
        "Organisation", models.CASCADE, null=True, blank=True, related_name="service_accounts"
    )
    in_care_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="cares_for",
        help_text="who answers for a service account",
    )  # fmt: skip
    texts_accepted = models.CharField(
        max_length=10, blank=True, default="", db_default="", help_text="the version of the terms they accepted last"
    )
    told_by = models.JSONField(
        default=dict, db_default={}, blank=True, help_text="by family of events, the way that they chose"
    )
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = UserAccounts()

    class Meta:
        verbose_name = _("person")
        constraints = [
            models.CheckConstraint(
                condition=Q(email__isnull=False) | Q(phone__isnull=False), name="user_has_email_or_phone"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


def _reader(pk: UUID) -> models.QuerySet[User, Any]:
    held = Membership.objects.confirmed().filter(person=OuterRef("pk")).values("role")
    # The rooms above know laboratories; here they are a relation, as in `keeping_records`.
    stands = Q(facility_roles__until=None) | Q(facility_roles__until__gte=timezone.localdate())
    duties = JSONObject(
        roles=ArraySubquery(held),
        runs_laboratory=Exists(User.objects.filter(stands, facility_roles__duty="admin", pk=OuterRef("pk"))),
        in_demo=Exists(Mark.objects.filter(name=DEMO)),
    )
    return User.objects.filter(pk=pk).annotate(duties=duties)


# Every page and every call by a session asks it.
_READER: Asked[User] = Asked(_reader)


class Organisation(models.Model):
    """A university, an institute, a firm, an office: whoever owns instruments or sends people to them."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(_("kind"), max_length=20, choices=OrganisationKind.choices)
    name_zh = models.CharField(_("Chinese name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=160, blank=True)
    uscc = models.CharField(_("unified social credit code"), max_length=18, unique=True, null=True, blank=True)
    ror = models.URLField(_("ROR id"), blank=True)
    district = models.CharField(_("district"), max_length=60, blank=True)
    country = models.CharField(_("country"), max_length=2, default=HOME, help_text="ISO 3166-1 alpha-2")
    is_sme = models.BooleanField(_("declares itself a small or medium-sized enterprise"), default=False)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="parts")
    created_at = models.DateTimeField(default=timezone.now)

    name = Bilingual("name")
    objects = OrganisationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(uscc=None) | Q(uscc__length=18), name="organisation_uscc_length"),
            models.CheckConstraint(condition=Q(kind__in=OrganisationKind.values), name="organisation_kind"),
            models.CheckConstraint(condition=Q(country__regex="^[A-Z]{2}$"), name="organisation_country"),
        ]

    def __str__(self) -> str:
        return str(self.name)


class MailDomain(models.Model):
    """A mail domain that only members of the organisation have: an address there confirms a membership."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="mail_domains")
    domain = models.CharField(max_length=120, unique=True)

    def __str__(self) -> str:
        return self.domain


class Membership(models.Model):
    """That a person belongs to an organisation, in one role: claimed by them, confirmed by it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=12, choices=Role.choices, default=Role.MEMBER)
    number = models.CharField(_("student or staff number"), max_length=40, blank=True)
    state = models.CharField(max_length=10, choices=MembershipState.choices, default=MembershipState.CLAIMED)
    confirmed_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    vouched_by = models.CharField(max_length=6, choices=Vouched.choices, blank=True, default="", db_default="")
    ends_on = models.DateField(null=True, blank=True, help_text="its last day, where a roster names one")
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["ends_on"], condition=Q(ends_on__isnull=False), name="membership_ending")]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "organisation", "role"],
                condition=~Q(state=MembershipState.ENDED),
                name="membership_once",
            ),
            models.CheckConstraint(condition=Q(state__in=MembershipState.values), name="membership_state"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role"),
            models.CheckConstraint(condition=Q(vouched_by__in=["", *Vouched.values]), name="membership_vouched"),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.organisation}"

    def get_absolute_url(self) -> str:
        return reverse("members", args=[self.organisation_id])


class HolidayYear(models.Model):
    """A year whose holidays and make-up working days the State Council has announced."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    days = models.JSONField(help_text="[{day, kind (holiday, make_up), name_zh, name_en}]")
    source = models.CharField(max_length=200, blank=True)
    announced_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    announced_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.year)


class OrganisationDay(models.Model):
    """What an institution says of one of its days; its word wins over the State Council's."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="calendar_days")
    day = models.DateField(_("day"))
    kind = models.CharField(_("kind"), max_length=10, choices=DayKind.choices)
    follows = models.PositiveSmallIntegerField(_("works as"), choices=WEEKDAYS, null=True, blank=True)
    name_zh = models.CharField(_("Chinese name"), max_length=60, blank=True)
    name_en = models.CharField(_("English name"), max_length=80, blank=True)

    name = Bilingual("name")
    objects = OrganisationDayQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "day"], name="organisation_day_once"),
            models.CheckConstraint(condition=Q(kind__in=DayKind.values), name="organisation_day_kind"),
            models.CheckConstraint(
                condition=Q(follows=None) | Q(follows__range=(0, 6), kind__in=sorted(WORKED)),
                name="organisation_day_follows",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} · {self.organisation}"


class ResearchGroup(models.Model):
    """A principal investigator's group (课题组)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="research_groups")
    pi = models.ForeignKey(User, models.PROTECT, related_name="led_groups")
    name_zh = models.CharField(_("Chinese name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=160, blank=True)
    members = models.ManyToManyField(User, through="GroupMember", related_name="research_groups")

    name = Bilingual("name")

    def __str__(self) -> str:
        return str(self.name)


class GroupMember(models.Model):
    """A person whom the principal investigator admitted to the group."""

    group = models.ForeignKey(ResearchGroup, models.CASCADE, related_name="admissions")
    person = models.ForeignKey(User, models.CASCADE, related_name="admissions")
    admitted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "person"], name="group_member_once")]

    def __str__(self) -> str:
        return f"{self.person} · {self.group}"


class ApiToken(models.Model):
    """A program's key to act as its user, within scopes; the secret itself is never stored."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=60)
    scopes = ArrayField(models.CharField(max_length=10, choices=Scope.choices))
    public = models.CharField(max_length=8, unique=True, help_text="the readable part, to tell tokens apart")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the whole token, in hex")
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(User, models.CASCADE, related_name="+")
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class SignInFailure(models.Model):
    """A wrong password, counted here while the cache does not answer; gone after a minute."""

    key = models.CharField(max_length=64, help_text="SHA-256 of the account or the address that it came from, in hex")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["key", "at"], name="sign_in_failure_key_at")]

    def __str__(self) -> str:
        return f"{self.key[:8]} {self.at}"
