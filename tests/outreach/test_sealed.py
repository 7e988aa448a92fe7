"""What is said of children is unreadable without keys that are not in the database, and gone when they are."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from threading import Thread

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from common import sealed
from common.errors import Refused
from common.ids import new_id
from outreach import services
from outreach.models import Child, Enrolment, Session
from outreach.states import EnrolmentState as E
from tests.outreach import situations
from tests.outreach.situations import DAY, HOUR, enrolled, paid

CANARIES = ["金丝雀", "13900001111", "花生过敏"]


def rows_of_everything() -> str:
    """Every row of every table as text: what a dump of the database would hold."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [row[0] for row in cursor.fetchall()]
        found = []
        for table in tables:
            cursor.execute(f'SELECT t::text FROM public."{table}" AS t')  # noqa: S608 (names from the catalogue)
            found += [row[0] for row in cursor.fetchall()]
    return "\n".join(found)


def in_clear(text: str) -> list[str]:
    return [each for each in CANARIES if each in text or each.encode().hex() in text]


@pytest.fixture
def one_who_took_part(session, coordinator, guardian):
    """A child with a sealed name, contacts and health, whose session is over."""
    enrolment = paid(enrolled(session, guardian))
    services.say_health(enrolment.child, by=guardian, text="花生过敏")
    with time_machine.travel(session.starts_at + HOUR):
        services.check_in(enrolment, by=coordinator)
    services.complete_past(now=session.ends_at)
    return Enrolment.objects.get(pk=enrolment.pk)


def test_a_dump_of_the_database_tells_nothing_of_a_child(one_who_took_part):
    dump = rows_of_everything()

    assert in_clear(dump) == []
    assert str(one_who_took_part.child_id) in dump  # the dump is a dump


def test_without_sealing_the_same_dump_tells_all(one_who_took_part, monkeypatch):
    """The negative control."""
    monkeypatch.setattr("outreach.services.family.seal", lambda _child, _for, value: str(value).encode())
    guardian = one_who_took_part.guardian
    situations.child_of(guardian)

    assert in_clear(rows_of_everything()) == ["金丝雀", "13900001111"]


def test_the_retention_clock_erases_and_older_backups_stay_shut(
    one_who_took_part, session, django_capture_on_commit_callbacks
):
    child = one_who_took_part.child
    backup = bytes(child.identity), bytes(child.health)
    session.refresh_from_db()

    with django_capture_on_commit_callbacks(execute=True):
        services.erase_due(today=session.erase_on - DAY)
    assert services.words_of(Child.objects.get(pk=child.pk)).name == situations.NAME
    with django_capture_on_commit_callbacks(execute=True):
        services.erase_due(today=session.erase_on)

    child.refresh_from_db()
    session.refresh_from_db()
    assert (bytes(child.identity), bytes(child.health), child.initials) == (b"", b"", "")
    assert session.counts == {E.ATTENDED: 1}
    for purpose, bytes_kept in zip(("identity", "health"), backup, strict=True):
        with pytest.raises(sealed.Unreadable):
            sealed.unseal(child.pk, purpose, bytes_kept)
    assert in_clear(rows_of_everything()) == []


def test_with_the_key_kept_the_backup_would_open(one_who_took_part):
    """The negative control: it is the key that keeps it shut."""
    child = one_who_took_part.child
    backup = bytes(child.identity)

    services.erase(child)  # the transaction has not ended, so the key is still there

    assert sealed.unseal(child.pk, "identity", backup)["name"] == situations.NAME


def test_a_child_in_another_session_is_not_erased_with_the_first(
    one_who_took_part, session, course, coordinator, nine, django_capture_on_commit_callbacks
):
    later = situations.published(course, by=coordinator, at=nine + 200 * DAY)
    services.enrol(later.pk, by=one_who_took_part.guardian, child=one_who_took_part.child)
    session.refresh_from_db()

    with django_capture_on_commit_callbacks(execute=True):
        services.erase_due(today=session.erase_on)

    assert services.words_of(Child.objects.get(pk=one_who_took_part.child_id)).name == situations.NAME


def test_keys_are_rotated_and_what_was_sealed_before_opens(guardian, settings):
    child = situations.child_of(guardian)
    old = settings.FIELD_KEYS
    settings.FIELD_KEYS = ["n" * 40, *old]
    call_command("wrap_keys")
    settings.FIELD_KEYS = ["n" * 40]

    assert services.words_of(child).name == situations.NAME
    settings.FIELD_KEYS = old
    with pytest.raises(Refused, match="key_lost"):
        services.words_of(child)


def erased_while_it_is_wrapped(subject, monkeypatch):
    """What destroy_key answers that begins in the moment in which the new file is about to be put down."""
    answers, keep = [], sealed._keep

    def keep_late(*given):
        erasing.start()
        erasing.join(timeout=0.3)
        keep(*given)

    erasing = Thread(target=lambda: answers.append(sealed.destroy_key(subject)))
    monkeypatch.setattr(sealed, "_keep", keep_late)
    sealed.wrap_anew()
    erasing.join()
    return answers


def test_a_key_does_not_come_back_when_it_is_erased_while_keys_are_wrapped_anew(settings, monkeypatch):
    subject = new_id()
    sealed.make_key(subject)
    settings.FIELD_KEYS = ["n" * 40, *settings.FIELD_KEYS]

    assert erased_while_it_is_wrapped(subject, monkeypatch) == [True]
    assert not sealed.has_key(subject)


