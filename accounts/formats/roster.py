"""A roster: who belongs to an organisation, in which role and until when, in a CSV or XLSX table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from accounts.formats.day_csv import date_in
from accounts.formats.day_file import LARGEST_FILE
from accounts.formats.phone import is_phone, tidy_phone
from accounts.states import Role
from common.errors import WrongInput
from common.spreadsheets import rows_of_table
from common.tables import meant
from common.text import folded, tidy

MOST_ROWS = 20_000
COLUMNS = {
    "姓名": "name", "邮箱": "email", "电子邮箱": "email", "e-mail": "email", "手机": "phone", "手机号": "phone",
    "学号": "number", "工号": "number", "学号/工号": "number", "学工号": "number", "角色": "role",
    "截止日期": "last_day", "last day": "last_day",
}  # fmt: skip
ROLES = {
    "": Role.MEMBER, "成员": Role.MEMBER, "单位管理员": Role.ADMIN, "管理员": Role.ADMIN, "财务": Role.FINANCE,
    "科普专员": Role.COORDINATOR, "指导教师": Role.MENTOR, "导师": Role.MENTOR, "市级管理员": Role.OFFICER,
    "审计": Role.AUDITOR, "技术经纪人": Role.BROKER,
}  # fmt: skip
ROLES |= {role.value: role for role in Role}


@dataclass(frozen=True)
class Line:
    """A row that can be read: somebody, by where they can be reached."""

    line: int
    name: str
    email: str
    phone: str
    number: str
    role: str
    last_day: date | None

    @property
    def who(self) -> str:
        return self.email or self.phone


@dataclass(frozen=True)
class Complaint:
    """What is wrong with a row; `line` counts from 1."""

    line: int
    reason: str


@dataclass(frozen=True)
class RosterRead:
    lines: list[Line] = field(default_factory=list)
    wrong: list[Complaint] = field(default_factory=list)


def read_roster(content: bytes) -> RosterRead:
    """The rows of a table, and what is wrong with each of the others. Raises WrongInput (`file`) for no such table."""
    if len(content) > LARGEST_FILE:
        raise WrongInput("file", "too_large", _("The file is larger than 1 MB."))
    headers, rows = rows_of_table(content, limit=MOST_ROWS, longest_cell=300)
    columns = {header: COLUMNS.get(folded(header), folded(header)) for header in headers}
    named = {*columns.values()}
    if not named & {"email", "phone"}:
        raise WrongInput("file", "no_header", _("The first line must name the columns, e-mail or phone among them."))
    read = RosterRead()
    for number, cells in rows:
        try:
            read.lines.append(_line(number, {columns[name]: tidy(meant(cell)) for name, cell in cells.items()}))
        except WrongInput as error:
            read.wrong.append(Complaint(number, str(error.detail)))
    return read


def _line(number: int, cells: Mapping[str, str]) -> Line:
    email, phone = folded(cells.get("email", "")), tidy_phone(cells.get("phone", ""))
    if not email and not phone:
        raise WrongInput("email", "required", _("There is neither an e-mail nor a phone."))
    if email:
        try:
            validate_email(email)
        except ValidationError:
            raise WrongInput("email", "invalid", _("This is no e-mail address: %(text)s") % {"text": email}) from None
    if phone and not is_phone(phone):
        raise WrongInput("phone", "invalid", _("This is no mobile number: %(text)s") % {"text": phone})
    role = folded(cells.get("role", ""))
    if role not in ROLES:
        raise WrongInput("role", "invalid", _("There is no such role: %(text)s") % {"text": role})
    for name, longest in (("name", 80), ("number", 40), ("email", 254)):
        if len(cells.get(name, "")) > longest:
            raise WrongInput(name, "too_long", _("A cell is longer than %(limit)s letters.") % {"limit": longest})
    text = cells.get("last_day", "")
    last = date_in(text.partition("T")[0]) if text else None
    return Line(number, cells.get("name", ""), email, phone, cells.get("number", ""), ROLES[role], last)
