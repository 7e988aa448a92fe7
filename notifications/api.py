"""REST: `changes/`."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.api import AwareDateTimeField, StrictSerializer
from common.errors import WrongInput
from notifications.models import Event
from notifications.states import EventKind


class WhereSerializer(serializers.Serializer[Event]):
    id = serializers.CharField(source="subject_id")
    href = serializers.CharField(source="link")


class EventSerializer(serializers.Serializer[Event]):
    id = serializers.UUIDField()
    type = serializers.ChoiceField(EventKind.choices, source="kind")
    timestamp = AwareDateTimeField(source="created_at")
    data = WhereSerializer(source="*")


class ChangesSerializer(serializers.Serializer[Any]):
    next = serializers.CharField(help_text="what to ask `after` the next time, also when nothing came")
    results = EventSerializer(many=True)


class SinceSerializer(StrictSerializer):
    after = serializers.CharField(default="", allow_blank=True)
    limit = serializers.IntegerField(min_value=1, max_value=100, default=25)


class Changes(APIView):
    """What happened to what the caller may see, oldest first, 30 days back; for programs that cannot be called."""

    @extend_schema(parameters=[SinceSerializer], responses=ChangesSerializer)
    def get(self, request: Request) -> Response:
        since = SinceSerializer(data=request.query_params.dict())
        since.is_valid(raise_exception=True)
        after, limit = since.validated_data["after"], since.validated_data["limit"]
        events = Event.objects.visible_to(request.user).settled()
        found = list((events.after(*_place_of(after)) if after else events)[:limit])
        return Response(ChangesSerializer({"next": _cursor(found[-1]) if found else after, "results": found}).data)


def _cursor(event: Event) -> str:
    return urlsafe_b64encode(event.xid.to_bytes(8) + event.pk.bytes).decode()


def _place_of(cursor: str) -> tuple[int, UUID]:
    try:
        place = urlsafe_b64decode(cursor)
        return int.from_bytes(place[:8]), UUID(bytes=place[8:])
    except ValueError as error:
        raise WrongInput("after", "invalid", _("Send the `next` of an earlier answer, or nothing.")) from error
