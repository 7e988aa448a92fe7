"""Firms and their orders in the demo city: verified, waiting to be; requests with offers, work in each state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image, ImageDraw

from accounts.models import ContactCode, Organisation, ResearchGroup, TierKind, User
from accounts.services import ask_for_verification, note_tier, verify_firm
from accounts.states import CustomerCategory, MembershipState, OrganisationKind, Role
from billing import services as billing
from billing.states import Basis
from common.db import empty_tables
from instruments.models import Facility, TestItem
from orders import services
from orders.models import Enquiry, Order, Request
from orders.rules import lines_from
from orders.states import OrderState
from pages.demo.people import make_person

DAY = timedelta(days=1)
FACILITIES = ["dut-analysis", "dicp-energy", "dut-mechanics"]
PRICE = Decimal(240)  # CNY, for a sample of a test of the demo
# Firms beside the two of the accounts; codes of a region that does not exist.
MORE_FIRMS = [("示例石化检测有限公司", "Example Petrochemical Testing", "91210299DEM000049F"),
              ("示例轴承制造有限公司", "Example Bearings", "91210299DEM000057A")]  # fmt: skip
PROBLEMS = [
    ("轴承运行三百小时后断裂，想知道断裂原因", "断裂轴承及同批新轴承", 2, OrderState.CONFIRMED),
    ("不锈钢管焊缝处出现点蚀，是材料问题还是焊接问题？", "316L 焊管切片", 3, OrderState.RESULTS_RELEASED),
    ("两批催化剂活性相差很大，请比较成分和价态", "催化剂粉末", 4, OrderState.IN_WORK),
    ("铝合金压铸件硬度不均匀", "压铸件切块", 5, OrderState.SCHEDULED),
    ("涂层附着力不足，想看界面", "涂层钢板", 2, OrderState.ACCEPTED),
]


def forget_orders() -> None:
    """Empty the tables of orders and of firms: chains of custody and released results refuse to be deleted."""
    empty_tables("orders_request", "orders_order", "accounts_verification", "accounts_tier")


def order_things(facilities: dict[str, Facility], people: dict[str, User]) -> None:
    """Requests with offers, orders in each state, a researcher's samples: by the room's own services."""
    labs = [facilities[name] for name in FACILITIES]
    admins = {each.pk: _admin_of(each) for each in labs}
    _two_offers(people, labs, admins)
    for number, (problem, kind, count, state) in enumerate(PROBLEMS):
        lab = labs[number % len(labs)] if number else labs[0]
        request = _sent(people["sme"], problem, kind, count, [lab])
        order = services.accept(_offer(request, lab, admins[lab.pk], price=1200 + 380 * number), by=people["sme"])
        _bring(order, state, lab=admins[lab.pk], customer=people["sme"])
    _waiting_request(people, labs)
    _researchers_order(labs[0], people)


def _admin_of(facility: Facility) -> User:
    return facility.roles.filter(duty="admin").select_related("user")[0].user


def verify_firms(people: dict[str, User]) -> None:
    """`sme` is verified and holds a tier; `newfirm` waits in the officers' queue; others of both kinds."""
    officer = people["officer"]
    for name in ("sme", "newfirm"):
        firm = people[name].memberships.get().organisation
        asked = _ask(firm, people[name], "示例法人")
        if name == "sme":
            verify_firm(asked, by=officer)
            billing.grant_credit(billing.wallet_of(firm), amount=Decimal(50_000), by=None)
            tier = TierKind.objects.get(slug="specialised-sme")
            begins = timezone.localdate() - 200 * DAY
            note_tier(firm, by=officer, kind=tier, number="示例-2026-0001", issuer="示例省工业和信息化厅",
                      begins=begins, ends=begins + 3 * 365 * DAY)  # fmt: skip
    for number, (name_zh, name_en, uscc) in enumerate(MORE_FIRMS):
        firm = Organisation.objects.create(
            kind=OrganisationKind.COMPANY, name_zh=name_zh, name_en=name_en, uscc=uscc, is_sme=True
        )
        admin = make_person(f"firm{number}@demo.example", f"企业管理员{'丙丁'[number]}")
        admin.memberships.create(organisation=firm, role=Role.ADMIN, state=MembershipState.CLAIMED)
        asked = _ask(firm, admin, "示例法人")
        if number == 0:  # overdue: it stands on top of the queue
            asked.asked_at, asked.due_on = timezone.now() - 6 * DAY, timezone.localdate() - 2 * DAY
            asked.save(update_fields=["asked_at", "due_on"])


def _ask(firm: Organisation, admin: User, representative: str) -> Any:
    ContactCode.objects.create(
        user=admin, channel="mail", address=admin.email or "", digest="0" * 64, expires_at=timezone.now(),
        proven_at=timezone.now(),
    )  # fmt: skip
    return ask_for_verification(
        firm, by=admin, legal_representative=representative, is_representative=True, licence=_picture("licence.png")
    )


