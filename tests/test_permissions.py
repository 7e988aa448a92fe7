"""The permission matrix: every route × method × actor, as docs/permissions.csv says.

Nothing writes that file: a new route is a decision, entered by hand. To see what the code answers now, run this test
with JISHI_PERMISSIONS=print. `login` stands for the way to the sign-in page.

Of what the API answers, docs/fields.csv says which fields are hidden, and from whom.
"""

from __future__ import annotations

import csv
import gc
import json
import os
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta
from decimal import Decimal
from functools import cache
from http.cookies import SimpleCookie
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa import app_settings as mfa
from django.conf import settings
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.template.base import Template
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from fpdf import FPDF

from accounts.models import Organisation, ResearchGroup
from accounts.services import hand_in_roster, make_service_account, make_token
from accounts.states import DayKind, OrganisationKind, Role
from billing import services as billing
from billing.models import FapiaoRequest, Invoice
from billing.services import set_rate
from bookings import services
from bookings.states import State
from common.interval import Interval
from common.sealed import seal_bytes
from instruments.models import Instrument, InstrumentImport
from instruments.services import (
    add_document,
    add_photo,
    enter_instrument,
    entrust,
    hand_in,
    open_round,
    post_notice,
    write_guide,
)
from instruments.states import FacilityDuty, ImportState
from notifications.models import Event, Mail
from notifications.services import add_webhook
from notifications.states import Family, Way
from orders import services as orders
from orders.models import Order
from outreach.models import Certificate
from outreach.services import current_text
from privacy.states import CURRENT, EXPORT
from records.models import DEMO, Job, Mark, StoredFile
from records.services import queue_job
from records.states import JobState
from tests import factories, field_table
from tests.billing import books, shop
from tests.common.hostile import picture
from tests.orders.desk import offer_of, report
from tests.outreach import situations

MATRIX = Path(__file__).parents[1] / "docs" / "permissions.csv"
PARTS = 8  # each with a world of its own: processes share them, and PostgreSQL slows down in a long transaction
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
ACTORS = [
    "visitor", "individual", "unconfirmed", "researcher", "labmate", "pi", "operator", "manager", "elsewhere",
    "institution", "finance", "coordinator", "mentor", "officer", "auditor", "broker", "firm", "firm_member",
    "guardian", "service", "staff",
]  # fmt: skip
ASKED_FIRST = ["visitor", "manager", "staff"]  # what is 405 for these is 405 for all
SHOWN_IN_FULL = {"visitor", "individual", "researcher", "pi", "manager", "institution", "staff"}  # who differ in a page
SLOW_AND_PUBLIC = {"api_schema"}  # takes half a second to make, the same for everybody: two are asked for all
# Django's admin has a hundred routes of one kind: these stand for them. It takes any method but POST for a GET.
OF_THE_ADMIN = {
    "index": [], "login": [], "logout": [], "password_change": [], "notifications_mail_changelist": [],
    "notifications_mail_add": [], "notifications_mail_change": ["object_id"],
    "notifications_mail_delete": ["object_id"], "accounts_user_change": ["object_id"],
}  # fmt: skip
# The ways in, which are open to whoever is not in yet.
SIGNING_IN = ("account_", "mfa_", "join_", "saml_", "socialaccount_", "admin:log")
SENDS_FILES = {"api_instrument_imports", "api_results"}
BOARDS = ["city_board", "facility_board", "organisation_board", "edit_notice"]
FORM = "application/x-www-form-urlencoded"
ROSTER = b"email\na@example.org\n"
SAME_FOR_ALL = "the-id-of-a-request"
GUARDS = {
    "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin", "X-Request-ID": SAME_FOR_ALL,
}  # fmt: skip
STRICT = {"object-src": "'none'", "base-uri": "'none'", "frame-ancestors": "'none'", "form-action": "'self'"}
LOGIN, ABSENT = "login", UUID("01900000-0000-7000-8000-000000000000")
# What a token must be allowed, for each method of the API that changes something; None: no token may.
SCOPES = {
    "api_bookings": "book", "api_booking": "book", "api_cancel": "book", "api_confirm": "manage",
    "api_decline": "manage", "api_submit": "book", "api_ask": "manage", "api_answer": "book", "api_undo": "manage",
    "api_accept_change": "book", "api_check_in": "book", "api_check_out": "book", "api_reassign": "manage",
    "api_hand_over": "book", "api_messages": "book", "api_usage_records": "manage", "api_maintenance": "manage",
    "api_faults": "book", "api_mend_fault": "manage", "api_trainings": "manage", "api_feeds": "book",
    "api_feed": "book",
    "api_replay": "book", "api_ping": "book", "api_replay_span": "book",
    "api_rotate_secret": "book", "api_told_by": "book", "api_token": "read", "api_tokens": None, "api_webhook": "book",
    "api_webhooks": "book", "api_instrument_by_number": "manage", "api_instrument_imports": "manage",
    "api_children": "outreach", "api_child": "outreach", "api_enrolments": "outreach",
    "api_consent": "outreach", "api_pay": "outreach", "api_cancel_enrolment": "outreach",
    "api_check_in_child": "outreach", "api_programmes": "outreach", "api_programme": "outreach",
    "api_sessions": "outreach", "api_session_claim": "outreach", "api_session_mentors": "outreach",
    "api_session_safety": "outreach", "api_session_places": "outreach", "api_session_publish": "outreach",
    "api_session_cancel": "outreach",
    "api_import_apply": "manage", "api_import_discard": "manage",
    **{f"api_{name}": "orders" for name in (
        "requests", "request_send", "request_withdraw", "offers", "offer_accept", "orders", "order_messages", "results",
        *(f"order_{act}" for act in (
            "schedule", "return", "refuse", "withdraw", "receive", "start", "ready", "release", "confirm", "dispute",
            "settle", "close",
        )),
    )},
    "api_rates": "manage", "api_item_rates": "manage", "api_rate": "manage", "api_quotes": "read",
    "api_wallet_limits": "manage", "api_fund_codes": "book", "api_object": "book", "api_decide_objection": "manage",
    **{f"api_{name}": "billing" for name in (
        "issue_invoice", "settle_invoice", "credit_invoice", "invoice_runs", "issue_run", "payments", "match_payment",
        "fapiao_requests", "enter_fapiao",
    )},
}  # fmt: skip


def without_what_takes_long(monkeypatch) -> None:
    """No mail, no limits, no PDF; and help finds a picture for each language."""
    monkeypatch.setattr(settings, "EMAIL_URL", "")
    monkeypatch.setattr("orders.services.offers.agreement", blank_page)  # a real one takes half a second
    monkeypatch.setattr(settings, "METRICS_TOKEN", "not for people, and not for their tokens")
    for language, _name in settings.LANGUAGES:
        drawn = Path(settings.DATA_DIR, "pictures", language, "home.png")
        drawn.parent.mkdir(parents=True)
        drawn.write_bytes(picture("PNG"))
    monkeypatch.setattr(settings, "ACCOUNT_RATE_LIMITS", False)
    monkeypatch.setitem(vars(mfa), "RATE_LIMITS", {})  # ten a minute: a row asks more often, and 429 is no decision


