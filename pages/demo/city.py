"""Loading the demo city, and loading it anew."""

from __future__ import annotations

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Model

from accounts.models import Organisation, ResearchGroup, Tier, User, Verification
from accounts.states import OrganisationKind
from bookings.availability import WeeklyHours
from bookings.models import Booking, Closure, Fault, UsageRecord
from bookings.services import set_hours, set_policy
from common.db import empty_tables
from common.errors import NotAllowed
from instruments.models import (
    BoardNotice,
    Category,
    CategoryScheme,
    CollectionRound,
    Facility,
    Guide,
    Instrument,
    InstrumentImport,
    TestItem,
)
from instruments.services import enter_instrument
from instruments.states import BookedWhere
from notifications.models import Event, Mail, Notice, Thread
from outreach.models import Certificate, Child, Enrolment, Guardian, Mentor, Programme
from outreach.models import Session as YouthSession
from pages.demo.invoices import invoice_the_last_months
from pages.demo.laboratory import run_laboratories
from pages.demo.life import live
from pages.demo.money import charge_for_the_last_days, price
from pages.demo.orders import forget_orders, order_things, verify_firms
from pages.demo.people import settle, staff
from pages.demo.questions import ABOUT_THE_SAMPLE
from pages.demo.registry import classes, kinds_of_instruments, register, rows_of
from pages.demo.youth import welcome_young_people
from privacy.models import Acceptance, Erasure
from records.models import DEMO, Access, IdempotencyKey, Mark, StoredFile

NAMES = ["name_zh", "name_en", "building_zh", "building_en"]
WEEKDAYS = [WeeklyHours(weekday, 8 * 60, 18 * 60) for weekday in range(5)]
OWN_HOURS = {
    "dut-fe-sem": [*(WeeklyHours(weekday, 8 * 60, 20 * 60) for weekday in range(5)), WeeklyHours(5, 9 * 60, 17 * 60)],
    "dut-xrd": [WeeklyHours(weekday, 8 * 60, 22 * 60) for weekday in range(7)],
    "dut-fatigue": [WeeklyHours(weekday, 0, 1440) for weekday in range(7)],
    "dicp-rig": [WeeklyHours(weekday, 0, 1440) for weekday in range(7)],
}
# What refers to others goes first; the rest goes with them.
EMPTIED: list[type[Model]] = [
    *(Acceptance, Erasure, Access),
    *(Session, Notice, Mail, Event, Thread, IdempotencyKey, Mark),
    *(Certificate, Enrolment, Guardian, Child, YouthSession, Mentor, Programme),
    *(UsageRecord, Fault, Closure, Booking, CollectionRound, InstrumentImport, BoardNotice, Guide),
    *(TestItem, Instrument, Category, CategoryScheme, Facility),
    *(Verification, Tier, ResearchGroup, User, Organisation),
]
# With whatever refers to them: bookings first of all.
OF_MONEY = ["billing_ledgerleg", "billing_ledgerentry", "billing_rate", "billing_wallet", "billing_fundcode"]
OF_MONEY += ["billing_scheme", "billing_vatrate", "billing_invoicecounter", "billing_letterhead", "billing_invoicerun"]
MODES = {"samples": BookedWhere.ENQUIRY, "owner": BookedWhere.OWNER}


@transaction.atomic
def load_demo() -> None:
    """Fill an empty database with the demo city and mark it as one. Raises NotAllowed when people live there."""
    if User.objects.exists():
        raise NotAllowed("This database is not empty; the demo city is loaded into an empty one only.")
    Mark.objects.create(name=DEMO)
    organisations = _organisations()
    facilities = _facilities(organisations)
    people = settle(organisations[0])
    staff(facilities, people)
    verify_firms(people)
    kinds, categories = kinds_of_instruments(), classes()
    known = [
        (_instrument(row, facilities, kinds[row["type"]], categories), row["type"])
        for row in rows_of("instruments.csv")
    ]
    register(facilities, people, known, categories)
    instruments = {each.slug: each for each, _kind in known}
    price(instruments, people)
    live(instruments, people)
    charge_for_the_last_days(people)
    run_laboratories(instruments, people)
    order_things(facilities, people)
    welcome_young_people(instruments["dut-afm"], people)
    invoice_the_last_months(people)


@transaction.atomic
def reset_demo() -> None:
    """Empty a database that is marked as demo, and load it anew. Raises NotAllowed for any other."""
    if not Mark.objects.filter(name=DEMO).exists():
        raise NotAllowed("This database is not marked as a demo: it is left alone.")
    Instrument.objects.update(merged_into=None)
    forget_orders()
    empty_tables(*OF_MONEY)  # the books cannot be deleted row by row
    for model in EMPTIED:
        model._default_manager.all().delete()
    for stored in StoredFile.objects.exclude(small=None), StoredFile.objects.all():
        stored.delete()  # the bytes are swept up in a day
    load_demo()


def _organisations() -> list[Organisation]:
    return [
        Organisation.objects.create(
            kind=OrganisationKind(row["kind"]), name_zh=row["name_zh"], name_en=row["name_en"], ror=row["ror"]
        )
        for row in rows_of("institutions.csv")
    ]


def _facilities(organisations: list[Organisation]) -> dict[str, Facility]:
    made = {}
    for row in rows_of("facilities.csv"):
        slug = row["slug"]
        made[slug] = Facility.objects.create(
            organisation=organisations[int(row["institution"])],
            slug=slug,
            **{name: row[name] for name in NAMES},
            contact_email=f"{slug}@demo.example",
            contact_phone="0411-0000 0000",
        )
        set_hours(made[slug], WEEKDAYS)
        set_policy(made[slug], step_minutes=30, longest_minutes=480)
    return made


def _instrument(
    row: dict[str, str], facilities: dict[str, Facility], kind: dict[str, str], categories: dict[str, Category]
) -> Instrument:
    instrument = enter_instrument(
        facilities[row["facility"]],
        slug=row["slug"],
        category=categories[kind["class_code"]],
        name_zh=kind["name_zh"],
        name_en=kind["name_en"],
        summary_zh=row["summary_zh"],
        summary_en=row["summary_en"],
        techniques=row["techniques"].split("|"),
        keywords=row["keywords"].split("|"),
        room=row["room"],
        inner_number=row["slug"].upper(),
        sharing=row["sharing"].split("|"),
        booked_where=MODES.get(row["mode"], BookedWhere.HERE),
        booked_url="https://booking.example/wave-basin" if row["mode"] == "owner" else "",
        takes_samples="sample" in kind["mode"] or kind["mode"] == "both",
        needs_operator=row["mode"] == "operator",
        fit_for_youth="youth" in row["sharing"],
        questions=ABOUT_THE_SAMPLE if row["slug"] == "dut-fe-sem" else [],
    )
    set_policy(
        instrument,
        step_minutes=int(row["step"]),
        shortest_minutes=int(row["step"]),
        lead_minutes=int(row["lead_hours"]) * 60,
        longest_minutes=int(row["longest_hours"]) * 60,
        buffer_after_minutes=int(row["buffer_after"]),
        needs_approval=row["needs_approval"] == "1",
        training_level=2 if row["needs_training"] == "1" else 0,
    )
    if row["slug"] in OWN_HOURS:
        set_hours(instrument, OWN_HOURS[row["slug"]])
    return instrument