def _picture(name: str) -> SimpleUploadedFile:
    """A drawn picture: a grey sheet with some lines."""
    sheet, drawn = Image.new("RGB", (480, 320), "#e8ecea"), BytesIO()
    pen = ImageDraw.Draw(sheet)
    for line in range(6):
        pen.line((40, 60 + 40 * line, 440 - 30 * (line % 3), 60 + 40 * line), fill="#7d8b88", width=6)
    sheet.save(drawn, "PNG")
    return SimpleUploadedFile(name, drawn.getvalue())


def _sent(by: User, problem: str, kind: str, count: int, labs: list[Facility]) -> Request:
    request = services.begin(by=by, problem=problem, photo=_picture("photo.png"))
    answers = {"sample_kind": kind, "sample_count": count, "sample_form": "solid", "contact": by.name,
               "wants_subsidy": True, "wanted_on": timezone.localdate() + 30 * DAY}  # fmt: skip
    services.revise(request, by=by, answers=answers)
    return services.send(request, by=by, facilities=labs)


def _offer(request: Request, lab: Facility, admin: User, *, price: int, days: int = 18) -> Any:
    enquiry = Enquiry.objects.select_related("request", "facility").get(request=request, facility=lab)
    lines = [{"name_zh": "检测", "name_en": "Testing", "quantity": request.sample_count or 1, "unit": "件",
              "unit_price": f"{price / (request.sample_count or 1):.2f}"},
             {"name_zh": "分析报告", "name_en": "Report", "quantity": 1,
              "unit": "份", "unit_price": "300.00"}]  # fmt: skip
    return services.make_offer(
        enquiry, by=admin, lines=lines_from(lines), results_by=timezone.localdate() + days * DAY,
        standard="GB/T 17359", accreditation="CMA",
    )  # fmt: skip


def _two_offers(people: dict[str, User], labs: list[Facility], admins: dict[Any, User]) -> None:
    """One request with two offers to compare, and a laboratory that has not answered yet."""
    request = _sent(people["sme"], "齿轮表面出现剥落，请判断是材料还是热处理的问题", "剥落齿轮", 2, labs[:3])
    for number, lab in enumerate(labs[:2]):
        _offer(request, lab, admins[lab.pk], price=1800 - 350 * number, days=12 + 9 * number)


def _waiting_request(people: dict[str, User], labs: list[Facility]) -> None:
    """The unverified firm asks too; and a draft that `sme` has begun."""
    _sent(people["newfirm"], "新型合金粉末的粒度分布是否满足 3D 打印要求？", "合金粉末", 3, labs[:1])
    services.begin(by=people["sme"], problem="密封圈老化发硬，想比较新旧材料")


def _bring(order: Order, state: str, *, lab: User, customer: User) -> None:
    """Let the laboratory do its work, as far as the state is."""
    samples = {each.pk: "包装完好" for each in order.samples.all()}
    report = SimpleUploadedFile("report.csv", "项目,结果,单位\n硬度,62.4,HRC\n".encode("utf-8-sig"))
    steps: list[tuple[str, Callable[[], Any]]] = [
        (OrderState.SCHEDULED, lambda: services.schedule(order, by=lab)),
        (OrderState.IN_WORK, lambda: (services.receive(order, by=lab, conditions=samples, place="样品柜 A-3"),
                                      services.start(order, by=lab))),
        (OrderState.RESULTS_READY, lambda: (services.add_result(order, by=lab, file=report),
                                            services.ready(order, by=lab))),
        (OrderState.RESULTS_RELEASED, lambda: services.release(order, by=lab)),
        (OrderState.CONFIRMED, lambda: services.confirm(order, by=customer)),
    ]  # fmt: skip
    for name, step in steps if state != OrderState.ACCEPTED else []:
        step()
        if name == state:
            return


def _researchers_order(centre: Facility, people: dict[str, User]) -> None:
    """A researcher sends samples in by published price, paid from the group's wallet."""
    item = TestItem.objects.filter(facility=centre).order_by("slug").first()
    group = ResearchGroup.objects.get(pi=people["pi"])
    if item is None:
        return
    whose = CustomerCategory.OWN_INSTITUTION
    if billing.quote(item, category=whose, quantity=Decimal(1), at=timezone.now()) is None:
        today = timezone.localdate()
        billing.set_rate(item, category=whose, basis=Basis.SAMPLE, amount=PRICE, begins=today, by=people["manager"])
    wallet = billing.wallet_of(group)
    if wallet.free < 5 * PRICE:
        billing.pay_in(wallet, amount=10 * PRICE, seller=centre.organisation, by=None)
    ordered = services.place_order(
        item, by=people["researcher"], samples=["AL-01", "AL-02", "AL-03"], group=group, note="请优先测试 AL-01"
    )
    services.schedule(ordered, by=people["manager"], results_by=timezone.localdate() + 9 * DAY)
    services.place_order(item, by=people["labmate"], samples=["TI-7"], group=group)
