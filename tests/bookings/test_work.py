"""At the instrument: check-in and check-out, no-shows, training, operators, faults, maintenance, calendars."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.models import ResearchGroup
from bookings.availability import WeeklyHours
from bookings.models import Booking, BookingEvent, Claim, Fault, Operator, OperatorClaim, Training, UsageRecord
from bookings.services import (
    ask_for_import,
    complete_past,
    grant_training,
    release_no_shows,
    remind_of_lapsing,
    set_operator,
    set_policy,
    watch_overruns,
)
from bookings.states import State
from bookings.tasks import run_jobs
from instruments.services import entrust
from instruments.states import FacilityDuty, Status
from notifications.models import Event, Mail
from records.models import Job
from tests.factories import booked, instrument, lab_admin, laboratory, member, university
from tests.factories import university as university_

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def path(booking, action=""):
    return f"/api/v1/bookings/{booking.pk}/{action}"


def wish(on, start, hours=1, **more):
    return {"instrument": on.slug, "start": start.isoformat(), "end": (start + hours * HOUR).isoformat(), **more}


def codes(response):
    return [each["code"] for each in response.json()["objections"]]


def now_in(booking):
    booking.refresh_from_db()
    return booking.state


@pytest.fixture
def operator(centre):
    user = member("operator", centre.organisation)
    entrust(centre, to=user, duty=FacilityDuty.OPERATOR)
    return user


@pytest.fixture
def mine(xrd, nine, researcher):
    """Two hours of mine, from nine."""
    return booked(xrd, at=nine, by=researcher, hours=2)


def test_check_in_and_check_out_write_a_record_and_give_the_rest_of_the_time_back(call, researcher, xrd, mine, nine):
    client = call(researcher)
    with time_machine.travel(nine - 20 * MINUTE, tick=False):
        assert codes(client.post(path(mine, "check-in/"))) == ["too_early"]
    with time_machine.travel(nine - 5 * MINUTE, tick=False):
        assert codes(client.post(path(mine, "check-out/"))) == ["not_checked_in"]
        assert client.post(path(mine, "check-in/")).json()["state"] == "in_use"
        assert codes(client.post(path(mine, "check-in/"))) == ["checked_in"]
    with time_machine.travel(nine + 50 * MINUTE, tick=False):
        done = client.post(path(mine, "check-out/"), {"samples": 3, "note": "正常"})

    record = UsageRecord.objects.get()
    assert (done.json()["state"], record.samples, record.ends_at) == ("completed", 3, nine + 50 * MINUTE)
    assert Claim.objects.get().ends_at == nine + HOUR
    with time_machine.travel(nine + HOUR, tick=False):
        assert codes(client.post(path(mine, "check-out/"))) == ["wrong_state"]


def test_an_operator_and_the_instruments_program_check_in_too_and_strangers_do_not(
    call, operator, labmate, researcher, mine, nine
):
    with time_machine.travel(nine, tick=False):
        assert call(labmate).post(path(mine, "check-in/")).status_code == 404
        assert call(operator).post(path(mine, "check-in/")).status_code == 200


def test_who_does_not_come_loses_the_time_after_the_grace(call, researcher, labmate, manager, xrd, nine):
    set_policy(xrd, asks_check_in=True, grace_minutes=30)
    made = call(researcher).post("/api/v1/bookings/", wish(xrd, nine, 2)).json()
    booking = Booking.objects.get(pk=made["id"])

    assert release_no_shows(now=nine + 29 * MINUTE) == 0
    assert release_no_shows(now=nine + 30 * MINUTE) == 1

    assert now_in(booking) == State.NO_SHOW
    assert not Claim.objects.exists()
    assert complete_past(now=nine + 5 * HOUR) == 0
    assert {mail.address for mail in Mail.objects.filter(event="booking_no_show")} == {
        researcher.email,
        manager.email,
    }
    forgiven = call(manager).post(path(booking, "cancel/"), {"reason": "读卡器坏了"})
    assert (forgiven.json()["state"], forgiven.json()["cancelled_as"]) == ("cancelled", "by_lab")


def test_an_overrun_warns_who_is_there_and_who_comes_next_once(call, researcher, labmate, xrd, mine, nine):
    booked(xrd, at=nine + 2 * HOUR, by=labmate)
    with time_machine.travel(nine, tick=False):
        call(researcher).post(path(mine, "check-in/"))
    late = nine + 2 * HOUR + MINUTE

    with time_machine.travel(late, tick=False):
        watch_overruns(now=late)
        watch_overruns(now=late + MINUTE)

    events = sorted(Mail.objects.values_list("event", flat=True))
    assert events == ["booking_delayed", "booking_overruns"]


def test_what_was_never_checked_out_ends_as_it_was_booked(call, researcher, mine, nine):
    with time_machine.travel(nine, tick=False):
        call(researcher).post(path(mine, "check-in/"))
    watch_overruns(now=nine + 15 * HOUR)

    record = UsageRecord.objects.get()
    assert (now_in(mine), record.ends_at) == (State.COMPLETED, nine + 2 * HOUR)
    assert record.problem


def test_use_without_a_booking_in_bulk_and_all_or_nothing(call, manager, researcher, xrd):
    begin = timezone.now().replace(microsecond=0) - 5 * HOUR
    row = {"instrument": xrd.slug, "start": begin.isoformat(), "minutes": 90, "user_name": "张", "external_ref": "a"}
    other = {**row, "external_ref": "b", "samples": 2}

    made = call(manager).post("/api/v1/usage-records/", [row, other])
    again = call(manager).post("/api/v1/usage-records/", [{**row, "external_ref": "c"}, other])
    stranger = call(researcher).post("/api/v1/usage-records/", [row])

    assert (made.status_code, again.status_code, stranger.status_code) == (201, 409, 403)
    assert UsageRecord.objects.count() == 2


def test_a_groups_own_work_is_written_down_and_a_group_elsewhere_refused(call, manager, researcher, university, xrd):
    ours = ResearchGroup.objects.create(organisation=university, pi=researcher, name_zh="课题组")
    theirs = ResearchGroup.objects.create(organisation=university_(name_zh="西海大学"), pi=researcher, name_zh="别组")
    row = {"instrument": xrd.slug, "start": (timezone.now() - 5 * HOUR).isoformat(), "minutes": 60}

    made = call(manager).post("/api/v1/usage-records/", {**row, "group": str(ours.pk)})
    wrong = call(manager).post("/api/v1/usage-records/", {**row, "group": str(theirs.pk)})

    assert (made.status_code, made.json()[0]["group"]) == (201, str(ours.pk))
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (400, "/group")


def test_a_table_of_2000_rows_with_wrong_ones_is_imported_by_a_worker(call, browse, manager, xrd, centre):
    lines = ["仪器,开始时间,分钟,使用人"]
    first = datetime(2020, 1, 1)
    lines += [f"{xrd.slug},{first + n * 10 * MINUTE:%Y-%m-%d %H:%M},10,用户{n % 50}" for n in range(2000)]
    lines[500], lines[700] = f"{xrd.slug},gestern,10,x", "nobody,2020-01-01 10:00,10,x"
    data = "\n".join(lines).encode("gb18030")

    job = ask_for_import(centre, by=manager, data=data)
    run_jobs()
    job.refresh_from_db()

    assert (job.state, job.outcome["new"], job.outcome["wrong"]) == ("done", 1998, 2)
    assert [row["line"] for row in job.outcome["rows"]] == [501, 701]
    wrong = browse(manager).get(f"/lab/{centre.slug}/import/{job.pk}/wrong.csv").content.decode("utf-8-sig")
    assert "gestern" in wrong
    ask_for_import(centre, by=manager, data=data)
    run_jobs()
    assert Job.objects.order_by("-created_at")[0].outcome["known"] == 1998
    assert UsageRecord.objects.count() == 1998


def test_training_is_needed_at_every_place_and_lapses(call, researcher, manager, centre, sem, nine):
    set_policy(sem, training_level=2)
    client = call(researcher)
    assert codes(client.post("/api/v1/bookings/", wish(sem, nine))) == ["not_trained"]

    grant_training(researcher, on=sem, by=manager, level=1)
    assert codes(client.post("/api/v1/bookings/", wish(sem, nine))) == ["not_trained"]

    until = timezone.now() + timedelta(days=20)
    grant_training(researcher, on=sem, by=manager, level=2, until=until)
    assert client.post("/api/v1/bookings/", wish(sem, nine)).status_code == 201
    assert (remind_of_lapsing(now=timezone.now()), remind_of_lapsing(now=timezone.now())) == (1, 0)

    Training.objects.update(expires_at=timezone.now() - MINUTE)
    assert codes(client.post("/api/v1/bookings/", wish(sem, nine + 2 * HOUR))) == ["not_trained"]


def test_who_is_not_trained_asks_where_the_book_button_would_be(browse, researcher, manager, centre, sem):
    set_policy(sem, training_level=1)
    page = browse(researcher).get(f"/instruments/{sem.slug}/").content.decode()
    assert f"/instruments/{sem.slug}/training/" in page
    assert f"/instruments/{sem.slug}/book/" not in page.split("<main")[1].split("week")[0]

    browse(researcher).post(f"/instruments/{sem.slug}/training/", {"note": "周五有空"})
    assert "周五有空" in Mail.objects.get(address=manager.email).body
    form = {"do": "grant", "email": researcher.email, "instrument": sem.pk, "level": 1, "until": ""}
    assert browse(manager).post(f"/lab/{centre.slug}/training/", form).status_code == 302
    assert Training.objects.get().level == 1
    assert researcher.training_requests.get().state == "granted"


def test_only_those_who_run_it_grant_training(call, researcher, labmate, sem):
    body = {"user": labmate.email, "instrument": sem.slug}

    assert call(researcher).post("/api/v1/trainings/", body).status_code == 403


def test_an_assisted_booking_claims_the_freest_operator_and_two_at_once_are_refused(
    call, researcher, labmate, operator, manager, centre, sem, xrd, nine
):
    set_policy(sem, operator="always")
    set_policy(xrd, operator="optional")
    week = [WeeklyHours(day, 9 * 60, 17 * 60) for day in range(7)]
    set_operator(centre, operator, by=manager, instruments=[sem, xrd], hours=week)

    first = call(researcher).post("/api/v1/bookings/", wish(sem, nine, 2))
    rival = call(labmate).post("/api/v1/bookings/", wish(xrd, nine + HOUR, 1, assisted=True))
    alone = call(labmate).post("/api/v1/bookings/", wish(xrd, nine + HOUR, 1))
    evening = call(labmate).post("/api/v1/bookings/", wish(sem, nine + 8 * HOUR, 1))

    assert (first.status_code, first.json()["operator"]) == (201, "operator")
    assert codes(rival) == ["no_operator_free"]
    assert alone.status_code == 201
    assert codes(evening) == ["no_operator_free"]
    assert OperatorClaim.objects.get().operator == operator

    set_operator(centre, manager, by=manager, instruments=[sem], hours=week)
    assert call(researcher).get("/api/v1/bookings/").json()["results"] == [first.json()]
    booking = Booking.objects.get(pk=first.json()["id"])
    assert call(manager).post(path(booking, "reassign/"), {"operator": str(manager.pk)}).json()["operator"] == "manager"
    assert call(labmate).post("/api/v1/bookings/", wish(xrd, nine + 3 * HOUR, 1, assisted=True)).status_code == 201
    call(researcher).post(path(booking, "cancel/"))
    assert OperatorClaim.objects.filter(booking=booking).count() == 0
    assert Operator.objects.count() == 2


def test_a_severe_fault_closes_the_instrument_and_tells_everybody_booked(call, manager, researcher, labmate, sem, nine):
    booked(sem, at=nine, by=researcher)
    body = {"instrument": sem.slug, "severity": "severe", "text": "真空泵漏油"}

    user_says = call(labmate).post("/api/v1/faults/", body)
    sem.refresh_from_db()
    assert (user_says.json()["closes_instrument"], sem.status) == (False, Status.OPEN)

    lab_says = call(manager).post("/api/v1/faults/", body)
    sem.refresh_from_db()
    assert (lab_says.json()["closes_instrument"], sem.status) == (True, Status.MAINTENANCE)
    assert "真空泵漏油" in Mail.objects.get(event="fault_closes", address=researcher.email).body
    assert "out_of_order" in codes(call(labmate).post("/api/v1/bookings/", wish(sem, nine + 3 * HOUR)))

    fault = Fault.objects.get(closes_instrument=True)
    call(manager).post(f"/api/v1/faults/{fault.pk}/mend/", {"remedy": "换密封圈"})
    sem.refresh_from_db()
    assert sem.status == Status.OPEN


def test_maintenance_holds_time_at_any_hour_and_never_over_a_booking(call, manager, researcher, sem, nine):
    booked(sem, at=nine, by=researcher)

    over = call(manager).post("/api/v1/maintenance/", wish(sem, nine - HOUR, 3))
    night = call(manager).post("/api/v1/maintenance/", wish(sem, nine + 13 * HOUR, 5, title="换灯丝"))
    stranger = call(researcher).post("/api/v1/maintenance/", wish(sem, nine + 30 * HOUR, 1))

    assert (codes(over), len(over.json()["hits"])) == (["slot_taken"], 1)
    assert (night.status_code, night.json()["purpose"]) == (201, "maintenance")
    assert stranger.status_code == 403


def test_a_calendar_by_its_secret_address(call, browse, researcher, xrd, mine):
    made = call(researcher).post("/api/v1/feeds/").json()
    address = made["address"].partition("testserver")[2]
    answer = browse().get(address)

    assert f"{mine.pk}@jishi" in answer.content.decode()
    assert browse().get(address, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    call(researcher).post(path(mine, "cancel/"))
    assert "CANCELLED" in browse().get(address).content.decode()
    call(researcher).delete(f"/api/v1/feeds/{made['id']}/")
    assert browse().get(address).status_code == 404


def test_a_laboratorys_calendar_is_only_for_its_people(call, researcher, manager, sem):
    assert call(researcher).post("/api/v1/feeds/", {"instrument": sem.slug}).status_code == 403
    assert call(manager).post("/api/v1/feeds/", {"instrument": sem.slug}).status_code == 201


def test_openings_over_the_city_and_near_misses(call, browse, researcher, labmate, centre, sem, xrd, nine):
    west = instrument(laboratory(university(name_zh="西海大学"), "west"), "west-sem")
    booked(sem, at=nine, by=researcher, hours=2)
    query = {"from": nine.isoformat(), "to": (nine + 2 * HOUR).isoformat(), "minutes": 120}

    found = call().get("/api/v1/openings/", query).json()
    assert {each["instrument"] for each in found["results"]} == {xrd.slug, west.slug}

    for each in (xrd, west):
        booked(each, at=nine, by=labmate, hours=0.5)
    near = call().get("/api/v1/openings/", query).json()
    assert near["results"] == []
    assert {each["how"] for each in near["near_misses"]} <= {"shifted", "shorter", "next_day"}
    assert len(near["near_misses"]) >= 2
    page = browse().get("/find/", {"day": f"{nine:%Y-%m-%d}", "start": "09:00", "end": "11:00", "minutes": 120})
    assert west.facility.organisation.name_zh in page.content.decode()


def test_the_calendar_names_people_only_to_those_who_may_see_them(call, researcher, labmate, manager, xrd, mine, nine):
    query = {"from": nine.isoformat(), "to": (nine + 3 * HOUR).isoformat(), "instrument": xrd.slug}

    seen = [call(who).get("/api/v1/calendar/", query).json()["events"][0] for who in (researcher, labmate, manager)]

    assert [each["user"] for each in seen] == ["researcher", None, "researcher"]
    assert [each["kind"] for each in seen] == ["mine", "taken", "taken"]


def test_a_thread_and_a_message_to_everybody_booked(call, browse, researcher, labmate, manager, xrd, mine, nine):
    said = call(researcher).post(path(mine, "messages/"), {"text": "可以自带样品台吗？"})
    assert said.status_code == 201
    assert "样品台" in Mail.objects.get(address=manager.email).body
    assert call(labmate).get(path(mine, "messages/")).status_code == 404
    booked(xrd, at=nine + 3 * HOUR, by=labmate)

    form = {
        "do": "message",
        "t-starts_at": f"{nine:%Y-%m-%dT%H:%M}",
        "t-ends_at": f"{nine + 5 * HOUR:%Y-%m-%dT%H:%M}",
        "t-text": "今天楼里停水",
    }
    browse(manager).post(f"/instruments/{xrd.slug}/maintenance/", form)
    told = Mail.objects.filter(event="message_to_booked").values_list("address", flat=True)
    assert set(told) == {researcher.email, labmate.email}


def test_history_says_who_when_and_from_what_to_what_and_cannot_be_changed(
    call, browse, manager, researcher, sem, nine
):
    made = call(researcher).post("/api/v1/bookings/", wish(sem, nine)).json()
    call(manager).post(f"/api/v1/bookings/{made['id']}/confirm/")

    page = browse(researcher).get(f"/bookings/{made['id']}/history/").content.decode()

    assert "manager" in page
    assert "已通过" in page
    with pytest.raises(DatabaseError), transaction.atomic():
        BookingEvent.objects.update(state="declined")


def test_programs_hear_of_every_step(call, researcher, manager, sem, nine):
    made = call(researcher).post("/api/v1/bookings/", wish(sem, nine)).json()
    call(manager).post(f"/api/v1/bookings/{made['id']}/confirm/")
    call(researcher).post(f"/api/v1/bookings/{made['id']}/cancel/")

    kinds = list(Event.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["booking.requested", "booking.confirmed", "booking.cancelled"]
    assert set(Event.objects.first().audience) == {researcher.pk, manager.pk}


def test_a_booking_is_handed_over_only_where_the_policy_allows_it(call, researcher, labmate, stranger, xrd, mine):
    body = {"to": labmate.email}
    assert codes(call(researcher).post(path(mine, "hand-over/"), body)) == ["no_hand_over"]
    set_policy(xrd, allows_hand_over=True)
    assert call(researcher).post(path(mine, "hand-over/"), body).json()["user"] == "labmate"


def test_another_laboratory_sees_nothing_of_it(call, mine):
    elsewhere = lab_admin("elsewhere", laboratory(university(name_zh="西海大学"), "west"))
    for action in ("check-in/", "ask/", "undo/", "reassign/"):
        assert (
            call(elsewhere).post(path(mine, action), {"question": "?"} if action == "ask/" else {}).status_code == 404
        )


def test_a_safety_admission_of_an_institution_is_needed_beside_the_instruments_training(
    call, browse, researcher, university, sem, nine
):
    admin = member("admin", university, role="admin")
    page = f"/organisations/{university.pk}/training/"
    need = {"do": "need", "need-name_zh": "实验室安全准入", "need-level": 1}

    assert browse(researcher).post(page, need).status_code == 403
    assert browse(admin).post(page, need).status_code == 302
    refused = call(researcher).post("/api/v1/bookings/", wish(sem, nine))
    assert "实验室安全准入" in refused.json()["objections"][0]["detail"]

    grant = {"do": "grant", "email": researcher.email, "level": 1, "until": ""}
    assert browse(admin).post(page, grant).status_code == 302
    assert call(researcher).post("/api/v1/bookings/", wish(sem, nine)).status_code == 201


def test_who_used_it_is_asked_how_it_was_and_says_so_once(call, browse, researcher, xrd, mine, nine):
    set_policy(xrd, asks_feedback=True)
    assert complete_past(now=nine + 2 * HOUR) == 1
    assert Mail.objects.get().event == "feedback_asked"

    page = browse(researcher)
    page.post(f"/bookings/{mine.pk}/feedback/", {"mark": "9"})
    page.post(f"/bookings/{mine.pk}/feedback/", {"mark": "4", "text": "灯有点暗"})
    page.post(f"/bookings/{mine.pk}/feedback/", {"mark": "1"})
    assert (mine.feedback.mark, mine.feedback.text) == (4, "灯有点暗")
