"""REST: what is open to everybody; a coordinator's own words go to `desk`."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.states import Scope
from common.api import CursorPages
from outreach.api import desk, shapes
from outreach.filters import ProgrammeFilter, SessionFilter, filtered
from outreach.models import Programme, Session
from records.api import KEY


class Programmes(ListAPIView[Programme]):
    """Programmes that have or had a session; coordinators see all of their organisation's."""

    scope, public = Scope.OUTREACH, True
    serializer_class = shapes.ProgrammeSerializer
    pagination_class = CursorPages
    queryset = Programme.objects.all()

    def get_queryset(self) -> QuerySet[Programme]:
        return Programme.objects.visible_to(self.request.user)

    def filter_queryset(self, queryset: QuerySet[Programme]) -> QuerySet[Programme]:
        found = ProgrammeFilter(self.request.query_params, queryset)
        return filtered(found)

    @extend_schema(
        request=shapes.NewProgrammeSerializer, responses={201: shapes.OneProgrammeSerializer}, parameters=[KEY]
    )
    def post(self, request: Request) -> Response:
        return desk.make_programme(request)


class OneProgramme(APIView):
    """A programme with all that parents are told."""

    scope, public = Scope.OUTREACH, True

    @extend_schema(responses=shapes.OneProgrammeSerializer)
    def get(self, request: Request, programme: str) -> Response:
        found = get_object_or_404(Programme.objects.visible_to(request.user), slug=programme)
        return Response(shapes.OneProgrammeSerializer(found).data)

    @extend_schema(request=shapes.ChangedProgrammeSerializer, responses=shapes.OneProgrammeSerializer, parameters=[KEY])
    def patch(self, request: Request, programme: str) -> Response:
        return desk.change_programme(request, programme)


class Sessions(ListAPIView[Session]):
    """When programmes are held."""

    scope, public = Scope.OUTREACH, True
    serializer_class = shapes.SessionSerializer
    pagination_class = CursorPages
    queryset = Session.objects.all()

    def get_queryset(self) -> QuerySet[Session]:
        return Session.objects.visible_to(self.request.user).select_related("programme")

    def filter_queryset(self, queryset: QuerySet[Session]) -> QuerySet[Session]:
        found = SessionFilter(self.request.query_params, queryset)
        return filtered(found)

    @extend_schema(
        request=shapes.NewSessionSerializer, responses={201: shapes.SessionAtDeskSerializer}, parameters=[KEY]
    )
    def post(self, request: Request) -> Response:
        return desk.plan_session(request)


class OneSession(APIView):
    """One session."""

    scope, public = Scope.OUTREACH, True

    @extend_schema(responses=shapes.SessionSerializer)
    def get(self, request: Request, session_id: UUID) -> Response:
        visible = Session.objects.visible_to(request.user).select_related("programme")
        return Response(shapes.SessionSerializer(get_object_or_404(visible, pk=session_id)).data)
