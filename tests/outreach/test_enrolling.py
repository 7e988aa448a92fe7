"""From the wish to the paid place, and what stands in the way."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from billing.models import LedgerEntry
from common.errors import NotAllowed, Refused
from notifications.models import Mail
from outreach import services
from outreach.models import Consent, Enrolment, Session
from outreach.states import EnrolmentState as E
from tests import factories
from tests.outreach import situations
from tests.outreach.situations import DAY, HOUR, child_of, consented, enrolled, paid


def codes(error: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [each.code for each in error.value.refusals]


def test_a_guardian_enrols_consents_and_pays(session, guardian):
    enrolment = enrolled(session, guardian)
    assert (enrolment.state, enrolment.session.taken) == (E.AWAITING_CONSENT, 1)

    enrolment = consented(enrolment)
    assert enrolment.state == E.CONFIRMED

    enrolment = services.pay(enrolment, by=guardian, how="simulator")
    assert (enrolment.state, enrolment.paid_how, enrolment.price["gross"]) == (E.PAID, "simulator", "200.00")


def test_a_free_programme_asks_for_no_payment(centre, afm, coordinator, guardian, nine):
    course = situations.programme(centre, by=coordinator, fee=0)
    session = situations.published(course, by=coordinator, at=nine)

    assert consented(enrolled(session, guardian)).state == E.PAID


def test_who_comes_when_it_is_full_waits_and_is_offered_the_place_that_becomes_free(session, guardian):
    first, *_others = [enrolled(session, guardian, name=f"孩子{n}") for n in range(3)]
    fourth, fifth = enrolled(session, guardian, name="四"), enrolled(session, guardian, name="五")
    assert (fourth.state, fifth.state) == (E.WAITLISTED, E.WAITLISTED)

    services.cancel_enrolment(first, by=guardian)

    fourth.refresh_from_db()
    fifth.refresh_from_db()
    session.refresh_from_db()
    assert (fourth.state, fifth.state, session.taken) == (E.OFFERED, E.WAITLISTED, 3)
    assert consented(fourth).state == E.CONFIRMED


def test_an_offer_that_is_not_answered_goes_to_the_next(session, guardian):
    first, *_others = [enrolled(session, guardian, name=f"孩子{n}") for n in range(3)]
    fourth, fifth = enrolled(session, guardian, name="四"), enrolled(session, guardian, name="五")
    services.cancel_enrolment(first, by=guardian)
    fourth.refresh_from_db()

    with time_machine.travel(fourth.expires_at, tick=False):
        with pytest.raises(Refused) as late:
            services.accept(fourth, by=guardian)
        services.lapse_due(now=timezone.now())

    fourth.refresh_from_db()
    fifth.refresh_from_db()
    assert (codes(late), fourth.state, fifth.state) == (["offer_over"], E.LAPSED, E.OFFERED)


def test_a_place_that_is_not_paid_in_time_lapses(session, guardian):
    enrolment = consented(enrolled(session, guardian))

    services.lapse_due(now=enrolment.expires_at)

    enrolment.refresh_from_db()
    session.refresh_from_db()
    assert (enrolment.state, session.taken) == (E.LAPSED, 0)


def test_only_the_current_text_counts_as_consent(session, coordinator, guardian):
    enrolment = enrolled(session, guardian)
    old = services.current_text(session.programme)
    services.publish_consent_text(session.programme, by=coordinator, text_zh="第二版")

    with pytest.raises(Refused) as refused:
        services.consent(enrolment, by=guardian, text=old)

    assert (codes(refused), Consent.objects.count()) == (["consent_outdated"], 0)


def test_the_database_confirms_nothing_without_consent(session, guardian):
    enrolment = enrolled(session, guardian)

    for state in (E.CONFIRMED, E.PAID, E.ATTENDED):
        with pytest.raises(IntegrityError, match="enrolment_consented"), transaction.atomic():
            Enrolment.objects.filter(pk=enrolment.pk).update(state=state, paid_at=timezone.now())


def test_nobody_but_a_guardian_consents_or_enrols(session, guardian, stranger, coordinator):
    enrolment = enrolled(session, guardian)

    for somebody in (stranger, coordinator):
        with pytest.raises(NotAllowed):
            services.consent(enrolment, by=somebody, text=services.current_text(session.programme))
        with pytest.raises(NotAllowed):
            services.enrol(session.pk, by=somebody, child=enrolment.child)


def test_a_refused_consent_gives_the_place_to_the_next(session, guardian):
    first, *_others = [enrolled(session, guardian, name=f"孩子{n}") for n in range(3)]
    fourth = enrolled(session, guardian, name="四")

    services.refuse_consent(first, by=guardian)

    fourth.refresh_from_db()
    assert fourth.state == E.OFFERED
    assert not Consent.objects.get().given


def test_too_young_on_the_first_day_is_refused(session, guardian):
    born = session.first_day.replace(year=session.first_day.year - 8) + DAY

    with pytest.raises(Refused) as refused:
        enrolled(session, guardian, born=born)

    assert codes(refused) == ["too_young"]


def test_a_child_born_on_29_february_is_eight_on_1_march(course, coordinator, guardian, afm):
    with time_machine.travel("2025-12-20T10:00:00+08:00"):
        last = timezone.localtime().replace(year=2026, month=2, day=28, hour=9, minute=0, second=0, microsecond=0)
        sessions = [situations.published(course, by=coordinator, at=last + n * DAY) for n in range(2)]
        course.age_from = 8
        child = child_of(guardian, born=date(2016, 2, 29))
        course.__class__.objects.update(age_from=10)

        with pytest.raises(Refused) as refused:
            services.enrol(sessions[0].pk, by=guardian, child=child)

        assert codes(refused) == ["too_young"]
        assert services.enrol(sessions[1].pk, by=guardian, child=child).state == E.AWAITING_CONSENT


def test_a_child_is_in_one_place_at_a_time(session, course, coordinator, guardian, centre, nine):
    situations.youth_instrument(centre, "second")
    factories.member("other", centre.organisation)
    beside = services.plan_session(course, by=coordinator, interval=session.interval, places=3)
    Session.objects.filter(pk=beside.pk).update(state="published", published_at=timezone.now())
    enrolment = enrolled(session, guardian)

    with pytest.raises(Refused) as here:
        services.enrol(session.pk, by=guardian, child=enrolment.child)
    with pytest.raises(Refused) as there:
        services.enrol(beside.pk, by=guardian, child=enrolment.child)

    assert (codes(here), codes(there)) == (["enrolled_already"], ["elsewhere_then"])


def test_a_session_that_is_not_published_is_not_there_for_parents(course, coordinator, guardian, nine):
    draft = situations.planned(course, by=coordinator, at=nine)

    with pytest.raises(Session.DoesNotExist):
        enrolled(draft, guardian)


def test_a_paid_fee_is_in_the_books_and_a_refund_is_a_new_entry(session, guardian):
    enrolment = paid(enrolled(session, guardian))
    charge = enrolment.charge
    charge.refresh_from_db()

    assert (charge.seller, charge.gross, charge.paid) == (session.programme.organisation, 200, 200)
    assert charge.net + charge.vat == charge.gross
    assert "王小明" not in f"{charge.name_zh} {charge.name_en}"
    services.cancel_enrolment(enrolment, by=guardian)

    charge.refresh_from_db()
    assert charge.refunded == 100
    assert [each.kind for each in LedgerEntry.objects.order_by("made_at", "pk")] == ["charge", "payment", "refund"]


def test_a_place_is_paid_once(session, guardian):
    enrolment = paid(enrolled(session, guardian))

    with pytest.raises(Refused) as refused:
        services.pay(enrolment, by=guardian, how="simulator")

    assert codes(refused) == ["paid_already"]


def test_finance_records_what_came_in_and_strangers_do_not(session, guardian, university, stranger):
    finance = factories.member("finance", university, "finance")
    enrolment = consented(enrolled(session, guardian))

    with pytest.raises(NotAllowed):
        services.pay(enrolment, by=stranger, how="desk")
    assert services.pay(enrolment, by=finance, how="transfer", reference="回单 1").paid_how == "transfer"


def test_who_cancels_late_gets_less_back(session, guardian):
    enrolment = paid(enrolled(session, guardian))

    cancelled = services.cancel_enrolment(enrolment, by=guardian)  # three days before

    assert (cancelled.state, cancelled.refunded) == (E.CANCELLED, Decimal("100.00"))


def test_mails_name_no_child(session, guardian):
    paid(enrolled(session, guardian))

    assert not Mail.objects.filter(body__contains="金丝雀").exists()
    assert Mail.objects.filter(subject__contains="J.S.Q.W.X.M.").count() == 3


def test_health_is_asked_for_after_confirmation_only(session, guardian):
    enrolment = enrolled(session, guardian)

    with pytest.raises(Refused) as refused:
        services.say_health(enrolment.child, by=guardian, text="花生过敏")
    consented(enrolment)
    child = services.say_health(enrolment.child, by=guardian, text="花生过敏")

    assert (codes(refused), services.health_of(child)) == (["too_early"], "花生过敏")


def test_what_is_over_gives_a_certificate_or_a_no_show(session, coordinator, guardian):
    came, stayed_away = paid(enrolled(session, guardian, name="来")), paid(enrolled(session, guardian, name="没来"))
    with time_machine.travel(session.starts_at + HOUR):
        services.check_in(came, by=coordinator)
        services.check_in(came, by=coordinator)

    services.complete_past(now=session.ends_at)

    came.refresh_from_db()
    stayed_away.refresh_from_db()
    session.refresh_from_db()
    assert (came.state, stayed_away.state, session.state) == (E.ATTENDED, E.NO_SHOW, "completed")
    assert came.certificate.days == 1
    assert session.erase_on == session.first_day + timedelta(days=90)
