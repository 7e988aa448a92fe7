"""Calendars to subscribe to and boards on a wall: made, revoked, read."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from bookings.models import Booking, Feed
from bookings.states import IS_COMING, FeedKind, State
from common.errors import NotAllowed, WrongInput
from instruments.models import Facility, Instrument
from instruments.permissions import runs

SHOWN_BACK, SHOWN_AHEAD = timedelta(days=30), timedelta(days=400)
AT_MOST = 5000
FEEDS_EACH = 20
IN_A_CALENDAR = [*IS_COMING, State.COMPLETED]


@dataclass(frozen=True)
class Addresses:
    """How a calendar or a wall is opened: by a secret path, or by a plain one with a name and a password."""

    secret_path: str | None  # none where the institution wants no secret in an address
    plain_path: str
    password: str
    user_name: str = "calendar"  # programs insist on one; any is taken


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def make_feed(
    owner: User,
    *,
    instrument: Instrument | None = None,
    facility: Facility | None = None,
    kind: str = FeedKind.CALENDAR,
) -> tuple[Feed, str]:
    """A calendar and its secret, which is shown this once: of one's own bookings, an instrument or a facility.

    Of the kind `wall` it is the board of a facility for a screen on a wall.

    Raises NotAllowed for a facility that one does not run, WrongInput beyond twenty live ones.
    """
    if kind == FeedKind.WALL and facility is None:
        raise WrongInput("facility", "required", _("Name the laboratory whose board it is."))
    place = facility or (instrument.facility if instrument else None)
    if place and not runs(owner, place):
        raise NotAllowed(_("Only the laboratory's own people subscribe to its calendars."))
    if Feed.objects.live().filter(owner=owner).count() >= FEEDS_EACH:
        raise WrongInput("feed", "too_many", _("Twenty calendars are enough: revoke one first."))
    secret = secrets.token_urlsafe(32)
    digest = digest_of(secret)
    feed = Feed.objects.create(owner=owner, instrument=instrument, facility=facility, kind=kind, digest=digest)
    return feed, secret


@transaction.atomic
def revoke_feed(feed: Feed) -> Feed:
    """The address works no longer, from this second on."""
    if feed.revoked_at is None:
        feed.revoked_at = timezone.now()
        feed.save(update_fields=["revoked_at"])
    return feed


def addresses_of(feed: Feed, secret: str) -> Addresses:
    """Both, to be shown once: the secret is stored nowhere."""
    by_secret, by_password = ("wall", "locked_wall") if feed.kind == FeedKind.WALL else ("feed", "locked_feed")
    secret_path = reverse(by_secret, args=[secret]) if settings.SECRETS_IN_ADDRESSES else None
    return Addresses(secret_path, reverse(by_password, args=[feed.pk]), secret)


def feed_at(secret: str, *, kind: str = FeedKind.CALENDAR) -> Feed | None:
    """What a secret address leads to; nothing where the institution wants no secret in an address."""
    return feed_behind(secret, kind=kind) if settings.SECRETS_IN_ADDRESSES else None


def feed_unlocked(feed_id: UUID, password: str, *, kind: str = FeedKind.CALENDAR) -> Feed | None:
    """What a plain address leads to, for whoever has its own password."""
    found = feed_behind(password, kind=kind)
    return found if found and found.pk == feed_id else None


def feed_behind(secret: str, *, kind: str) -> Feed | None:
    """The live calendar (or board) with this secret, of somebody who may still sign in.

    A wall board also ends with its owner's work for the laboratory.
    """
    live = Feed.objects.live().filter(digest=digest_of(secret), kind=kind, owner__is_active=True)
    found = live.select_related("owner", "instrument__facility", "facility__organisation").first()
    if found and found.facility and kind == FeedKind.WALL and not runs(found.owner, found.facility):
        return None
    return found


def bookings_in(feed: Feed, *, now: datetime) -> QuerySet[Booking]:
    """What the calendar shows: what its owner may see now; cancelled ones for thirty days."""
    found = Booking.objects.visible_to(feed.owner)
    if feed.instrument_id:
        found = found.filter(instrument=feed.instrument_id)
    elif feed.facility_id:
        found = found.filter(instrument__facility=feed.facility_id)
    else:
        found = found.filter(user=feed.owner)
    standing = Q(state__in=IN_A_CALENDAR)
    gone = Q(state__in=[State.CANCELLED, State.DECLINED, State.EXPIRED, State.NO_SHOW], updated_at__gt=now - SHOWN_BACK)
    near = found.filter(standing | gone, ends_at__gt=now - SHOWN_BACK, starts_at__lt=now + SHOWN_AHEAD)
    return near.with_everything().order_by("starts_at", "pk")[:AT_MOST]
