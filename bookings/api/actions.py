"""REST: one action for each transition of a booking."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from accounts.states import Scope
from bookings import services
from bookings.api import shapes
from bookings.api.asking import body_about, booking_of, instrument_of, interval_of
from bookings.api.bookings import said_in
from bookings.models import Booking
from common.api import StrictSerializer, body_of
from records.api import KEY, ActUpon, answered
from records.services import Answer as Done


@extend_schema_view(post=extend_schema(responses=shapes.OneBookingSerializer))
class ActUponBooking(ActUpon):
    scope = Scope.BOOK

    def find(self, pk: UUID) -> Booking:
        return booking_of(self.request, pk)

    def tell(self, found: Booking, done: Booking) -> dict[str, Any]:
        return body_about(done)


class Submit(ActUponBooking):
    """Send a draft."""

    serializer_class = shapes.SaidSerializer

    def act(self, booking: Booking, *, by: User, **given: Any) -> Booking:
        return services.submit(booking, by=by, **said_in(given))


class Confirm(ActUponBooking):
    """The lab admin says yes: to the request as it is, to another time (an offer), or to a change that waits."""

    scope = Scope.MANAGE
    serializer_class = shapes.ConfirmSerializer

    def act(self, booking: Booking, *, by: User, note: str, **given: Any) -> Booking:
        elsewhere = instrument_of(self.request, given["instrument"]) if "instrument" in given else None
        interval = interval_of(given.get("start", booking.starts_at), given.get("end", booking.ends_at))
        if elsewhere is None and interval == booking.interval:
            return services.agree(booking, by=by, note=note)
        return services.offer(booking, by=by, interval=interval, on=elsewhere, note=note)


class Decline(ActUponBooking):
    """The lab admin says no, and why: to a request, or to a change that waits (the old booking stands then)."""

    scope = Scope.MANAGE
    serializer_class = shapes.ReasonSerializer
    act = staticmethod(services.disagree)


class Ask(ActUponBooking):
    """The lab admin wants to know more."""

    scope = Scope.MANAGE
    serializer_class = shapes.AskSerializer
    act = staticmethod(services.ask)


class Answer(ActUponBooking):
    """The requester answers."""

    serializer_class = shapes.AnswerBackSerializer
    act = staticmethod(services.answer)


class Undo(ActUponBooking):
    """The lab admin takes a decision back within its minute."""

    scope = Scope.MANAGE
    serializer_class = shapes.NothingSerializer
    act = staticmethod(services.undo)


class AcceptChange(ActUponBooking):
    """Whose turn it is, says yes (or, with `accept: false`, no) to the change that waits."""

    serializer_class = shapes.AcceptSerializer

    def act(self, booking: Booking, *, by: User, accept: bool, reason: str) -> Booking:
        if accept:
            return services.accept_change(booking, by=by)
        return services.refuse_change(booking, by=by, reason=reason)


class Cancel(ActUponBooking):
    """Who has it, or the laboratory (which must say why), gives the time back; a draft is dropped."""

    serializer_class = shapes.OptionalReasonSerializer
    act = staticmethod(services.cancel)


class CheckIn(ActUponBooking):
    """The work begins."""

    serializer_class = shapes.NothingSerializer

    def act(self, booking: Booking, *, by: User) -> Booking:
        return services.check_in(booking, by=by, source=services.source_for(by))


class CheckOut(ActUponBooking):
    """The work ends; what is left of the time is free again."""

    serializer_class = shapes.CheckOutSerializer
    act = staticmethod(services.check_out)


class Reassign(ActUponBooking):
    """Another operator: the one named, or the freest."""

    scope = Scope.MANAGE
    serializer_class = shapes.ReassignSerializer

    def act(self, booking: Booking, *, by: User, operator: UUID | None = None) -> Booking:
        return services.reassign(booking, by=by, to=operator)


class HandOverSerializer(StrictSerializer):
    to = serializers.EmailField()


class HandOver(ActUponBooking):
    """Give one's booking to somebody who could have booked it."""

    serializer_class = HandOverSerializer
    act = staticmethod(services.hand_over)


class Messages(APIView):
    """The thread of a booking: what requester and laboratory wrote to each other."""

    scope = Scope.BOOK

    @extend_schema(responses=shapes.MessageSerializer(many=True))
    def get(self, request: Request, booking_id: UUID) -> Response:
        thread = services.thread_of(booking_of(request, booking_id))
        return Response(shapes.MessageSerializer(thread, many=True).data)

    @extend_schema(request=shapes.NewMessageSerializer, responses={201: shapes.MessageSerializer}, parameters=[KEY])
    def post(self, request: Request, booking_id: UUID) -> Response:
        text, booking = body_of(shapes.NewMessageSerializer, request)["text"], booking_of(request, booking_id)

        def act() -> Done:
            message = services.write_to(booking, by=request.user, text=text)
            return Done(status.HTTP_201_CREATED, dict(shapes.MessageSerializer(message).data))

        return answered(request, act)
