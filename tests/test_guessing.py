"""300 guessed links, 0 hits; `./portal prove guessing` does it 10,000 times."""

from __future__ import annotations

import math

import pytest
from django.test import Client

from accounts.services import make_token
from accounts.services.tokens import READABLE
from bookings.services import make_feed, revoke_feed
from notifications.services.signing import new_secret
from outreach.models import fresh_code
from tests.guessing import bits_that_vary, guess, guessable, is_hit
from tests.test_permissions import SAME_FOR_ALL, ask, path_of, words_of, world  # noqa: F401 (the fixture)

SAME_ID = {"X-Request-ID": SAME_FOR_ALL}


@pytest.mark.django_db
def test_300_guessed_links_hit_nothing(world):  # noqa: F811
    found = guess(world, count=300)

    assert found.hits == []
    assert len(found.routes) > 90


@pytest.mark.django_db
def test_a_hit_is_seen(world):  # noqa: F811
    """The negative control: the real addresses, asked for by whose they are, are hits."""
    known = dict(guessable())
    hits = 0
    for name in ("booking", "order", "invoice", "enrolment", "api_booking", "feed", "webhook", "fetch_export"):
        answers = [
            ask(world, path_of(world, name, known[name]), name, "GET", actor)
            for actor in ("researcher", "firm", "guardian")
        ]
        hits += any(is_hit(each) for each in answers)

    assert hits == 8


@pytest.mark.django_db
def test_a_revoked_secret_answers_as_one_that_never_was(researcher):
    feed, secret = make_feed(researcher)
    never = "x" * len(secret)
    revoke_feed(feed)

    over, absent = (Client().get(f"/feeds/{each}.ics", headers=SAME_ID) for each in (secret, never))

    assert (over.status_code, absent.status_code) == (404, 404)
    assert words_of(over, secret) == words_of(absent, never)


@pytest.mark.django_db
def test_secrets_have_at_least_128_bits_and_ids_62(researcher):
    """What a link is made of: docs/security/asvs.md names these figures."""
    _feed, feed_secret = make_feed(researcher)
    _token, text = make_token(researcher, by=researcher, name="x", scopes=["read"])
    per_character = 6  # base64 without padding
    bits = {
        "calendar feed, screen on the wall": len(feed_secret) * per_character,
        "API token": len(text.split("_", 2)[2]) * per_character,
        "certificate, check-in": len(fresh_code()) * per_character,
        "webhook secret": len(new_secret().removeprefix("whsec_").rstrip("=")) * per_character,
    }

    assert min(bits.values()) >= 128, bits
    assert bits_that_vary() >= 62
    assert math.log2(len(READABLE)) * 8 > 39  # the readable part of a token tells tokens apart, and opens nothing