@pytest.fixture
def world(university, centre, sem, nine, monkeypatch) -> Iterator[dict[str, Any]]:
    """The cast, and one of each thing: all belong to `researcher` or to the centre."""
    without_what_takes_long(monkeypatch)
    people: dict[str, Any] = {name: factories.member(name, university) for name in ("researcher", "labmate", "pi")}
    people |= {name: factories.person(name) for name in ("individual", "unconfirmed", "guardian")}
    claim = people["unconfirmed"].memberships.create(organisation=university)
    people["manager"] = factories.lab_admin("manager", centre)
    people["operator"] = factories.member("operator", university)
    entrust(centre, to=people["operator"], duty=FacilityDuty.OPERATOR)
    west = factories.university(name_zh="西海大学")
    people["elsewhere"] = factories.lab_admin("elsewhere", factories.laboratory(west, "west"))
    roles = {"institution": Role.ADMIN, "finance": Role.FINANCE, "coordinator": Role.COORDINATOR, "mentor": Role.MENTOR}
    people |= {name: factories.member(name, university, role) for name, role in roles.items()}
    city = Organisation.objects.create(kind=OrganisationKind.GOVERNMENT, name_zh="科学城办公室")
    people |= {name: factories.member(name, city, name) for name in ("officer", "auditor")}
    transfer = Organisation.objects.create(kind=OrganisationKind.SERVICE_PROVIDER, name_zh="转移中心")
    people["broker"] = factories.member("broker", transfer, Role.BROKER)
    company = factories.firm()
    people["firm"] = factories.member("firm", company, Role.ADMIN)
    people["firm_member"] = factories.member("firm_member", company)
    program = make_service_account(university, by=people["institution"], name="lims", email="lims@example.org")
    entrust(centre, to=program, duty=FacilityDuty.OPERATOR)
    people["service"] = program
    people["staff"] = factories.person("staff", is_staff=True)
    group = ResearchGroup.objects.create(organisation=university, pi=people["pi"], name_zh="课题组")
    for name in ("researcher", "labmate"):
        group.admissions.create(person=people[name])
    Mark.objects.create(name=DEMO)
    centre.test_items.create(slug=sem.slug, name_zh="断口分析", purpose_zh="断口")  # one slug serves for both kinds
    mine = people["researcher"]
    booking = factories.booked(sem, at=nine, by=mine, state=State.REQUESTED, title="x")
    token, _text = make_token(mine, by=mine, name="mine", scopes=["read"])
    closed = university.calendar_days.create(day=nine.date() + timedelta(days=40), kind=DayKind.CLOSED)
    mail = Mail.objects.create(address="a@example.org", event="x", subject="x", body="x")
    things = of_the_laboratory(sem, booking, people)
    webhook = add_webhook("https://example.org/", by=mine)
    happened = Event.objects.create(kind="booking.requested", subject_id=booking.pk, href="/", audience=[mine.pk])
    delivery = webhook.deliveries.create(event=happened)
    unproven = EmailAddress.objects.create(user=mine, email="second@example.org")
    values = {
        "slug": sem.slug, "section": "instruments", "version": CURRENT, "year": 2026,
        "booking_id": booking.pk, "token_id": token.pk, "membership_id": claim.pk,
        "organisation_id": university.pk, "user_id": people["labmate"].pk, "group_id": group.pk, "mail_id": mail.pk,
        **things, "facility": centre.slug, "day_id": closed.pk, "uidb36": user_pk_to_url_str(mine),
        "webhook_id": webhook.pk, "delivery_id": delivery.pk, **of_the_registry(sem, people),
        **(of_orders := of_the_orders(centre, people, company)),
        **of_money(sem, group, people),
        **(of_books := of_the_books(centre, people, company)),
        "provider_id": "none", "organization_slug": "none", "device_id": 0,
        "pk": 0,  # of a passkey: whoever has one is asked for it, and a made-up one opens nothing
    }  # fmt: skip
    values |= (young := of_young_people(sem, people, nine)).pop("values")
    sessions = {name: session_of(user) for name, user in people.items()}
    enter_instrument(
        centre,
        slug="away",
        name_zh="x",
        booked_where="enquiry",
        takes_samples=True,
        busy_url="https://example.org/a.ics",
    )
    values_of = {
        **{name: {"invoice_id": of_books["draft"]} for name in ("issue_invoice", "api_issue_invoice", "invoice_lines")},
        "ask_fapiao": {"invoice_id": of_books["to_ask"]},
        "api_settle_invoice": {"invoice_id": of_books["internal"]},
        "api_busy": {"slug": "away"},
        **{name: {"request_id": of_orders["draft_id"]} for name in ("edit_request", "api_request_send")},
        **{name: {"order_id": of_orders["new_id"]} for name in ("api_order_schedule", "api_order_withdraw")},
        **{name: {"order_id": of_orders["asked_id"]} for name in ("api_order_return", "api_order_refuse")},
        "roster_import": {"import_id": hand_in_roster(university, by=people["institution"], content=ROSTER).pk},
        "firm": {"organisation_id": company.pk},
        "firm_letter": {"organisation_id": company.pk},
        "firm_to_verify": {"verification_id": of_orders["pending_id"]},
        "firm_file": {"verification_id": of_orders["pending_id"], "which": "licence"},
        "order_instrument": {"slug": "away"},
        **{name: {"user_id": program.pk} for name in ("make_service_token", "service_account")},
        "fetch_export": {"job_id": a_copy_of(mine)},
        "wall": {"secret": things.pop("on_the_wall")},
        "child_check_in": {"code": young["code"]},
        "youth_certificate": {"code": young["certificate"]},
        "account_confirm_email": {"key": EmailConfirmationHMAC(unproven).key},
        "account_reset_password_from_key": {"key": default_token_generator.make_token(mine)},
        "admin:notifications_mail_change": {"object_id": mail.pk},
        "admin:notifications_mail_delete": {"object_id": mail.pk},
        "admin:accounts_user_change": {"object_id": mine.pk},
    }
    gc.collect()
    gc.disable()  # it would look through all of Django again and again while two thousand pages are made
    yield {
        "people": people, "sessions": sessions, "values": values, "values_of": values_of,
        "bodies": {
            **bodies_of_books(centre, of_books),
            **bodies(sem, nine, west), **bodies_of_orders(centre, of_orders), **young["bodies"],
            **of_the_wallet(people),
        },
        "client": Client(raise_request_exception=False),
        "window": f"?from={nine:%Y-%m-%d}T00:00:00Z&to={nine:%Y-%m-%d}T23:00:00Z",
    }  # fmt: skip
    gc.enable()


def a_copy_of(person: Any) -> UUID:
    """Of what is held about somebody, ready to be fetched."""
    job = queue_job(EXPORT, owner=person, given={})
    Job.objects.filter(pk=job.pk).update(state=JobState.DONE, finished_at=timezone.now())
    place = Path(settings.DATA_DIR, "exports", str(job.pk))
    place.parent.mkdir(parents=True)
    place.write_bytes(seal_bytes(job.pk, b"x"))
    return job.pk


