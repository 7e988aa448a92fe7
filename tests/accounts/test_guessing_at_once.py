"""Twelve guesses at the same moment while Redis is away: ten are tried; unguarded, this test would see twelve."""

from __future__ import annotations

import threading
from contextlib import nullcontext, suppress

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import SignInFailure
from accounts.services import expect_failure
from common.errors import Refused

pytestmark = pytest.mark.django_db(transaction=True)


def tried_of_twelve(*, inside=nullcontext):
    """How many of twelve guesses at once are tried; `inside` is the transaction that each of them runs in."""
    begun, over, tried = threading.Barrier(12), threading.Barrier(12), []

    def guess():
        begun.wait(timeout=10)
        try:
            with inside():
                with suppress(Refused):
                    tried.append(expect_failure("account somebody@example.org", at=timezone.now()))
                over.wait(timeout=10)
        finally:
            connection.close()

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return len(tried)


def test_of_guesses_at_the_same_moment_no_more_than_ten_are_tried():
    assert tried_of_twelve() <= 10
    assert SignInFailure.objects.count() <= 10


def test_in_one_transaction_they_would_overlook_each_other():
    """The negative control: rows that are not committed are counted by nobody else."""
    assert tried_of_twelve(inside=transaction.atomic) == 12
