"""Fapiao: what the payer wants on theirs, and the number that the tax system gave. We issue none ourselves."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from openpyxl import Workbook

from accounts.formats import is_uscc, tidy_uscc
from accounts.models import User
from billing.models import FapiaoRequest, Invoice
from billing.permissions import may_receive, may_speak_for
from billing.services.drafting import ONLY_FINANCE
from billing.services.issuing import lock_invoice
from billing.states import UNPAID, FapiaoKind, FapiaoState, InvoiceState, SettlementKind
from common.db import violation_means
from common.errors import NotAllowed, Refusal, Refused, WrongInput
from common.text import tidy
from notifications.services import tell
from records.models import StoredFile

ONE_EACH = Refusal("fapiao_requested", _("A fapiao for this invoice is asked for or issued already."))
NUMBER_ONCE = Refusal("fapiao_number_used", _("This fapiao number is entered already."), "number")
NO_FAPIAO = Refusal(
    "no_fapiao", _("There is no fapiao for this invoice: it is settled internally, a draft, or was credited.")
)
NOT_WAITING = Refusal("wrong_state", _("This request does not wait for a number."))
HEADERS = (
    "结算单编号", "付款识别码", "发票类型", "抬头类型", "发票抬头", "纳税人识别号", "地址", "电话", "开户银行",
    "银行账号", "项目", "不含税金额", "税额", "价税合计", "接收邮箱", "申请日期", "申请编号",
)  # fmt: skip


@transaction.atomic
def request_fapiao(
    invoice: Invoice, *, by: User, title: str, kind: str = FapiaoKind.ORDINARY, is_personal: bool = False,
    uscc: str = "", address: str = "", phone: str = "", bank: str = "", account: str = "", email: str = "",
) -> FapiaoRequest:  # fmt: skip
    """The payer (or finance for them) says what stands on the fapiao. A special one needs all of a firm's particulars.

    Raises WrongInput, ValidationError; Refused: `no_fapiao`, `fapiao_requested`.
    """
    locked = lock_invoice(invoice)
    if not (may_speak_for(by, locked.wallet) or may_receive(by, locked.seller)):
        raise NotAllowed(_("Only who pays this invoice may do this."))
    if locked.settlement == SettlementKind.INTERNAL or locked.state not in {*UNPAID, InvoiceState.PAID}:
        raise Refused([NO_FAPIAO])
    given = {"address": address, "phone": phone, "bank": bank, "account": account}
    words = {name: tidy(value) for name, value in given.items()}
    code = "" if is_personal else tidy_uscc(uscc)
    _refuse_incomplete(kind, is_personal=is_personal, code=code, words=words)
    row = FapiaoRequest(
        invoice=locked, kind=kind, title=tidy(title), is_personal=is_personal, uscc=code, email=email,
        requested_by=by, **words,
    )  # fmt: skip
    row.full_clean(validate_constraints=False)
    with violation_means("fapiao_one_per_invoice", Refused([ONE_EACH])):
        row.save(force_insert=True)
    return row


def _refuse_incomplete(kind: str, *, is_personal: bool, code: str, words: dict[str, str]) -> None:
    if not is_personal and not is_uscc(code):
        wrong = _("This is no unified social credit code: its check character is wrong.")
        raise WrongInput("uscc", "invalid", wrong)
    if kind != FapiaoKind.SPECIAL:
        return
    if is_personal:
        raise WrongInput("is_personal", "invalid", _("A special fapiao is issued to organisations only."))
    for name, value in words.items():
        if not value:
            raise WrongInput(name, "required", _("A special fapiao needs this."))


@transaction.atomic
def enter_fapiao(
    request: FapiaoRequest, *, number: str, issued_on: date, by: User, file: StoredFile | None = None
) -> FapiaoRequest:
    """The number that the tax system gave, its day and file. Raises Refused: `wrong_state`, `fapiao_number_used`."""
    locked = _locked(request, by=by)
    if locked.state != FapiaoState.REQUESTED:
        raise Refused([NOT_WAITING])
    number = "".join(number.split())[:30]
    if not number.isdigit() or len(number) not in {8, 20}:
        raise WrongInput("number", "invalid", _("A fapiao number has 20 digits, an older one 8."))
    if issued_on > timezone.localdate():
        raise WrongInput("issued_on", "in_the_future", _("This day has not come yet."))
    locked.number, locked.issued_on, locked.state = number, issued_on, FapiaoState.ISSUED
    locked.file = file or locked.file
    with violation_means("fapiao_number_once", Refused([NUMBER_ONCE])):
        locked.save()
    tell("fapiao_issued", to=[locked.requested_by], about=locked.invoice, occasion=number, request=locked)
    return locked


@transaction.atomic
def void_fapiao(request: FapiaoRequest, *, by: User) -> FapiaoRequest:
    """The fapiao was turned red in the tax system: another may be asked for; its number stays taken."""
    locked = _locked(request, by=by)
    if locked.state != FapiaoState.ISSUED:
        raise Refused([NOT_WAITING])
    locked.state = FapiaoState.VOID
    locked.save(update_fields=["state"])
    return locked


def _locked(request: FapiaoRequest, *, by: User) -> FapiaoRequest:
    found = FapiaoRequest.objects.select_for_update(of=("self",), no_key=True).select_related("invoice__seller")
    locked = found.get(pk=request.pk)
    if not may_receive(by, locked.invoice.seller):
        raise NotAllowed(ONLY_FINANCE)
    return locked


def fapiao_list(requests: Iterable[FapiaoRequest]) -> bytes:
    """The requests as a workbook, to be taken over into the tax system's client. Cells are text: no formula gets in."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("发票申请")
    sheet.append(HEADERS)
    with translation.override("zh-hans"):
        for request in requests:
            sheet.append([_cell(value) for value in _row(request)])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _row(request: FapiaoRequest) -> list[str]:
    invoice = request.invoice
    return [
        f"{invoice.year}-{invoice.number:05}", invoice.reference, request.get_kind_display(),
        "个人" if request.is_personal else "单位", request.title, request.uscc, request.address, request.phone,
        request.bank, request.account, "测试服务费", f"{invoice.net:.2f}", f"{invoice.vat:.2f}",
        f"{invoice.gross:.2f}", request.email, f"{timezone.localdate(request.requested_at):%Y-%m-%d}", str(request.pk),
    ]  # fmt: skip


def _cell(value: str) -> str:
    """Text that a spreadsheet program takes for no formula."""
    return f"'{value}" if value[:1] in "=+-@\t\r" and value else value
