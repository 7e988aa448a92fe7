"""REST: `jobs/`, the caller's long work, to be found again; and how every room acts and answers once for each key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.api import AwareDateTimeField, CursorPages, StrictSerializer, body_of, fingerprint_of, key_of
from common.etags import etag_of
from records.models import Job
from records.services import Answer, once, progress_of
from records.states import JobState

KEY = OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, description="1 to 200 visible ASCII characters")
KEY_REQUIRED = OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, required=True)


def answered(request: Request, act: Callable[[], Answer], *, required: bool = False, fingerprint: str = "") -> Response:
    """Do `act` once for the caller's key, and answer: what the API of every room does with a POST.

    `fingerprint` stands for the body where the body cannot, as with a file.
    """
    key = key_of(request, required=required)
    answer = once(request.user.pk, key=key, fingerprint=fingerprint or fingerprint_of(request), act=act)
    headers = {"Idempotent-Replayed": "true"} if answer.replayed else {}
    if isinstance(answer.body, dict) and "version" in answer.body:
        headers["ETag"] = etag_of(answer.body["version"])
    return Response(answer.body, status=answer.status, headers=headers)


class ActUpon(APIView):
    """One act upon one thing that the caller may see, once for each key.

    The service `act` gets what `find` found, and what `serializer_class` lets in; `tell` says what there is then.
    """

    serializer_class: type[StrictSerializer]
    act: Callable[..., Any]

    def find(self, pk: UUID) -> Any:
        """The thing, where the caller may see it; raises Http404."""
        raise NotImplementedError

    def tell(self, found: Any, done: Any) -> dict[str, Any]:
        """What was `found` as it is now, and what `act` returned, as the API shows it."""
        raise NotImplementedError

    @extend_schema(parameters=[KEY])
    def post(self, request: Request, **where: UUID) -> Response:
        given, (pk,) = body_of(self.serializer_class, request), where.values()

        def once() -> Answer:
            # Found inside: a repeated request gets its first answer, also when the thing is theirs no more.
            found = self.find(pk)
            return Answer(status.HTTP_200_OK, self.tell(found, self.act(found, by=request.user, **given)))

        return answered(request, once)


class JobSerializer(serializers.Serializer[Job]):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    state = serializers.ChoiceField(JobState.choices)
    progress = serializers.SerializerMethodField(help_text="per cent")
    counts = serializers.SerializerMethodField()
    error = serializers.CharField()
    created_at = AwareDateTimeField()
    started_at = AwareDateTimeField(allow_null=True)
    finished_at = AwareDateTimeField(allow_null=True)

    def get_progress(self, job: Job) -> int:
        return progress_of(job)

    def get_counts(self, job: Job) -> dict[str, int]:
        return {name: value for name, value in job.outcome.items() if isinstance(value, int)}


class Jobs(ListAPIView[Job]):
    """The caller's long work, the newest first."""

    serializer_class = JobSerializer
    pagination_class = CursorPages
    queryset = Job.objects.none()

    def get_queryset(self) -> QuerySet[Job]:
        if getattr(self, "swagger_fake_view", False):
            return Job.objects.none()
        return Job.objects.of(self.request.user)


class OneJob(APIView):
    """One of the caller's jobs."""

    @extend_schema(responses=JobSerializer)
    def get(self, request: Request, job_id: UUID) -> Response:
        job: Any = get_object_or_404(Job.objects.of(request.user), pk=job_id)
        return Response(JobSerializer(job).data)
