"""The parties of a booking write to each other."""

from __future__ import annotations

from datetime import timedelta

import pytest

from common.errors import WrongInput
from notifications.models import Mail, Message, Notice, Thread
from notifications.services import messages_about, say
from tests.factories import booked


def test_what_one_says_the_others_are_told(booking, researcher, manager):
    say(booking, by=researcher, text="May I bring\r\nmy own holder?", to=[researcher, manager])

    mail, notice = Mail.objects.get(), Notice.objects.get()
    assert (mail.reader, notice.reader) == (manager, manager)
    assert "May I bring\nmy own holder?" in mail.body
    assert str(booking.pk) in mail.body
    assert "researcher" in notice.text


def test_each_message_is_told_also_when_its_text_is_the_same(booking, researcher, manager):
    for _ in range(2):
        say(booking, by=researcher, text="Hello?", to=[manager])

    assert Mail.objects.filter(event="thread_message").count() == 2


def test_one_thing_has_one_thread_and_its_own(statements, sem, nine, booking, researcher, manager):
    other = booked(sem, at=nine + timedelta(hours=2), by=researcher)
    say(other, by=researcher, text="elsewhere", to=[manager])
    say(booking, by=researcher, text="first", to=[manager])
    say(booking, by=manager, text="second", to=[researcher])

    with statements() as seen:
        said = [(each.author.name, each.text) for each in messages_about(booking)]

    assert said == [("researcher", "first"), ("manager", "second")]
    assert len(seen) == 1
    assert {each.get_absolute_url() for each in Thread.objects.all()} == {
        booking.get_absolute_url(),
        other.get_absolute_url(),
    }


@pytest.mark.parametrize(("text", "code"), [("", "required"), (" \n\x00", "required"), ("字" * 4001, "max_length")])
def test_nothing_and_too_much_is_not_said(booking, researcher, manager, text, code):
    with pytest.raises(WrongInput) as wrong:
        say(booking, by=researcher, text=text, to=[manager])

    assert (wrong.value.field, wrong.value.code) == ("text", code)
    assert not Message.objects.exists()


def test_4000_characters_are_said(booking, researcher, manager):
    assert len(say(booking, by=researcher, text="字" * 4000, to=[manager]).text) == 4000


def test_what_was_said_outlives_the_account(booking, researcher, manager):
    say(booking, by=manager, text="Come at nine.", to=[researcher])
    manager.delete()

    assert [(each.author, each.text) for each in messages_about(booking)] == [(None, "Come at nine.")]