def of_the_laboratory(sem: Any, booking: Any, people: dict[str, Any]) -> dict[str, Any]:
    """A fault, a complaint, an import and a calendar: the last two are `manager`'s and `researcher`'s."""
    mine, manager = people["researcher"], people["manager"]
    fault = services.report_fault(sem, by=mine, severity="minor", text="x")
    hour = Interval(booking.starts_at - timedelta(days=9), booking.ends_at - timedelta(days=9))
    record = services.record_use(sem, by=manager, interval=hour, user=mine, problem="x")
    services.ask_for_training(sem, by=people["individual"])
    feed, secret = services.make_feed(mine)
    _wall, on_the_wall = services.make_feed(manager, facility=sem.facility, kind="wall")
    job = queue_job(services.IMPORT_USE, owner=manager, given={})
    return {
        "fault_id": fault.pk,
        "record_id": record.pk,
        "feed_id": feed.pk,
        "job_id": job.pk,
        "secret": secret,
        "on_the_wall": on_the_wall,
    }


def of_the_orders(centre: Any, people: dict[str, Any], company: Organisation) -> dict[str, Any]:
    """Of `firm`: a request with an offer of the centre, a draft, orders whose results are released and that are new."""
    firm, manager = people["firm"], people["manager"]
    draft, done, new = (orders.begin(by=firm, problem="x") for _n in range(3))
    offered = orders.begin(by=firm, problem="x", photo=picture("PNG"), photo_name="x.png")
    for request in (draft, offered, done, new):
        orders.revise(request, by=firm, answers={"sample_kind": "x"})
    offers = [
        offer_of(orders.send(each, by=firm, facilities=[centre]), centre, manager) for each in (offered, done, new)
    ]
    order, unstarted = (orders.accept(each, by=firm) for each in offers[1:])
    orders.schedule(order, by=manager)
    orders.receive(order, by=manager, conditions={each.pk: "" for each in order.samples.all()})
    orders.start(order, by=manager)
    result = orders.add_result(order, by=manager, file=report())
    orders.ready(order, by=manager)
    orders.release(order, by=manager)
    asked = Order.objects.create(
        facility=centre, ordered_by=people["researcher"], state="submitted", title="x", price={}
    )
    pending = company.verifications.create(
        state="pending", legal_representative="x", asks_as_representative=True, contact="x", asked_by=firm,
        licence=result.file, due_on=timezone.localdate(),
    )  # fmt: skip
    return {
        "request_id": offered.pk, "draft_id": draft.pk, "enquiry_id": offers[0].enquiry_id, "offer_id": offers[0].pk,
        "order_id": order.pk, "new_id": unstarted.pk, "asked_id": asked.pk, "result_id": result.pk, "which": "photo",
        "verification_id": company.verifications.get(state="verified").pk, "pending_id": pending.pk,
    }  # fmt: skip


def blank_page(*_about: Any, **_more: Any) -> bytes:
    page = FPDF()
    page.add_page()
    return bytes(page.output())


