"""Who lives in the demo city. No real person and no real firm."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts.models import MailDomain, Organisation, ResearchGroup, User
from accounts.services import make_token
from accounts.states import MembershipState, OrganisationKind, Role, Scope
from instruments.models import Facility
from instruments.services import entrust
from instruments.states import FacilityDuty
from privacy.models import Acceptance
from privacy.states import CURRENT

PASSWORD = "demo-Dalian-2026"  # noqa: S105 (of a demo; the README says it too)


@dataclass(frozen=True)
class Account:
    """One demo account: who it is, and where it belongs (`university`, `firm`, … or nowhere)."""

    name: str
    person: str
    role_zh: str
    role_en: str
    belongs: str = ""
    role: str = Role.MEMBER
    confirmed: bool = True

    @property
    def email(self) -> str:
        return f"{self.name}@demo.example"


ACCOUNTS = [
    Account("researcher", "研究生甲", "研究人员（已通过扫描电镜培训）", "researcher, trained on the SEM", "university"),
    Account("labmate", "研究生乙", "研究人员（已通过扫描电镜培训）", "researcher, trained on the SEM", "university"),
    Account("pi", "课题组负责人", "课题组负责人", "principal investigator", "university"),
    Account("manager", "机组管理员", "分析测试中心机组管理员", "lab admin of the analysis centre", "university"),
    Account("operator", "操作员", "分析测试中心操作员", "operator there", "university"),
    Account("institution", "单位管理员", "大学的单位管理员", "institution admin", "university", Role.ADMIN),
    Account("finance", "财务人员", "大学的财务", "finance officer", "university", Role.FINANCE),
    Account("sme", "企业管理员甲", "已确认企业的管理员", "admin of a confirmed firm", "firm", Role.ADMIN),
    Account(
        "newfirm",
        "企业管理员乙",
        "待确认企业的管理员",
        "admin of a firm not confirmed",
        "new firm",
        Role.ADMIN,
        confirmed=False,
    ),
    Account("officer", "市级管理员", "市级管理员", "city officer", "city", Role.OFFICER),
    Account("broker", "技术经纪人", "技术经纪人", "broker", "broker", Role.BROKER),
    Account("auditor", "审计人员", "审计", "auditor", "city", Role.AUDITOR),
    Account("coordinator", "科普专员", "青少年科普专员", "youth coordinator", "university", Role.COORDINATOR),
    Account("mentor", "指导教师", "指导教师", "mentor", "university", Role.MENTOR),
    Account("guardian", "家长甲", "家长", "guardian"),
    Account("lims", "实验室信息系统", "分析测试中心的服务账号", "service account of the centre", "university"),
]

# (kind, Chinese and English name, code): codes of a region that does not exist.
OTHERS = {
    "firm": (OrganisationKind.COMPANY, "示例精密装备有限公司", "Example Precision Equipment", "91210299DEM000014W"),
    "new firm": (OrganisationKind.COMPANY, "示例新材料有限公司", "Example New Materials", "91210299DEM000022P"),
    "broker": (OrganisationKind.SERVICE_PROVIDER, "示例技术转移中心", "Example Transfer Centre", "91210299DEM000030J"),
    "city": (OrganisationKind.GOVERNMENT, "科学城管理办公室（示例）", "Science City Office (example)", None),
}


def settle(university: Organisation) -> dict[str, User]:
    """Make the accounts with their memberships and the research group; returns them by name."""
    places = {"university": university}
    for key, (kind, name_zh, name_en, uscc) in OTHERS.items():
        places[key] = Organisation.objects.create(
            kind=kind, name_zh=name_zh, name_en=name_en, uscc=uscc, is_sme=key == "firm"
        )
    MailDomain.objects.create(organisation=university, domain="dut.example")
    people = {account.name: _make(account, places) for account in ACCOUNTS}
    group = ResearchGroup.objects.create(
        organisation=university,
        pi=people["pi"],
        name_zh="先进材料课题组（示例）",
        name_en="Advanced Materials (example)",
    )
    for name in ("researcher", "labmate"):
        group.admissions.create(person=people[name])
    return people


def _make(account: Account, places: dict[str, Organisation]) -> User:
    user = make_person(account.email, account.person)
    if account.name == "lims":
        user.service_of = places["university"]
        user.save(update_fields=["service_of"])
    if account.belongs:
        state = MembershipState.CONFIRMED if account.confirmed else MembershipState.CLAIMED
        at = timezone.now() if account.confirmed else None
        user.memberships.create(organisation=places[account.belongs], role=account.role, state=state, confirmed_at=at)
    return user


@cache
def _hashed() -> str:
    """Hashing is slow on purpose; everybody here has the same password anyway."""
    return make_password(PASSWORD)


def make_person(email: str, name: str) -> User:
    """Somebody who can sign in with the demo's password."""
    user = User.objects.create(email=email, name=name, password=_hashed(), texts_accepted=CURRENT)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    Acceptance.objects.create(user=user, version=CURRENT, language="zh-hans")
    return user


def staff(facilities: dict[str, Facility], people: dict[str, User]) -> None:
    """Give every facility a lab admin, and the analysis centre its operator and its program."""
    centre = facilities["dut-analysis"]
    for name, duty in (("manager", FacilityDuty.ADMIN), ("operator", FacilityDuty.OPERATOR)):
        entrust(centre, to=people[name], duty=duty)
    entrust(centre, to=people["lims"], duty=FacilityDuty.OPERATOR)
    people["lims"].in_care_of = people["institution"]
    people["lims"].save(update_fields=["in_care_of"])
    for slug, facility in facilities.items():
        if facility != centre:
            other = make_person(f"manager-{slug}@demo.example", f"{facility.name_zh}机组管理员")
            other.memberships.create(
                organisation=facility.organisation, state=MembershipState.CONFIRMED, confirmed_at=timezone.now()
            )
            entrust(facility, to=other, duty=FacilityDuty.ADMIN)


def demo_tokens() -> list[tuple[str, str]]:
    """A fresh API token for each account of the demo: (e-mail, token)."""
    found = []
    for account in ACCOUNTS:
        user = User.objects.get(email=account.email)
        by = User.objects.get(email="institution@demo.example") if user.service_of_id else user
        found.append((account.email, make_token(user, by=by, name="demo", scopes=Scope.values)[1]))
    return found
