"""REST: what coordinators do. What somebody does not coordinate is not there."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from accounts.states import Scope
from common.api import body_of
from common.errors import NotAllowed
from common.interval import Interval
from outreach import services
from outreach.api import shapes
from outreach.models import Programme, Session
from outreach.permissions import places_coordinated_by
from outreach.rules import objections_of_safety, objections_to_publication
from outreach.states import SessionState
from records.api import ActUpon, answered
from records.services import Answer


def write(by: User, given: dict[str, Any], programme: Programme | None = None) -> Programme:
    """A programme with what was sent of its itinerary and of the text for guardians: all or nothing."""
    itinerary, text = given.pop("itinerary", None), given.pop("consent_text", None)
    wanted = given.pop("organisation", None)
    places = places_coordinated_by(by)
    place = programme.organisation if programme else (places.filter(pk=wanted) if wanted else places).first()
    if place is None:
        raise NotAllowed(_("Only the coordinators of the organisation may do this."))
    made = services.write_programme(place, by=by, programme=programme, **given)
    if itinerary is not None:
        services.set_itinerary(made, itinerary, by=by)
    if text is not None:
        services.publish_consent_text(made, by=by, **text)
    return made


def told(programme: Programme) -> dict[str, Any]:
    return dict(shapes.OneProgrammeSerializer(programme).data)


def make_programme(request: Request) -> Response:
    """POST of `programmes/`."""
    given = body_of(shapes.NewProgrammeSerializer, request)
    return answered(request, lambda: Answer(status.HTTP_201_CREATED, told(write(request.user, dict(given)))))


def change_programme(request: Request, slug: str) -> Response:
    """PATCH of a programme: what is sent changes, the rest stays."""
    given = body_of(shapes.ChangedProgrammeSerializer, request)

    def act() -> Answer:
        mine = Programme.objects.coordinated_by(request.user).select_related("organisation")
        programme = get_object_or_404(mine, slug=slug)
        return Answer(status.HTTP_200_OK, told(write(request.user, dict(given), programme)))

    return answered(request, act)


def plan_session(request: Request) -> Response:
    """POST of `sessions/`."""
    given = body_of(shapes.NewSessionSerializer, request)

    def act() -> Answer:
        mine = Programme.objects.coordinated_by(request.user).select_related("organisation")
        programme = get_object_or_404(mine, slug=given["programme"])
        interval = Interval(given["start"], given["end"])
        made = services.plan_session(programme, by=request.user, interval=interval, places=given["places"])
        return Answer(status.HTTP_201_CREATED, at_desk(made))

    return answered(request, act)


def at_desk(session: Session) -> dict[str, Any]:
    """A session with what it lacks."""
    now = timezone.now()
    facts = services.session_facts(session, now=now)
    asked = objections_to_publication if session.state == SessionState.DRAFT else objections_of_safety
    session.missing = asked(facts) if session.ends_at > now else []  # type: ignore[attr-defined]
    return dict(shapes.SessionAtDeskSerializer(session).data)


@extend_schema_view(post=extend_schema(responses=shapes.SessionAtDeskSerializer))
class ActUponSession(ActUpon):
    scope = Scope.OUTREACH

    def find(self, pk: UUID) -> Session:
        return get_object_or_404(Session.objects.coordinated_by(self.request.user).with_everything(), pk=pk)

    def tell(self, found: Session, done: Any) -> dict[str, Any]:
        return at_desk(self.find(found.pk))


class ClaimForSession(ActUponSession):
    """Book an instrument or a room for a session: for all of it, or a part."""

    serializer_class = shapes.NeedSerializer

    def act(self, session: Session, *, by: User, **given: Any) -> Any:
        interval = Interval(given.get("start", session.starts_at), given.get("end", session.ends_at))
        return services.claim_time(session, by=by, slug=given["instrument"], interval=interval)


class MentorsOfSession(ActUponSession):
    """Assign a mentor, by address, with the day of the background check."""

    serializer_class = shapes.MentorSerializer
    act = staticmethod(services.assign_by_mail)


class SafetyOfSession(ActUponSession):
    """Name the safety officer of a day."""

    serializer_class = shapes.SafetySerializer
    act = staticmethod(services.name_safety_officer)


class PlacesOfSession(ActUponSession):
    """More places, or fewer: never fewer than are taken."""

    serializer_class = shapes.PlacesSerializer
    act = staticmethod(services.set_places)


class PublishSession(ActUponSession):
    """Open a session for enrolment; 409 with everything that it lacks."""

    serializer_class = shapes.NoFieldsSerializer
    act = staticmethod(services.publish)


class CancelSession(ActUponSession):
    """Call a session off: families are told, and get their money back."""

    serializer_class = shapes.CancelSessionSerializer
    act = staticmethod(services.cancel_session)
