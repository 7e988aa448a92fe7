"""By which way people are told: what they chose, else mail, else a text message; the bell always."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import User
from bookings.services import remind_of_coming
from notifications.models import Mail, Notice, Sms
from notifications.rules import ALWAYS_TOLD, FAMILIES, FAMILY_OF, ways_open, ways_to_tell
from notifications.services import deliver_due_sms, forget_told, send_again, tell, text_to, withdraw
from tests.conftest import HOUR
from tests.factories import booked

MAIL, TEXT, BOTH, BELL = (True, False), (False, True), (True, True), (False, False)


@pytest.mark.parametrize(
    ("chosen", "with_both", "with_mail", "with_phone", "with_nothing"),
    [
        ({}, MAIL, MAIL, TEXT, BELL),
        ({"reminders": "mail"}, MAIL, MAIL, TEXT, BELL),
        ({"reminders": "text"}, TEXT, MAIL, TEXT, BELL),
        ({"reminders": "both"}, BOTH, MAIL, TEXT, BELL),
        ({"reminders": "bell"}, BELL, BELL, BELL, BELL),
        ({"bookings": "bell"}, MAIL, MAIL, TEXT, BELL),
    ],
)
def test_a_way_that_somebody_does_not_have_is_taken_by_the_other(
    chosen, with_both, with_mail, with_phone, with_nothing
):
    has = [(True, True), (True, False), (False, True), (False, False)]
    found = [ways_to_tell("booking_reminder", chosen, has_mail=mail, has_phone=phone) for mail, phone in has]

    assert found == [with_both, with_mail, with_phone, with_nothing]


def test_what_has_to_be_known_is_told_whatever_was_chosen():
    silent = dict.fromkeys(FAMILIES, "bell")
    by_hand = "booking_cancelled booking_moved booking_offered booking_asked booking_no_show closure_hits fault_closes "
    by_hand += "booking_passed_on booking_given_back youth_place_offered youth_cancelled second_step_taken_away"

    assert set(by_hand.split()) <= ALWAYS_TOLD

    assert all(ways_to_tell(event, silent, has_mail=True, has_phone=True) == MAIL for event in ALWAYS_TOLD)
    assert all(ways_to_tell(event, silent, has_mail=True, has_phone=True) == BELL for event in FAMILY_OF)


def test_everything_that_is_told_has_its_place():
    events = {path.stem for path in (settings.BASE_DIR / "templates" / "told").glob("*.txt")}

    assert {*FAMILY_OF} | ALWAYS_TOLD == events
    assert not {*FAMILY_OF} & ALWAYS_TOLD
    assert len(FAMILY_OF) == sum(len(each.split()) for each in FAMILIES.values())


@pytest.fixture
def guardian(db):
    """Has a phone and no mail."""
    return User.objects.create(name="guardian", phone="13900000001", phone_verified=True)


def tell_twice(event, reader, about, **details):
    for _twice in range(2):
        tell(event, to=[reader], about=about, by=reader, **details)


def test_who_has_only_a_phone_gets_one_text_with_the_link(guardian, xrd, nine):
    booking = booked(xrd, at=nine, by=guardian)

    tell_twice("booking_confirmed", guardian, booking)

    text = Sms.objects.get()
    assert (text.reader, text.address, text.event) == (guardian, "13900000001", "booking_confirmed")
    assert text.text.startswith("【机时】")
    assert text.text.endswith(f" {settings.SITE_URL}/bookings/{booking.pk}/")
    assert Notice.objects.get().reader == guardian
    assert not Mail.objects.exists()


def test_a_text_is_never_longer_than_it_may_be_and_keeps_its_link(guardian, xrd, nine):
    booking = booked(xrd, at=nine, by=guardian)
    xrd.name_zh = "仪" * 290

    tell("booking_confirmed", to=[guardian], about=booking)
    booking.instrument.name_zh = "仪" * 290
    tell("booking_confirmed", to=[guardian], about=booking, occasion="again")

    long = Sms.objects.exclude(occasion=str(booking.pk)).get().text
    assert len(long) <= 300
    assert long.endswith(f"/bookings/{booking.pk}/")


def test_nothing_goes_to_a_phone_that_nobody_has_proven(researcher, xrd, nine):
    User.objects.filter(pk=researcher.pk).update(phone="13900000002", told_by={"bookings": "both"})
    researcher.refresh_from_db()

    tell("booking_confirmed", to=[researcher], about=booked(xrd, at=nine, by=researcher))

    assert (Mail.objects.count(), Sms.objects.count()) == (1, 0)


def test_without_a_gateway_a_phone_counts_for_nothing(reachable, browse, xrd, nine, settings):
    reachable.told_by = {"bookings": "text"}
    reachable.save()
    settings.TEXTS_ARRIVE = False

    tell("booking_confirmed", to=[reachable], about=booked(xrd, at=nine, by=reachable))

    assert (Mail.objects.count(), Sms.objects.count()) == (1, 0)
    assert "短信" not in browse(reachable).get("/account/ways/").content.decode()


def test_a_code_goes_before_what_has_waited_longer_and_is_given_up_sooner(guardian, xrd, nine, settings):
    tell("booking_confirmed", to=[guardian], about=booked(xrd, at=nine, by=guardian))
    text_to(guardian.phone, event="sign_in_code", text="x")
    assert [each.event for each in Sms.objects.due(timezone.now())] == ["sign_in_code", "booking_confirmed"]
    settings.SMS_URL = "http://127.0.0.1:1/"

    Sms.objects.update(attempts=5)
    deliver_due_sms()

    assert {each.event: each.state for each in Sms.objects.all()} == {
        "booking_confirmed": "waiting", "sign_in_code": "dead",
    }  # fmt: skip


def test_what_is_out_by_one_way_is_not_taken_back_as_a_whole(reachable, xrd, nine):
    reachable.told_by = {"bookings": "both"}
    booking = booked(xrd, at=nine, by=reachable)
    tell("booking_confirmed", to=[reachable], about=booking)
    Mail.objects.update(state="sent", attempts=1)

    assert withdraw(booking, events=["booking_confirmed"]).halfway


def test_texts_are_taken_back_and_forgotten_like_mails(guardian, xrd, nine):
    booking = booked(xrd, at=nine, by=guardian)
    tell("booking_confirmed", to=[guardian], about=booking, after=HOUR)
    assert withdraw(booking, events=["booking_confirmed"]).taken_back == 1
    assert not Sms.objects.exists()
    assert not Notice.objects.exists()

    tell("booking_confirmed", to=[guardian], about=booking)
    Sms.objects.update(state="sent", attempts=1)
    assert withdraw(booking, events=["booking_confirmed"]).left == 1
    assert Notice.objects.exists()
    forget_told([booking.pk])
    assert not Sms.objects.exists()


def test_a_text_that_was_given_up_is_sent_again_and_a_code_is_not(guardian, xrd, nine):
    tell("booking_confirmed", to=[guardian], about=booked(xrd, at=nine, by=guardian))
    text_to(guardian.phone, event="sign_in_code", text="x")
    Sms.objects.update(state="dead", attempts=6)

    for each in Sms.objects.all():
        send_again(each)

    assert {each.event: each.state for each in Sms.objects.all()} == {
        "booking_confirmed": "waiting", "sign_in_code": "dead",
    }  # fmt: skip


@pytest.fixture
def reachable(researcher):
    researcher.phone, researcher.phone_verified = "13900000003", True
    researcher.save()
    return researcher


def test_one_chooses_on_the_page_and_hears_so(reachable, browse, xrd):
    page = browse(reachable)
    chosen = dict.fromkeys(FAMILIES, "mail") | {"reminders": "text", "bookings": "bell"}
    assert "短信" in page.get("/account/ways/").content.decode()

    answered = page.post("/account/ways/", chosen)
    reachable.refresh_from_db()
    now = timezone.now()
    tell("booking_confirmed", to=[reachable], about=booked(xrd, at=now + HOUR / 2, by=reachable))
    remind_of_coming(now=now)

    assert answered.status_code == 302
    assert reachable.told_by == {"reminders": "text", "bookings": "bell"}
    assert Sms.objects.get().event == "booking_reminder"
    assert not Mail.objects.exists()
    assert Notice.objects.count() == 2


def test_a_way_that_is_not_open_is_refused_with_its_reason_and_nothing_changes(researcher, browse, call):
    page, sent = browse(researcher), dict.fromkeys(FAMILIES, "mail")

    form = page.post("/account/ways/", sent | {"money": "text"})
    by_rest = call(researcher).put("/api/v1/told-by/", {"money": "text"}, format="json")
    odd = call(researcher).put("/api/v1/told-by/", {"weather": "mail"}, format="json")

    assert (form.status_code, by_rest.status_code, odd.status_code) == (400, 400, 400)
    assert by_rest.json()["errors"][0]["code"] == "no_such_way"
    researcher.refresh_from_db()
    assert researcher.told_by == {}


def test_a_program_reads_and_chooses_the_same(reachable, call):
    program = call(reachable)
    assert set(program.get("/api/v1/told-by/").json().values()) == {"mail"}

    chosen = program.put("/api/v1/told-by/", {"courses": "both", "orders": "mail"}, format="json").json()

    assert (chosen["courses"], chosen["orders"]) == ("both", "mail")
    reachable.refresh_from_db()
    assert reachable.told_by == {"courses": "both"}


def test_what_was_chosen_for_a_phone_that_is_gone_shows_as_it_is_now(reachable, browse):
    reachable.told_by, reachable.phone, reachable.phone_verified = {"money": "text"}, None, False
    reachable.save()

    shown = browse(reachable).get("/account/ways/").context["form"]

    assert shown["money"].initial == "mail"
    assert [way.value for way in ways_open(has_mail=True, has_phone=False)] == ["mail", "bell"]


def test_a_text_speaks_its_readers_language(guardian, xrd, nine):
    guardian.language = "en"

    tell("booking_confirmed", to=[guardian], about=booked(xrd, at=nine, by=guardian))

    assert Sms.objects.get().text.startswith("Jishi: ")