def test_without_the_lock_it_comes_back(settings, monkeypatch):
    """The negative control."""
    subject = new_id()
    sealed.make_key(subject)
    settings.FIELD_KEYS = ["n" * 40, *settings.FIELD_KEYS]
    monkeypatch.setattr(sealed, "_alone", nullcontext)

    assert erased_while_it_is_wrapped(subject, monkeypatch) == [True]
    assert sealed.has_key(subject)


def test_what_a_crash_left_of_a_key_goes_with_it(settings):
    subject = new_id()
    sealed.make_key(subject)
    [place] = [each for key, each in sealed.subjects_with_keys() if key == subject]
    left = place.with_suffix(".1a2b3c4d")
    left.write_bytes(place.read_bytes())

    assert sealed.destroy_key(subject)
    assert [*place.parent.iterdir()] == []
    assert not sealed.destroy_key(subject)


def test_a_key_that_nothing_opens_is_named_and_the_others_are_wrapped_all_the_same(guardian, settings):
    child, lost = situations.child_of(guardian), new_id()
    old, settings.FIELD_KEYS = settings.FIELD_KEYS, ["x" * 40]
    sealed.make_key(lost)
    settings.FIELD_KEYS = ["n" * 40, *old]

    with pytest.raises(CommandError, match=str(lost)):
        call_command("wrap_keys")
    settings.FIELD_KEYS = ["n" * 40]
    assert services.words_of(child).name == situations.NAME


def test_another_cipher_takes_over_and_nothing_is_lost_on_the_way(guardian, settings, monkeypatch):
    child = situations.child_of(guardian)
    copy = sealed.seal_bytes(child.pk, b"a copy")
    settings.FIELD_CIPHER = "chacha20-poly1305"

    assert services.words_of(child).name == situations.NAME  # before anything was sealed anew
    assert sealed.unseal_bytes(child.pk, copy) == b"a copy"
    call_command("wrap_keys")
    child.refresh_from_db()
    monkeypatch.delitem(sealed.CIPHERS, "aes-256-gcm")
    assert services.words_of(child).name == situations.NAME
    with pytest.raises(sealed.Unreadable):  # the negative control: this one is still as it was
        sealed.unseal_bytes(child.pk, copy)


def test_what_is_sealed_for_one_child_opens_for_no_other_and_no_other_purpose(db):
    one, other = new_id(), new_id()
    for each in (one, other):
        sealed.make_key(each)
    closed = sealed.seal(one, "identity", {"name": "x"})

    assert sealed.unseal(one, "identity", closed) == {"name": "x"}
    for subject, purpose in ((other, "identity"), (one, "health")):
        with pytest.raises(sealed.Unreadable):
            sealed.unseal(subject, purpose, closed)


def test_keys_without_a_child_are_swept_up_after_a_day(guardian, settings):
    child, lost = situations.child_of(guardian), new_id()
    sealed.make_key(lost)
    assert services.sweep_keys() == 0

    with time_machine.travel(timezone.now() + 2 * DAY):
        assert services.sweep_keys() == 1

    assert (sealed.has_key(child.pk), sealed.has_key(lost)) == (True, False)
    assert all(Path(place).stat().st_mode & 0o077 == 0 for _subject, place in sealed.subjects_with_keys())


def test_a_cancelled_session_is_erased_at_once(session, coordinator, guardian, django_capture_on_commit_callbacks):
    enrolment = paid(enrolled(session, guardian))
    services.cancel_session(session, by=coordinator, reason="停电")

    with django_capture_on_commit_callbacks(execute=True):
        services.erase_due(today=timezone.localdate())

    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.refunded, enrolment.reason) == (E.CANCELLED, enrolment.fee, "")
    assert Session.objects.get(pk=session.pk).counts == {E.CANCELLED: 1}
    assert not sealed.has_key(enrolment.child_id)


def test_while_a_session_goes_on_somebody_can_be_called(session, coordinator, guardian):
    enrolment = paid(enrolled(session, guardian))
    with time_machine.travel(session.starts_at + HOUR):
        services.check_in(enrolment, by=coordinator)
        with pytest.raises(Refused, match="in_a_session"):
            services.remove_child(enrolment.child, by=guardian)

    with time_machine.travel(session.ends_at + HOUR):
        assert services.remove_child(enrolment.child, by=guardian).erased_at


def test_a_lost_key_breaks_no_list(browse, session, guardian):
    enrolment = enrolled(session, guardian)
    sealed.destroy_key(enrolment.child_id)

    for page in ("/youth/mine/", f"/youth/enrolments/{enrolment.pk}/"):
        assert "J.S.Q.W.X.M." in browse(guardian).get(page).content.decode()


def test_a_lost_key_is_said_on_the_childs_page_on_the_roll_call_and_by_rest(
    browse, call, session, guardian, coordinator
):
    enrolment = paid(enrolled(session, guardian))
    sealed.destroy_key(enrolment.child_id)

    page = browse(guardian).get(f"/youth/children/{enrolment.child_id}/")
    answer = call(guardian).get(f"/api/v1/children/{enrolment.child_id}/")
    with time_machine.travel(session.starts_at):
        sheet = browse(coordinator).get(f"/youth/desk/sessions/{session.pk}/roll-call/")

    assert [page.status_code, sheet.status_code] == [200, 200]
    assert all("密钥" in each.content.decode() for each in (page, sheet))
    assert [each["code"] for each in answer.json()["objections"]] == ["key_lost"]
