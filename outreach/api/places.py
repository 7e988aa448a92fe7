"""REST: a guardian's children, and their places."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import ApiToken
from accounts.states import Scope
from common.api import CursorPages, body_of
from common.errors import NotAllowed
from common.etags import answer_with_etag, etag_of
from outreach import services
from outreach.api import shapes
from outreach.filters import EnrolmentFilter, filtered
from outreach.models import Child, Enrolment
from outreach.permissions import may_run
from records.api import KEY, KEY_REQUIRED, answered
from records.services import Answer


def enrolment_of(request: Request, enrolment_id: UUID) -> Enrolment:
    return get_object_or_404(Enrolment.objects.visible_to(request.user).with_everything(), pk=enrolment_id)


def child_of(request: Request, child_id: UUID) -> Child:
    return get_object_or_404(Child.objects.of(request.user), pk=child_id)


def body_about(enrolment: Enrolment) -> dict[str, Any]:
    enrolment.consent_text = services.current_text(enrolment.session.programme)  # type: ignore[attr-defined]
    return dict(shapes.OneEnrolmentSerializer(enrolment).data)


def acted(
    request: Request, enrolment_id: UUID, act: Callable[[Enrolment], Enrolment], *, required: bool = False
) -> Response:
    """One act upon an enrolment that the caller may see."""
    return answered(
        request,
        lambda: Answer(status.HTTP_200_OK, body_about(act(enrolment_of(request, enrolment_id)))),
        required=required,
    )


class Children(ListAPIView[Child]):
    """The caller's children, by their initials; POST enters one. The answer does not repeat what is sealed."""

    scope = Scope.OUTREACH
    serializer_class = shapes.ChildSerializer
    pagination_class = CursorPages
    queryset = Child.objects.all()

    def get_queryset(self) -> QuerySet[Child]:
        if getattr(self, "swagger_fake_view", False):
            return Child.objects.none()
        return Child.objects.of(self.request.user)

    @extend_schema(request=shapes.NewChildSerializer, responses={201: shapes.ChildSerializer}, parameters=[KEY])
    def post(self, request: Request) -> Response:
        given = body_of(shapes.NewChildSerializer, request)

        def act() -> Answer:
            child = services.enter_child(by=request.user, **given)
            return Answer(status.HTTP_201_CREATED, dict(shapes.ChildSerializer(child).data))

        return answered(request, act)


class OneChild(APIView):
    """A child of the caller's; DELETE erases it for good."""

    scope = Scope.OUTREACH

    @extend_schema(responses=shapes.OneChildSerializer)
    def get(self, request: Request, child_id: UUID) -> Response:
        child = child_of(request, child_id)
        if isinstance(request.auth, ApiToken) and Scope.OUTREACH not in request.auth.scopes:
            raise NotAllowed(_("This token may not read what is sealed."))
        words = services.words_of(child)
        known = {"id": child.pk, "initials": child.initials, "name": words.name, "born": words.born}
        return Response(shapes.OneChildSerializer({**known, "grade": words.grade}).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, child_id: UUID) -> Response:
        services.remove_child(child_of(request, child_id), by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class Enrolments(ListAPIView[Enrolment]):
    """Enrolments that the caller may see; POST asks for a place, or for the next number in the line."""

    scope = Scope.OUTREACH
    serializer_class = shapes.EnrolmentSerializer
    pagination_class = CursorPages
    queryset = Enrolment.objects.all()
    filterset_class = EnrolmentFilter

    def get_queryset(self) -> QuerySet[Enrolment]:
        if getattr(self, "swagger_fake_view", False):
            return Enrolment.objects.none()
        return Enrolment.objects.visible_to(self.request.user).with_everything()

    def filter_queryset(self, queryset: QuerySet[Enrolment]) -> QuerySet[Enrolment]:
        found = EnrolmentFilter(self.request.query_params, queryset)
        return filtered(found)

    @extend_schema(
        request=shapes.NewEnrolmentSerializer, responses={201: shapes.OneEnrolmentSerializer}, parameters=[KEY_REQUIRED]
    )
    def post(self, request: Request) -> Response:
        given = body_of(shapes.NewEnrolmentSerializer, request)

        def act() -> Answer:
            child = child_of(request, given["child"])
            made = services.enrol(given["session"], by=request.user, child=child)
            return Answer(status.HTTP_201_CREATED, body_about(made))

        return answered(request, act, required=True)


class OneEnrolment(APIView):
    """One enrolment, with the text that a guardian consents to today."""

    scope = Scope.OUTREACH

    @extend_schema(responses=shapes.OneEnrolmentSerializer)
    def get(self, request: Request, enrolment_id: UUID) -> Response:
        enrolment = enrolment_of(request, enrolment_id)
        return answer_with_etag(request, body_about(enrolment), etag_of(enrolment.version))


class ConsentToEnrolment(APIView):
    """A guardian consents to the current text, or does not; an offered place is taken by it."""

    scope = Scope.OUTREACH

    @extend_schema(request=shapes.ConsentSerializer, responses=shapes.OneEnrolmentSerializer, parameters=[KEY])
    def post(self, request: Request, enrolment_id: UUID) -> Response:
        given = body_of(shapes.ConsentSerializer, request)

        def act(enrolment: Enrolment) -> Enrolment:
            if given["agree"]:
                return services.consent(enrolment, by=request.user, text=given["text"])
            return services.refuse_consent(enrolment, by=request.user)

        return acted(request, enrolment_id, act)


class PayEnrolment(APIView):
    """The fee has come in."""

    scope = Scope.OUTREACH

    @extend_schema(request=shapes.PaySerializer, responses=shapes.OneEnrolmentSerializer, parameters=[KEY_REQUIRED])
    def post(self, request: Request, enrolment_id: UUID) -> Response:
        given = body_of(shapes.PaySerializer, request)
        by = request.user
        return acted(request, enrolment_id, lambda each: services.pay(each, by=by, **given), required=True)


class CancelEnrolment(APIView):
    """A guardian or a coordinator gives the place back."""

    scope = Scope.OUTREACH

    @extend_schema(request=shapes.CancelPlaceSerializer, responses=shapes.OneEnrolmentSerializer, parameters=[KEY])
    def post(self, request: Request, enrolment_id: UUID) -> Response:
        given = body_of(shapes.CancelPlaceSerializer, request)
        return acted(request, enrolment_id, lambda each: services.cancel_enrolment(each, by=request.user, **given))


class CheckInChild(APIView):
    """A mentor or coordinator of the session notes that the child is there today."""

    scope = Scope.OUTREACH

    @extend_schema(request=shapes.NoFieldsSerializer, responses=shapes.OneEnrolmentSerializer, parameters=[KEY])
    def post(self, request: Request, enrolment_id: UUID) -> Response:
        body_of(shapes.NoFieldsSerializer, request)

        def act() -> Answer:
            known = Enrolment.objects.with_everything()
            enrolment = get_object_or_404(known, pk=enrolment_id)
            is_seen = Enrolment.objects.visible_to(request.user).filter(pk=enrolment_id).exists()
            if not is_seen and not may_run(request.user, enrolment.session):
                raise Http404
            services.check_in(enrolment, by=request.user)
            return Answer(status.HTTP_200_OK, body_about(known.get(pk=enrolment_id)))

        return answered(request, act)