def bodies_of_orders(centre: Any, made: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What is sent to requests, offers and orders."""
    day = f"{timezone.localdate() + timedelta(days=9):%Y-%m-%d}"
    lines = {"line-TOTAL_FORMS": "1", "line-INITIAL_FORMS": "0", "line-0-name_zh": "x", "line-0-unit_price": "1"}
    offer = {"enquiry": str(made["enquiry_id"]), "results_by": day, "lines": [{"name_zh": "x", "unit_price": "1.00"}]}
    return {
        "new_request": {"problem": "x"},
        "edit_request": {
            "problem": "x",
            "sample_kind": "x",
            "sample_after": "return",
            "delivery": "mail",
            "report": "data",
        },
        "request_act": {"do": "withdraw"},
        "make_offer": {**lines, "results_by": day, "pay_when": "after_confirmation"},
        "offer_act": {"do": "accept"},
        "order_act": {"do": "say", "text": "x"},
        "firm": {"do": "code", "address": "13000000000"},
        "firm_to_verify": {"do": "reject", "reason": "x"},
        "api_requests": {"problem": "x"},
        "api_request_send": {"facilities": [centre.slug]},
        "api_offers": offer,
        "api_orders": {"test_item": "sem", "samples": ["x"]},
        "api_order_messages": {"text": "x"},
        "api_order_schedule": {"results_by": day},
        "api_order_return": {"question": "x"},
        "api_order_refuse": {"reason": "x"},
        "api_order_receive": {"samples": []},
        "api_order_dispute": {"reason": "x"},
        "api_order_settle": {"outcome": "stands", "note": "x"},
        "api_results": {"order": str(made["order_id"]), "file": FileSentAgain(b"x")},
    }


def of_the_registry(sem: Instrument, people: dict[str, Any]) -> dict[str, Any]:
    """An import of `manager`'s that waits to be applied, a round that asks the university, the centre's board."""
    centre, manager = sem.facility, people["manager"]
    university = centre.organisation
    table = SimpleUploadedFile("t.csv", "资产编号,仪器名称\nA1,x\n".encode())
    handed_in = hand_in(university, by=manager, file=table)
    InstrumentImport.objects.filter(pk=handed_in.pk).update(state=ImportState.PREVIEWED)
    asked = open_round(by=people["officer"], title_zh="x", due_on=timezone.localdate() + timedelta(days=30))
    notice = post_notice(centre, by=manager, title_zh="x", shown_from=timezone.now())
    rules = write_guide(centre, by=manager, slug="rules", title_zh="x", body_zh="x")
    manual = add_document(sem, file=SimpleUploadedFile("a.txt", b"text"), by=manager, title_zh="x")
    photo = add_photo(sem, file=SimpleUploadedFile("a.png", picture("PNG")), by=manager)
    return {
        "sha256": photo.file.sha256, "extension": "png",
        "import_id": handed_in.pk, "round_id": asked.pk, "inner_number": "A1",
        "role": "researcher", "name": "home", "board_notice_id": notice.pk, "document_id": manual.pk,
        "guide": rules.slug,
    }  # fmt: skip


def of_young_people(sem: Instrument, people: dict[str, Any], nine: Any) -> dict[str, Any]:
    """A course of `coordinator`'s, guided by `mentor`, in which a child of `guardian`'s waits for its consent."""
    by, guardian = people["coordinator"], people["guardian"]
    situations.youth_instrument(sem.facility)
    course = situations.programme(sem.facility, by=by)
    session = situations.published(course, by=by, at=nine)
    enrolment = situations.enrolled(session, guardian)
    second = situations.child_of(guardian, name="x")
    certificate = Certificate.objects.create(enrolment=enrolment, initials="X.", days=1)
    text = str(current_text(course).pk)
    child = {"name": "y", "born": f"{nine.year - 10}-01-02", "relation": "other"}
    page = {**child, "first_name": "a", "first_phone": "1390001", "second_name": "b", "second_phone": "1390002"}
    contacts = [{"name": "a", "phone": "1390001"}, {"name": "b", "phone": "1390002"}]
    programme = {"name_zh": "x", "kind": "course", "slug": "x", "age_from": "8", "age_to": "9", "fee": "0",
                 "children_per_mentor": "9", "offer_hours": "9", "pay_hours": "9", "keep_days": "9"}  # fmt: skip
    sent = {
        "new_child": page, "edit_child": page, "youth_enrol": {"child": str(second.pk)},
        "youth_consent": {"text": text, "agree": "on"}, "youth_pay": {},
        "enrolment": {"do": "cancel", "reason": "x"}, "new_programme": programme,
        "edit_programme": {"do": "text", "text_zh": "x"}, "youth_session": {"do": "places", "places-places": "3"},
        "api_children": {**child, "contacts": contacts},
        "api_enrolments": {"session": str(session.pk), "child": str(second.pk)},
        "api_consent": {"text": text, "agree": True}, "api_pay": {"how": "simulator"}, "api_cancel_enrolment": {},
        "api_check_in_child": {}, **of_the_desk(course, nine),
    }  # fmt: skip
    values = {"programme": course.slug, "session_id": session.pk, "enrolment_id": enrolment.pk,
              "child_id": enrolment.child_id}  # fmt: skip
    return {"values": values, "bodies": sent, "code": enrolment.code, "certificate": certificate.code}


def of_the_desk(course: Any, nine: Any) -> dict[str, Any]:
    """What a coordinator's program sends."""
    later = {"start": (nine + timedelta(hours=24)).isoformat(), "end": (nine + timedelta(hours=26)).isoformat()}
    return {
        "api_programmes": {"slug": "y", "name_zh": "x", "kind": "course", "age_from": 8, "age_to": 9},
        "api_programme": {"fee": "5"},
        "api_sessions": {"programme": course.slug, **later, "places": 3}, "api_session_claim": {"instrument": "afm"},
        "api_session_mentors": {"email": "mentor@example.org"}, "api_session_places": {"places": 3},
        "api_session_safety": {"day": f"{nine:%Y-%m-%d}", "name": "x", "phone": "1390003"},
        "api_session_publish": {}, "api_session_cancel": {"reason": "x"},
    }  # fmt: skip


def of_money(sem: Instrument, group: ResearchGroup, people: dict[str, Any]) -> dict[str, Any]:
    """A charge of `researcher` that the group's wallet pays, a rate of the instrument, a fund."""
    seller = sem.facility.organisation
    wallet = shop.wallet_with(group, seller, paid_in="500")
    charged = shop.charged(wallet, seller, "100", member=people["researcher"])
    office = people["officer"].memberships.get().organisation
    rate = set_rate(sem, by=None, category="overseas", basis="hour", amount=Decimal(100))
    return {
        "wallet_id": wallet.pk, "charge_id": charged.pk, "rate_id": rate.pk, "scheme_id": shop.scheme_of(office).pk,
    }  # fmt: skip


def of_the_books(centre: Any, people: dict[str, Any], company: Organisation) -> dict[str, Any]:
    """What `firm` pays the university: an invoice that is out, partly credited, its fapiao; a draft; a receipt."""
    seller, finance = centre.organisation, people["finance"]
    wallet = shop.wallet_with(company, seller, credit="1000")
    with patch("billing.services.issuing.keep_paper", keep_blank):
        books.used(wallet, seller, "100")
        first = [billing.issue_invoice(each, by=finance) for each in books.drafted(seller, finance).invoices.all()]
        internal, invoice = sorted(first, key=lambda each: each.settlement)
        to_ask = books.issued(seller, finance, wallet=wallet, amounts=("5",))
        note = billing.credit(invoice, by=finance, reason="x", amounts={1: Decimal(1)})
    asked = billing.request_fapiao(invoice, by=people["firm"], title="x", is_personal=True)
    kept = StoredFile.objects.create(sha256="0" * 64, size=1, media_type="text/plain", name="a.txt")
    kept.path.parent.mkdir(parents=True, exist_ok=True)
    kept.path.write_bytes(b"x")
    FapiaoRequest.objects.filter(pk=asked.pk).update(file=kept)
    receipt = billing.record_payment(seller, amount=Decimal(1), by=finance, slip=kept)
    books.used(wallet, seller, "7")
    run = books.drafted(seller, finance)
    return {
        "invoice_id": invoice.pk, "note_id": note.pk, "fapiao_id": asked.pk, "payment_id": receipt.pk,
        "run_id": run.pk, "draft": run.invoices.get(wallet=wallet).pk, "to_ask": to_ask.pk,
        "receipt_for": to_ask.reference, "internal": internal.pk,
        "line": run.invoices.get(wallet=wallet).lines.get().pk,
    }  # fmt: skip


def keep_blank(invoice: Any) -> StoredFile:
    """Printing takes a third of a second, and is no matter of who may do what."""
    kept = StoredFile.objects.create(sha256="0" * 64, size=5, media_type="application/pdf", name="a.pdf")
    kept.path.parent.mkdir(parents=True, exist_ok=True)
    kept.path.write_bytes(b"%PDF-")
    Invoice.objects.filter(pk=invoice.pk).update(pdf=kept)
    return kept


def bodies_of_books(centre: Any, made: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What is sent about invoices, payments and fapiao."""
    seller, today = str(centre.organisation_id), f"{timezone.localdate():%Y-%m-%d}"
    number = {"number": "2" * 20, "issued_on": today}
    payment = {"amount": "1.00", "paid_on": today, "kind": "transfer"}
    return {
        "api_credit_invoice": {"reason": "x"},
        "api_enter_fapiao": number,
        "api_fapiao_requests": {"invoice": str(made["to_ask"]), "title": "x", "is_personal": True},
        "api_invoice_runs": {"seller": seller, "month": f"{timezone.localdate() - timedelta(days=40)}"},
        "api_match_payment": {"invoice": str(made["to_ask"])},
        "api_payments": {"seller": seller, **payment},
        "api_settle_invoice": {"voucher": "x"},
        "ask_fapiao": {"kind": "ordinary", "title": "x", "is_personal": "on"},
        "credit_invoice": {"how": "whole", "reason": "x"},
        "fapiao_number": number,
        "invoice_runs": {"month": f"{timezone.localdate() - timedelta(days=40):%Y-%m}"},
        "invoice_run": {"do": "issue"},
        "invoice_lines": {"line": made["line"], "state": "postponed"},
        "invoice_voucher": {"voucher": "x", "do": "settle"},
        "letterhead": {"bank": "x", "days_to_pay": "30"},
        "match_payment": {"reference": made["receipt_for"]},
        "payments": payment,
    }


def of_the_wallet(people: dict[str, Any]) -> dict[str, Any]:
    return {"wallet": {"member": str(people["labmate"].pk), "period": "month"}}


def bodies(sem: Any, nine: Any, west: Organisation) -> dict[str, dict[str, Any]]:
    """What is sent, valid, so that the permission alone decides."""
    three, four = nine.replace(hour=15), nine.replace(hour=16)
    new, token = factories.PASSWORD + "!", {"name": "t", "scopes": ["read"], "days": 9}
    return {
        "account_change_password": {"oldpassword": factories.PASSWORD, "password1": new, "password2": new},
        "account_change_phone": {"phone": "13900000000"},
        "account_request_login_code": {"login": "individual@example.org"},
        "join_by_phone": {"name": "new", "phone": "13900000000"},
        "account_email": {"action_add": "", "email": "third@example.org", "password": factories.PASSWORD},
        "account_login": {"login": "individual@example.org", "password": factories.PASSWORD},
        "account_reauthenticate": {"password": factories.PASSWORD},
        "account_reset_password": {"email": "individual@example.org"},
        "account_set_password": {"password1": new, "password2": new},
        "account_signup": {"name": "new", "email": "new@example.org", "password1": new},
        "admin:login": {"username": "staff@example.org", "password": factories.PASSWORD},
        "admin:notifications_mail_delete": {"post": "yes"},
        "admin:password_change": {"old_password": factories.PASSWORD, "new_password1": new, "new_password2": new},
        "api_bookings": {"instrument": sem.slug, "start": three.isoformat(), "end": four.isoformat()},
        "api_decline": {"reason": "full"},
        "api_cancel": {"reason": "broken"},
        "api_rates": {"category": "company", "basis": "hour", "amount": "100.00"},
        "api_quotes": {"instrument": sem.slug, "start": three.isoformat(), "end": four.isoformat()},
        "api_wallet_limits": {"member": "labmate@example.org", "amount": "100.00"},
        "api_fund_codes": {"institution": str(sem.facility.organisation_id), "code": "5210"},
        "api_object": {"reason": "x"},
        "api_decide_objection": {"upheld": False, "answer": "x"},
        "api_item_rates": {"category": "company", "basis": "sample", "amount": "100.00"},
        "item_rates": {"category": "company", "basis": "sample", "amount": "100", "begins": f"{nine:%Y-%m-%d}"},
        "instrument_rates": {"category": "company", "basis": "hour", "amount": "100", "begins": f"{nine:%Y-%m-%d}"},
        "fund_codes": {"institution": str(sem.facility.organisation_id), "code": "5210", "kind": "vertical"},
        "charge": {"do": "object", "object-reason": "x"},
        "api_tokens": {"name": "new", "scopes": ["read"]},
        "api_webhooks": {"url": "https://example.org/"},
        "api_accept_change": {},
        "api_answer": {"text": "x"},
        "api_ask": {"question": "x"},
        "api_booking": {"start": three.isoformat(), "end": four.isoformat()},
        "api_check_out": {},
        "api_faults": {"instrument": sem.slug, "severity": "minor", "text": "x"},
        "api_hand_over": {"to": "labmate@example.org"},
        "api_maintenance": {"instrument": sem.slug, "start": three.isoformat(), "end": four.isoformat()},
        "api_mend_fault": {"remedy": "x"},
        "api_messages": {"text": "x"},
        "api_trainings": {"user": "labmate@example.org", "instrument": sem.slug},
        "api_usage_records": {"instrument": sem.slug, "start": "2026-01-05T09:00:00+08:00", "minutes": 30},
        "move": {"day": f"{three:%Y-%m-%d}", "start": "15:00", "end": "16:00"},
        "objections_to_move": {"day": f"{three:%Y-%m-%d}", "start": "15:00", "end": "16:00"},
        "ask": {"question": "x"},
        "hand_over": {"to": "labmate@example.org"},
        "use": {"starts_at": "2026-01-05T09:00", "ends_at": "2026-01-05T10:00", "user_name": "x"},
        "say": {"text": "x"},
        "faults": {"severity": "minor", "text": "x"},
        "close_or_mend": {"remedy": "x"},
        "walk_in": {"user_name": "x"},
        "decline": {"reason": "full"},
        "cancel": {"reason": "broken"},
        "new_booking": {
            "day": f"{three:%Y-%m-%d}", "start": "15:00", "end": "16:00", "purpose": "research", "key": "k",
        },
        "objections": {"day": f"{three:%Y-%m-%d}", "start": "15:00", "end": "16:00", "purpose": "research"},
        "ways": dict.fromkeys(Family.values, Way.MAIL.value),
        "profile": {"name": "New", "language": "zh-hans"},
        "claim": {"organisation": str(west.pk)},
        "register_firm": {"name_zh": "新公司", "uscc": "91210299DEM000030J"},
        "make_token": token,
        "make_service_token": token,
        "service_accounts": {"name": "p", "email": "p@example.org"},
        "service_account": {"email": "researcher@example.org"},
        "webhooks": {"url": "https://example.org/", "owner": "", "kinds": "booking.confirmed"},
        "webhook": {"do": "pause"},
        "my_data": {"do": "export"},
        "agree": {"version": CURRENT},
        "api_replay_span": {"since": three.isoformat(), "until": four.isoformat()},
        "admit": {"email": "finance@example.org"},
        "facility_people": {"do": "entrust", "email": "finance@example.org", "duty": "operator"},
        "roster": {"file": FileSentAgain(ROSTER)},
        "roster_import": {"do": "apply"},
        "import_calendar": {"file": FileSentAgain(b"day,kind\n2026-10-08,closed\n")},
        "choose_language": {"language": "en"},
        "import_instruments": {"file": FileSentAgain("资产编号,仪器名称\nA1,x\n".encode()), "format": "jishi"},
        "api_instrument_imports": {
            "file": FileSentAgain("资产编号,仪器名称\nA1,x\n".encode()), "organisation": str(sem.organisation_id),
        },
        "map_import": {"column_0": "inner_number", "column_1": "name_zh"},
        "api_instrument_by_number": {"name_zh": "x"},
        "rounds": {"title_zh": "x", "due_on": f"{nine + timedelta(days=30):%Y-%m-%d}"},
        "round_part": {"do": "all"},
        **{board: {"title_zh": "x", "shown_from": f"{nine:%Y-%m-%dT%H:%M}"} for board in BOARDS},
        "edit_guide": {"title_zh": "x", "body_zh": "x", "slug": "rules", "position": "0"},
        **{page: {**no_rows("spec", "q"), "version": str(version), "name_zh": "x", "kind": "instrument",
                  "booked_where": "here", "status": "open", "youth_use": ""}
           for page, version in (("new_instrument", 0), ("edit_instrument", 1))},
        **{page: {**no_rows("acc", "q"), "version": str(version), "name_zh": "x", "purpose_zh": "x",
                  "price_basis": "sample"}
           for page, version in (("new_item", 0), ("edit_item", 1))},
    }  # fmt: skip


def no_rows(*prefixes: str) -> dict[str, str]:
    """What a page sends for rows of which none is filled in."""
    return {f"{prefix}-{name}_FORMS": "0" for prefix in prefixes for name in ("TOTAL", "INITIAL")}


class FileSentAgain(BytesIO):
    """A file for an upload, which is there as a whole each time that it is read."""

    name = "calendar.csv"

    def read(self, _size: int | None = -1) -> bytes:
        return self.getvalue()


def session_of(user: Any) -> str:
    """The key of a session in which somebody is signed in."""
    client = Client()
    factories.signed_in(client, user)
    return str(client.cookies[settings.SESSION_COOKIE_NAME].value)


def routes(patterns: Any = None, above: frozenset[str] = frozenset()) -> Iterator[tuple[str, frozenset[str]]]:
    """The name of every route, with the names of its arguments."""
    for each in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(each, URLResolver) and each.namespace == "admin":
            yield from ((f"admin:{name}", frozenset(arguments)) for name, arguments in OF_THE_ADMIN.items())
        elif isinstance(each, URLResolver):
            yield from routes(each.url_patterns, above | {*each.pattern.regex.groupindex})
        elif isinstance(each, URLPattern):
            assert each.name, f"a route without a name: {each.pattern}"
            yield each.name, above | {*each.pattern.regex.groupindex}


def methods_of(name: str) -> list[str]:
    return METHODS[:2] if name.startswith("admin:") else METHODS


def path_of(world: dict[str, Any], name: str, arguments: frozenset[str], *, absent: bool = False) -> str:
    values = {**world["values"], **world["values_of"].get(name, {})}
    if absent:
        values = {argument: ABSENT if isinstance(value, UUID) else value for argument, value in values.items()}
    return reverse(name, kwargs={argument: values[argument] for argument in arguments})


def ask(
    world: dict[str, Any], path: str, name: str, method: str, actor: str, client: Any = None, **headers: str
) -> Any:
    """The response to an actor; whatever it changed is undone."""
    client = client or world["client"]
    client.cookies = SimpleCookie({settings.SESSION_COOKIE_NAME: world["sessions"].get(actor, "")})
    if name in {"api_availability", "api_openings", "api_calendar"}:
        path += world["window"]
        path += "&facility=centre" if name == "api_calendar" else ""
    if name == "api_booking" and method == "PATCH":
        headers = {"If-Match": "*", **headers}
    body = world["bodies"].get(name, {})
    headers = {"Idempotency-Key": factories.fresh_key(), "X-Request-ID": SAME_FOR_ALL, **headers}
    with transaction.atomic():
        if method == "POST" and (not name.startswith("api_") or name in SENDS_FILES):
            response = client.post(path, body, headers=headers)
        else:
            as_json = name.startswith("api_") and method != "GET" and name not in SENDS_FILES
            sent = json.dumps(body) if as_json else ""
            response = client.generic(method, path, sent, "application/json" if sent else FORM, headers=headers)
        transaction.set_rollback(True)
    assert not unguarded(response), f"{method} {name} for {actor}: {unguarded(response)}"
    return response


def unguarded(response: Any) -> list[str]:
    """What a browser should be told with every answer, and is not told with this one."""
    policy = response.headers.get("Content-Security-Policy", "")
    rules = dict(rule.strip().partition(" ")[::2] for rule in policy.split(";"))
    page = rules.get("default-src") == "'self'" and all(rules.get(name) == value for name, value in STRICT.items())
    file = policy == "default-src 'none'; sandbox"
    found = [] if page or file else [f"Content-Security-Policy: {policy}"]
    found += ["a policy that lets inline code run"] if "unsafe" in policy else []
    found += [name for name, value in GUARDS.items() if response.headers.get(name) != value]
    return found


def word_for(response: Any) -> str:
    """Who is asked to sign in is told where to go on from there; other ways to that page are a success."""
    to_login = response.status_code == 302 and "/login/?next=" in response["Location"]
    return LOGIN if to_login else str(response.status_code)


def asked_for(name: str, actor: str) -> str:
    """Whose answer stands for the actor's."""
    return "manager" if name in SLOW_AND_PUBLIC and actor != "visitor" else actor


def cells_of(
    world: dict[str, Any], name: str, arguments: frozenset[str], method: str, shown: dict[str, Any]
) -> dict[str, str]:
    """Each actor's answer; none where the route knows no such method (a visitor may be asked to sign in first).

    `shown` gets what the API tells them.
    """
    path, known = path_of(world, name, arguments), dict[str, str]()
    for actor in [*ASKED_FIRST, *ACTORS]:
        if actor in known:
            if {*known.values()} <= {"405", LOGIN, "401"} and {known["manager"], known["staff"]} == {"405"}:
                return {}
            continue
        who = asked_for(name, actor)
        with nullcontext() if actor in SHOWN_IN_FULL else patch.object(Template, "render", return_value=""):
            if who in known:
                known[actor] = known[who]
                continue
            response = ask(world, path, name, method, who)
            known[actor] = word_for(response)
        if method == "GET" and known[actor] == "200" and response.headers["Content-Type"] == "application/json":
            shown.setdefault(name, {})[actor] = response.json()
    return {actor: known[actor] for actor in ACTORS}


@cache
def said() -> dict[tuple[str, str], dict[str, str]]:
    """The matrix as it was decided."""
    return {(row.pop("route"), row.pop("method")): row for row in csv.DictReader(MATRIX.open())}


def faults_between(wanted: dict[tuple[str, str], dict[str, str]], found: dict[tuple[str, str], dict[str, str]]) -> Any:
    """What is wrong and what to do about it, a line each."""
    for (name, method), cells in found.items():
        if (name, method) not in wanted:
            line = ",".join([name, method, *cells.values()])
            yield f"{method} {name} is not in docs/permissions.csv. Decide who may, then add: {line}"
    for (name, method), row in wanted.items():
        if (name, method) not in found:
            yield f"{method} {name} is in docs/permissions.csv and there is no such route or method. Take it out."
            continue
        for actor, expected in row.items():
            got = found[name, method][actor]
            if got != expected:
                yield f"{method} {name}: {actor} should get {expected} and gets {got}"


def share(part: int) -> set[str]:
    """The names of an eighth of the routes, those of the code and those of the matrix alike."""
    names = sorted({name for name, _arguments in routes()} | {name for name, _method in said()})
    return set(names[part * len(names) // PARTS : (part + 1) * len(names) // PARTS])


@pytest.mark.parametrize("part", range(PARTS))
def test_every_route_answers_every_actor_as_the_matrix_says(world, part):
    names = share(part)
    mine = sorted(route for route in set(routes()) if route[0] in names)
    asked = [(*route, method) for route in mine for method in methods_of(route[0])]
    shown: dict[str, Any] = {}
    found = {(name, method): cells_of(world, name, arguments, method, shown) for name, arguments, method in asked}
    found = {route: cells for route, cells in found.items() if cells}
    if os.environ.get("JISHI_PERMISSIONS") == "print":
        lines = [",".join([*route, *cells.values()]) for route, cells in found.items()]
        pytest.fail("\n".join([",".join(["route", "method", *ACTORS]), *lines]))

    faults = list(faults_between({route: cells for route, cells in said().items() if route[0] in names}, found))
    faults += field_table.faults_in(shown, names)

    assert not faults, "\n".join(faults)


OWES = ["manager", "institution", "finance", "coordinator", "officer", "auditor", "firm", "staff"]
# What opens before the second step: setting it up, the way out, the other language.
OPEN_WITHOUT = {
    "account_confirm_email", "account_email", "account_email_verification_sent", "account_logout",
    "account_reauthenticate", "choose_language", "mfa_activate_totp", "mfa_add_webauthn", "mfa_index",
}  # fmt: skip


def test_without_the_second_factor_nothing_opens_to_whoever_owes_it(world):
    Mark.objects.all().delete()
    for actor in OWES:
        client = Client()
        client.force_login(world["people"][actor])
        world["sessions"][actor] = client.cookies[settings.SESSION_COOKIE_NAME].value
    opened, arguments_of = [], dict(routes())
    with patch.object(Template, "render", return_value=""):
        for name, method in sorted(row for row in said() if row[0] not in OPEN_WITHOUT):
            for actor in OWES:
                response = ask(world, path_of(world, name, arguments_of[name]), name, method, actor)
                led_away = response.status_code == 302 and "/accounts/2fa/?next=" in response["Location"]
                if not led_away and response.status_code != 403:
                    opened.append(f"{method} {name} answers {actor} with {response.status_code}")

    assert not opened, "\n".join(opened)


def test_the_parts_of_the_matrix_are_together_all_of_it():
    named = [name for part in range(PARTS) for name in share(part)]

    assert len(named) == len(set(named))
    assert {name for name, _method in said()} | {name for name, _arguments in routes()} == set(named)


def allowed(route: str, method: str = "POST") -> set[str]:
    """Who gets what they ask for, by the matrix."""
    return {actor for actor, cell in said()[route, method].items() if cell in {"200", "201", "202", "204", "302"}}


def test_the_matrix_itself_keeps_the_rules():
    """So that nobody writes down what the code happens to answer."""
    deciding = [
        "confirm", "decline", "ask", "undo", "reassign", "api_confirm", "api_decline", "api_ask",
        "facility_rules_preview", "instrument_rules_preview",
    ]  # fmt: skip
    settings_of_a_lab = ["facility_rules", "instrument_rules", "facility_hours", "instrument_hours", "operators"]
    work_of_a_lab = ["label", "logbook", "maintenance", "use", "problems", "import_use", "facility_training", "charts"]
    work_of_a_lab += ["day_board", "lab_timeline"]
    public = {
        "api_availability", "api_categories", "api_docs", "api_facilities", "api_instrument", "api_instruments",
        "api_organisations", "api_policy", "api_schema", "catalogue", "choose_language", "demo_mail", "demo_mail_one",
        "home", "instrument", "live", "ready", "api_calendar", "api_openings", "find", "policy", "feed",
        "export_instruments",
        "api_test_item", "api_test_items", "test_item", "api_pidinst", "robots", "sitemap_index",
        "django.contrib.sitemaps.views.sitemap", "city_board", "facility_board", "organisation_board", "guide",
        "public_file", "api_busy", "new_request", "help", "help_role", "help_picture", "timeline", "wall",
        "api_rates", "api_item_rates", "api_schemes", "scheme",
        "programmes", "programme", "api_programmes", "api_programme", "api_sessions", "api_session",
        "youth_certificate", "privacy", "terms", "terms_of",
    }  # fmt: skip
    runs_it = {"operator", "manager", "service"}
    edits_records = ["new_instrument", "edit_instrument", "new_item", "edit_item", "facility_contact", "edit_notice"]
    edits_records += ["instrument_files", "item_files"]
    reads_records = ["records", "record_history", "item_history"]

    open_to_visitors = {route for route, method in said() if "visitor" in allowed(route, method)}
    assert {each for each in open_to_visitors if not each.startswith(SIGNING_IN)} == public
    assert all(allowed(route) == {"manager"} for route in deciding)
    assert all(allowed(route, "GET") == {"manager"} for route in settings_of_a_lab)
    assert all(allowed(route, "GET") == runs_it for route in [*work_of_a_lab, "instrument_history"])
    assert all(allowed(f"api_{route}") == runs_it for route in ["maintenance", "trainings", "usage_records"])
    assert all(allowed(route) == {"manager", "institution", "officer"} for route in [*edits_records, "facility_board"])
    assert all(allowed(route, "GET") == {"manager", "institution", "officer"} for route in reads_records)
    sets_prices = {"manager", "institution", "finance"}
    assert allowed("instrument_rates") == allowed("facility_rates", "GET") == sets_prices == allowed("api_rates")
    assert allowed("api_rate", "DELETE") == sets_prices == allowed("item_rates") == allowed("api_item_rates")
    assert allowed("organisation_board") == {"institution", "officer"}
    assert allowed("city_board") == {"officer"}
    assert allowed("confirm_instrument") == allowed("confirm_item") == {"manager", "institution"}
    assert allowed("settle") == allowed("close_or_mend") == allowed("api_mend_fault") == runs_it
    assert allowed("api_messages") == allowed("say") == {"researcher", *runs_it}
    assert allowed("booking_history", "GET") == allowed("slip", "GET") == allowed("booking", "GET")


def test_no_row_is_decided_by_a_limit():
    assert not [route for route, cells in said().items() if "429" in cells.values()]


def test_the_matrix_keeps_what_is_somebodys_own_with_them():
    assert allowed("api_feed", "DELETE") == allowed("revoke_feed") == {"researcher"}
    assert allowed("api_job", "GET") == allowed("wrong_rows", "GET") == {"manager"}
    assert allowed("organisation_training", "GET") == {"institution"}
    assert allowed("city_training", "GET") == {"officer"}
    assert allowed("cancel") == allowed("api_cancel") == {"researcher", "manager"}
    assert allowed("booking", "GET") == {"researcher", "operator", "manager", "auditor", "service"}
    assert allowed("booking", "GET") == allowed("api_booking", "GET")
    assert allowed("revoke_token") == allowed("api_token", "DELETE") == {"researcher"}
    assert allowed("api_webhook", "DELETE") == allowed("api_rotate_secret") == allowed("api_replay") == {"researcher"}
    assert allowed("api_webhook", "GET") == allowed("api_deliveries", "GET") == {"researcher"}
    assert allowed("webhook") == allowed("webhook_delivery", "GET") == allowed("replay_delivery") == {"researcher"}
    assert allowed("api_ping") == allowed("api_replay_span") == allowed("api_delivery", "GET") == {"researcher"}
    assert allowed("fetch_export", "GET") == allowed("rotate_token") == {"researcher"}
    assert allowed("confirm_membership") == allowed("members", "GET") == {"institution"}
    assert allowed("end_membership") == {"institution", "unconfirmed"}
    assert allowed("service_accounts") == allowed("make_service_token") == allowed("service_account") == {"institution"}
    assert allowed("organisation_calendar", "GET") == allowed("import_calendar") == {"institution"}
    assert allowed("remove_calendar_day") == {"institution"}
    keeps_records = {"manager", "institution"}
    assert allowed("apply_import") == allowed("api_import_apply") == allowed("discard_import") == keeps_records
    assert allowed("import_wrong_rows", "GET") == allowed("api_import_rows", "GET") == keeps_records
    assert keeps_records == allowed("round_part") == allowed("round_part", "GET") == allowed("facility_people")
    assert allowed("import_instruments") == allowed("api_instrument_imports") == {*keeps_records, "officer"}
    assert allowed("api_instrument_by_number", "PUT") == {*keeps_records, "officer"}
    assert allowed("rounds") == allowed("round", "GET") == allowed("close_round") == {"officer"}
    assert allowed("admit") == allowed("dismiss") == {"pi"}
    assert allowed("firm_to_verify") == allowed("firm_queue", "GET") == {"officer"}
    of_firm = {"firm", "firm_member"}
    assert allowed("firm") == allowed("offer_act") == allowed("api_offer_accept") == {"firm"}
    assert allowed("firm_letter", "GET") == {"firm"}
    assert allowed("edit_request") == allowed("request_act") == allowed("api_request_send") == of_firm
    assert allowed("make_offer") == allowed("api_offers") == allowed("api_order_schedule") == {"manager"}
    assert allowed("order", "GET") == allowed("result_file", "GET") == {*of_firm, "operator", "manager", "service"}
    assert allowed("wallet", "GET") == {"researcher", "labmate", "pi", "institution", "finance", "auditor"}
    assert allowed("charge", "GET") == allowed("wallet", "GET") - {"labmate"} == allowed("api_charge", "GET")
    assert allowed("api_object") == allowed("charge") == allowed("charge", "GET") - {"auditor"}
    assert allowed("wallet") == allowed("api_wallet_limits") == {"pi"}
    assert allowed("group", "GET") == {"pi", "researcher", "labmate"}
    assert allowed("new_booking") == allowed("api_bookings") == {*ACTORS} - {"visitor", "unconfirmed"}
    assert allowed("admin:index", "GET") == {"staff"}
    assert not allowed("admin:notifications_mail_add") | allowed("admin:notifications_mail_delete")


def test_the_matrix_keeps_books_with_who_keeps_them():
    keeps, pays = {"institution", "finance"}, {"firm"}
    acts = [
        "invoice_runs",
        "invoice_run",
        "invoice_lines",
        "issue_invoice",
        "credit_invoice",
        "payments",
        "match_payment",
    ]
    acts += ["letterhead", "fapiao_number", "void_fapiao"]
    acts += [
        f"api_{name}" for name in ("issue_invoice", "settle_invoice", "credit_invoice", "invoice_runs", "issue_run")
    ]
    acts += [f"api_{name}" for name in ("payments", "match_payment", "enter_fapiao")]
    assert all(allowed(route) == keeps for route in acts)
    assert allowed("ask_fapiao") == allowed("invoice_voucher") == allowed("api_fapiao_requests") == keeps | pays
    looked_at = [
        "finance",
        "finance_invoices",
        "invoice_runs",
        "invoice_run",
        "payments",
        "fapiao_requests",
        "letterhead",
    ]
    assert all(allowed(route, "GET") == keeps | {"auditor"} for route in [*looked_at, "payment_slip"])
    of_both = ["invoice", "invoice_pdf", "credit_note_pdf", "fapiao_number", "fapiao_file", "api_invoice"]
    assert all(allowed(route, "GET") == keeps | pays | {"auditor"} for route in of_both)


def test_the_comparison_sees_a_wrong_cell_a_missing_row_and_a_row_too_many():
    """The negative control: were it silent, the test above would be blind."""
    wanted = {("a", "GET"): {"visitor": "200"}, ("gone", "GET"): {"visitor": "200"}}
    found = {("a", "GET"): {"visitor": "404"}, ("new", "POST"): {"visitor": "302"}}

    new, wrong, gone = faults_between(wanted, found)

    assert new.endswith("add: new,POST,302")
    assert wrong == "GET a: visitor should get 200 and gets 404"
    assert gone.startswith("GET gone")


def test_an_answer_that_tells_a_browser_too_little_is_seen():
    """The negative control of what `ask` demands of each answer."""
    whole = {**GUARDS, "Content-Security-Policy": "default-src 'self'; " + "; ".join(map(" ".join, STRICT.items()))}
    assert unguarded(HttpResponse(headers=whole)) == []
    assert unguarded(HttpResponse(headers={**whole, "Content-Security-Policy": "default-src 'none'; sandbox"})) == []

    for name in whole:
        assert unguarded(HttpResponse(headers={other: value for other, value in whole.items() if other != name}))
    loose = whole["Content-Security-Policy"].replace("default-src 'self'", "default-src 'self' 'unsafe-inline'")
    assert unguarded(HttpResponse(headers={**whole, "Content-Security-Policy": loose}))
    assert unguarded(HttpResponse(headers={**whole, "Content-Security-Policy": "default-src 'self'"}))


def test_what_is_somebody_elses_looks_like_what_does_not_exist(world):
    arguments_of = dict(routes())
    hidden = [route for route, cells in said().items() if cells["individual"] == "404"]
    assert len(hidden) > 15

    for name, method in hidden:
        paths = [path_of(world, name, arguments_of[name], absent=absent) for absent in (False, True)]
        seen, missing = (ask(world, path, name, method, "individual") for path in paths)
        assert seen.status_code == missing.status_code == 404, f"{method} {name}"
        assert words_of(seen, paths[0]) == words_of(missing, paths[1]), f"{method} {name}"


def words_of(response: Any, path: str) -> str:
    """A page without its own address and the secrets that differ each time."""
    text = response.content.decode().replace(path, "")
    return "\n".join(row for row in text.split("\n") if "csrfmiddlewaretoken" not in row)


# A campus' server sends its answer through the browser; what counts is its signature (tests/accounts/test_campus.py).
SENT_BY_A_CAMPUS = {"saml_acs", "saml_sls"}


def test_nothing_is_changed_by_a_form_that_is_not_ours(world):
    """A page elsewhere makes the reader's browser send it, with their cookie and without the form's secret."""
    arguments_of, strict = dict(routes()), Client(enforce_csrf_checks=True)

    for name, method in said():
        if method != "GET" and name not in SENT_BY_A_CAMPUS:
            answered = ask(world, path_of(world, name, arguments_of[name]), name, method, "researcher", strict)
            assert answered.status_code == 403, f"{method} {name}"


def test_a_token_does_no_more_than_its_scope(world):
    manager, arguments_of = world["people"]["manager"], dict(routes())
    rows = [row for row in said() if row[0].startswith("api_") and row[0] not in {"api_schema", "api_docs"}]
    for scope in ("read", "book", "manage", "orders", "billing", "outreach"):
        bearer = {"Authorization": f"Bearer {factories.token_for(manager, scope)}"}
        for name, method in rows:
            needed = "read" if method == "GET" else SCOPES[name]
            answered = ask(world, path_of(world, name, arguments_of[name]), name, method, "visitor", **bearer)
            wanted = said()[name, method]["manager"] if scope == needed else "403"
            assert word_for(answered) == wanted, f"{method} {name} with {scope}"


def test_no_method_of_the_api_breaks_it(world):
    bearer = {"Authorization": f"Bearer {factories.token_for(world['people']['manager'])}"}
    known = said()

    for name, arguments in sorted(set(routes())):
        for method in [*METHODS, "OPTIONS", "HEAD"]:
            if name.startswith("api_") and (name, method) not in known:
                path = path_of(world, name, arguments)
                codes = [ask(world, path, name, method, "visitor", **headers).status_code for headers in (bearer, {})]
                assert set(codes) <= {200, 204, 401, 403, 404, 405}, f"{method} {name}: {codes}"


def test_the_admin_is_a_reading_room_even_for_a_superuser(world):
    world["sessions"]["superuser"] = session_of(factories.person("superuser", is_staff=True, is_superuser=True))

    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        for page, expected in (("changelist", "200"), ("add", "403")):
            path = reverse(f"{name}_{page}")
            answers = [
                word_for(ask(world, path, name, "GET", actor))
                for actor in ("superuser", "staff", "institution", "visitor")
            ]
            assert answers == [expected, expected, LOGIN, LOGIN], path
