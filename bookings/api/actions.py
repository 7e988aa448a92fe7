"""REST: one action for each transition of a booking."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.states import Scope
from bookings import services
from bookings.api import shapes
from bookings.api.asking import acted, booking_of, instrument_of, interval_of
from bookings.api.bookings import said_in
from bookings.models import Booking
from common.api import StrictSerializer, body_of
from records.api import KEY, answered
from records.services import Answer as Done


class Submit(APIView):
    """Send a draft."""

    scope = Scope.BOOK

    @extend_schema(request=shapes.SaidSerializer, responses=shapes.OneBookingSerializer, parameters=[KEY])
    def post(self, request: Request, booking_id: UUID) -> Response:
        said = said_in(body_of(shapes.SaidSerializer, request))
        return acted(request, booking_id, lambda booking: services.submit(booking, by=request.user, **said))


class Confirm(APIView):
    """The lab admin says yes: to the request as it is, to another time (an offer), or to a change that waits."""

    scope = Scope.MANAGE

    @extend_schema(request=shapes.ConfirmSerializer, responses=shapes.OneBookingSerializer, parameters=[KEY])
    def post(self, request: Request, booking_id: UUID) -> Response:
        given = body_of(shapes.ConfirmSerializer, request)
        elsewhere = instrument_of(request, given["instrument"]) if "instrument" in given else None

        def act(booking: Booking) -> Booking:
            interval = interval_of(given.get("start", booking.starts_at), given.get("end", booking.ends_at))
            if elsewhere is None and interval == booking.interval:
                return services.agree(booking, by=request.user, note=given["note"])
            return services.offer(booking, by=request.user, interval=interval, on=elsewhere, note=given["note"])

        return acted(request, booking_id, act)


class Decline(APIView):
    """The lab admin says no, and why: to a request, or to a change that waits (the old booking stands then)."""

    scope = Scope.MANAGE

    @extend_schema(request=shapes.ReasonSerializer, responses=shapes.OneBookingSerializer, parameters=[KEY])
    def post(self, request: Request, booking_id: UUID) -> Response:
        given = body_of(shapes.ReasonSerializer, request)
        return acted(request, booking_id, lambda booking: services.disagree(booking, by=request.user, **given))


class Ask(APIView):
    """The lab admin wants to know more."""

    scope = Scope.MANAGE

    @extend_schema(request=shapes.AskSerializer, responses=shapes.OneBookingSerializer, parameters=[KEY])
    def post(self, request: Request, booking_id: UUID) -> Response:
        given = body_of(shapes.AskSerializer, request)
        return acted(request, booking_id, lambda booking: services.ask(booking, by=request.user, **given))


class Answer(APIView):
    """The requester answers."""

    scope = Scope.BOOK

    @extend_schema(request=shapes.AnswerBackSerializer, responses=shapes.OneBookingSerializer, parameters=[KEY])
    def post(self, request: Request, booking_id: UUID) -> Response:
        given = body_of(shapes.AnswerBackSerializer, request)
        return acted(request, booking_id, lambda booking: services.answer(booking, by=request.user, **given))


class Undo(APIView):
    """The lab admin takes a decision back within its minute."""

    scope = Scope.MANAGE

    @extend_schema(request=shapes.NothingSerializer, responses=shapes.OneBookingSerializer, parameters=[KEY])
    def post(self, request: Request, booking_id: UUID) -> Response:
        body_of(shapes.NothingSerializer, request)
        return acted(request, booking_id, lambda booking: services.undo(booking, by=request.user))


class AcceptChange(APIView):
    """Whose turn it is, says yes (or, with `accept: false`, no) to the change that waits."""

    scope = Scope.BOOK

    @extend_schema(request=shapes.AcceptSerializer, responses=shapes.OneBookingSerializer, parameters=[KEY])
    def post(self, request: Request, booking_id: UUID) -> Response:
        given = body_of(shapes.AcceptSerializer, request)

        def act(booking: Booking) -> Booking:
            if given["accept"]:
                return services.accept_change(booking, by=request.user)
            return services.refuse_change(booking, by=request.user, reason=given["reason"])

        return acted(request, booking_id, act)


class Cancel(APIView):
    """Who has it, or the laboratory (which must say why), gives the time back; a draft is dropped."""

    scope = Scope.BOOK

    @extend_schema(request=shapes.OptionalReasonSerializer, responses=shapes.OneBookingSerializer, parameters=[KEY])
    def post(self, request: Request, booking_id: UUID) -> Response:
        given = body_of(shapes.OptionalReasonSerializer, request)
        return acted(request, booking_id, lambda booking: services.cancel(booking, by=request.user, **given))


class CheckIn(APIView):
    """The work begins."""

    scope = Scope.BOOK

    @extend_schema(request=shapes.NothingSerializer, responses=shapes.OneBookingSerializer, parameters=[KEY])
    def post(self, request: Request, booking_id: UUID) -> Response:
        body_of(shapes.NothingSerializer, request)
        source = services.source_for(request.user)
        return acted(request, booking_id, lambda booking: services.check_in(booking, by=request.user, source=source))


class CheckOut(APIView):
    """The work ends; what is left of the time is free again."""

    scope = Scope.BOOK

    @extend_schema(request=shapes.CheckOutSerializer, responses=shapes.OneBookingSerializer, parameters=[KEY])
    def post(self, request: Request, booking_id: UUID) -> Response:
        given = body_of(shapes.CheckOutSerializer, request)
        return acted(request, booking_id, lambda booking: services.check_out(booking, by=request.user, **given))


class Reassign(APIView):
    """Another operator: the one named, or the freest."""

    scope = Scope.MANAGE

    @extend_schema(request=shapes.ReassignSerializer, responses=shapes.OneBookingSerializer, parameters=[KEY])
    def post(self, request: Request, booking_id: UUID) -> Response:
        to = body_of(shapes.ReassignSerializer, request).get("operator")
        return acted(request, booking_id, lambda booking: services.reassign(booking, by=request.user, to=to))


class HandOverSerializer(StrictSerializer):
    to = serializers.EmailField()


class HandOver(APIView):
    """Give one's booking to somebody who could have booked it."""

    scope = Scope.BOOK

    @extend_schema(request=HandOverSerializer, responses=shapes.OneBookingSerializer, parameters=[KEY])
    def post(self, request: Request, booking_id: UUID) -> Response:
        to = body_of(HandOverSerializer, request)["to"]
        return acted(request, booking_id, lambda booking: services.hand_over(booking, by=request.user, to=to))


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
