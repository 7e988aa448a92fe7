"""REST: `requests/`, from a draft to the laboratories."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.states import Scope
from common.api import CursorPages, body_of
from common.errors import WrongInput
from common.etags import answer_with_etag, etag_of
from instruments.models import Facility, Instrument, TestItem
from orders import services
from orders.api import shapes
from orders.api.asking import firm_of, group_of, request_of, told
from orders.models import Enquiry
from orders.models import Request as Asked
from orders.permissions import is_customer_of
from orders.states import RequestState
from records.api import KEY, KEY_REQUIRED, answered
from records.services import Answer

STATE = OpenApiParameter("state", str, enum=RequestState.values)


class Requests(ListAPIView[Asked]):
    """Requests that the caller may see; POST writes one down as a draft."""

    scope = Scope.ORDERS
    serializer_class = shapes.RequestSerializer
    pagination_class = CursorPages
    queryset = Asked.objects.none()

    def get_queryset(self) -> QuerySet[Asked]:
        if getattr(self, "swagger_fake_view", False):
            return Asked.objects.none()
        found = Asked.objects.visible_to(self.request.user).with_everything()
        state = self.request.query_params.get("state")
        return found.filter(state=state) if state in RequestState.values else found

    @extend_schema(parameters=[STATE])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        request=shapes.NewRequestSerializer, responses={201: shapes.OneRequestSerializer}, parameters=[KEY_REQUIRED]
    )
    def post(self, request: Request) -> Response:
        given = body_of(shapes.NewRequestSerializer, request)

        def act() -> Answer:
            draft = services.begin(
                by=request.user,
                problem=given["problem"],
                organisation=firm_of(request, given.get("organisation")),
                group=group_of(request, given.get("group")),
                test_item=_named(request, TestItem, given.get("test_item")),
                instrument=_named(request, Instrument, given.get("instrument")),
            )
            answers = shapes.plain(given, "problem", "organisation", "group", "test_item", "instrument")
            draft = services.revise(draft, by=request.user, answers=answers) if answers else draft
            return body_about(request, draft, status.HTTP_201_CREATED)

        return answered(request, act, required=True)


def _named(request: Request, kind: Any, slug: str | None) -> Any:
    return get_object_or_404(kind.objects.visible_to(request.user), slug=slug) if slug else None


def body_about(request: Request, asked: Asked, code: int = status.HTTP_200_OK) -> Answer:
    """A request as an answer; a laboratory sees of the enquiries its own alone."""
    enquiries = Enquiry.objects.select_related("facility")
    if not is_customer_of(request.user, asked):
        enquiries = enquiries.run_by(request.user)
    rows = Asked.objects.with_everything().prefetch_related(Prefetch("enquiries", queryset=enquiries))
    return told(shapes.OneRequestSerializer, rows.get(pk=asked.pk), code)


class OneRequest(APIView):
    """A request, with the laboratories that were asked."""

    scope = Scope.ORDERS

    @extend_schema(responses=shapes.OneRequestSerializer)
    def get(self, request: Request, request_id: UUID) -> Response:
        asked = request_of(request, request_id)
        return answer_with_etag(request, body_about(request, asked).body, etag_of(asked.version))


class SendRequest(APIView):
    """Put a draft to laboratories: those that are named, else those that fit best."""

    scope = Scope.ORDERS

    @extend_schema(request=shapes.SendSerializer, responses=shapes.OneRequestSerializer, parameters=[KEY])
    def post(self, request: Request, request_id: UUID) -> Response:
        slugs = body_of(shapes.SendSerializer, request).get("facilities", [])

        def act() -> Answer:
            facilities = list(Facility.objects.filter(slug__in=slugs).select_related("organisation"))
            if len(facilities) < len(set(slugs)):
                raise WrongInput("facilities", "unknown", ", ".join(slugs))
            asked = services.send(request_of(request, request_id), by=request.user, facilities=facilities)
            return body_about(request, asked)

        return answered(request, act)


class WithdrawRequest(APIView):
    """Nobody need answer any more."""

    scope = Scope.ORDERS

    @extend_schema(
        request=shapes.OrderOptionalReasonSerializer, responses=shapes.OneRequestSerializer, parameters=[KEY]
    )
    def post(self, request: Request, request_id: UUID) -> Response:
        given = body_of(shapes.OrderOptionalReasonSerializer, request)

        def act() -> Answer:
            asked = services.withdraw(request_of(request, request_id), by=request.user, **given)
            return body_about(request, asked)

        return answered(request, act)
