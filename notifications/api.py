"""REST: `changes/`, `webhooks/`."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.validators import URLValidator
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.api import AwareDateTimeField, CursorPages, StrictSerializer, body_of, fingerprint_of, key_of
from common.errors import WrongInput
from notifications import services
from notifications.models import Event, WebhookDelivery, WebhookEndpoint
from notifications.states import DeliveryState, EventKind
from records.services import Answer, once

KEY = OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, description="1 to 200 visible ASCII characters")


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


class WebhookSerializer(serializers.Serializer[WebhookEndpoint]):
    id = serializers.UUIDField()
    url = serializers.URLField()
    description = serializers.CharField()
    kinds = serializers.ListField(child=serializers.ChoiceField(EventKind.choices))
    active = serializers.BooleanField(help_text="false once it has answered 410 Gone")
    secret_tail = serializers.CharField(help_text="the last characters of the secret, to tell it from another")
    rotated_at = AwareDateTimeField(allow_null=True)
    created_at = AwareDateTimeField()


class SecretWebhookSerializer(WebhookSerializer):
    secret = serializers.CharField(help_text="shown this once only")


class NewWebhookSerializer(StrictSerializer):
    url = serializers.CharField(max_length=500, validators=[URLValidator(schemes=["http", "https"])])
    description = serializers.CharField(max_length=200, default="", allow_blank=True)
    kinds = serializers.MultipleChoiceField(choices=EventKind.choices, default=EventKind.values, allow_empty=False)


class ChangedWebhookSerializer(StrictSerializer):
    active = serializers.BooleanField(required=False, help_text="false pauses it")
    description = serializers.CharField(max_length=200, required=False, allow_blank=True)
    kinds = serializers.MultipleChoiceField(choices=EventKind.choices, required=False, allow_empty=False)


class SpanSerializer(StrictSerializer):
    since = AwareDateTimeField()
    until = AwareDateTimeField()


class ReplayedSerializer(serializers.Serializer[Any]):
    replayed = serializers.IntegerField(help_text="for how many events it is called once more")


class DeliverySerializer(serializers.Serializer[WebhookDelivery]):
    id = serializers.UUIDField()
    event = serializers.UUIDField(source="event_id")
    type = serializers.ChoiceField(EventKind.choices, source="event.kind")
    state = serializers.ChoiceField(DeliveryState.choices)
    attempts = serializers.IntegerField()
    due_at = AwareDateTimeField(help_text="when it is tried next, while it is waiting")
    sent_at = AwareDateTimeField(allow_null=True)
    tried_at = AwareDateTimeField(allow_null=True, help_text="when it was called last")
    duration_ms = serializers.IntegerField(allow_null=True, help_text="how long the last call took")
    last_status = serializers.IntegerField(allow_null=True)
    last_error = serializers.CharField()
    answer = serializers.CharField(help_text="how the last answer begins, secrets left out")
    created_at = AwareDateTimeField()


class WholeDeliverySerializer(DeliverySerializer):
    request = serializers.SerializerMethodField(help_text="the body that is sent; the signature is in no log")

    def get_request(self, delivery: WebhookDelivery) -> str:
        return services.body_of(delivery.event).decode()


class NothingSerializer(StrictSerializer):
    pass


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


class Webhooks(ListAPIView[WebhookEndpoint]):
    """The caller's own webhooks; POST adds one and shows its secret, this once."""

    scope = "book"
    serializer_class = WebhookSerializer
    pagination_class = CursorPages
    queryset = WebhookEndpoint.objects.all()

    def get_queryset(self) -> QuerySet[WebhookEndpoint]:
        if getattr(self, "swagger_fake_view", False):
            return WebhookEndpoint.objects.none()
        return WebhookEndpoint.objects.visible_to(self.request.user)

    @extend_schema(request=NewWebhookSerializer, responses={201: SecretWebhookSerializer}, parameters=[KEY])
    def post(self, request: Request) -> Response:
        given = body_of(NewWebhookSerializer, request)
        return _with_secret(request, status.HTTP_201_CREATED, lambda: services.add_webhook(by=request.user, **given))


class OneWebhook(APIView):
    """One of the caller's own webhooks."""

    scope = "book"

    @extend_schema(responses=WebhookSerializer)
    def get(self, request: Request, webhook_id: UUID) -> Response:
        return Response(WebhookSerializer(_webhook(request, webhook_id)).data)

    @extend_schema(request=ChangedWebhookSerializer, responses=WebhookSerializer)
    def patch(self, request: Request, webhook_id: UUID) -> Response:
        changed = services.change_webhook(_webhook(request, webhook_id), **body_of(ChangedWebhookSerializer, request))
        return Response(WebhookSerializer(changed).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, webhook_id: UUID) -> Response:
        services.remove_webhook(_webhook(request, webhook_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class RotateSecret(APIView):
    """A new secret, shown this once; for a day the old one signs beside it."""

    scope = "book"

    @extend_schema(request=NothingSerializer, responses=SecretWebhookSerializer, parameters=[KEY])
    def post(self, request: Request, webhook_id: UUID) -> Response:
        body_of(NothingSerializer, request)
        endpoint = _webhook(request, webhook_id)
        return _with_secret(request, status.HTTP_200_OK, lambda: services.rotate_secret(endpoint))


class Ping(APIView):
    """Call it with `webhook.ping`, to see whether it answers."""

    scope = "book"

    @extend_schema(request=NothingSerializer, responses=DeliverySerializer, parameters=[KEY])
    def post(self, request: Request, webhook_id: UUID) -> Response:
        body_of(NothingSerializer, request)
        endpoint = _webhook(request, webhook_id)
        return _once(request, lambda: dict(DeliverySerializer(services.ping(endpoint)).data))


class ReplaySpan(APIView):
    """Call it once more for all that happened in a span of time, also for what it missed while it was paused."""

    scope = "book"

    @extend_schema(request=SpanSerializer, responses=ReplayedSerializer, parameters=[KEY])
    def post(self, request: Request, webhook_id: UUID) -> Response:
        span, endpoint = body_of(SpanSerializer, request), _webhook(request, webhook_id)
        return _once(request, lambda: {"replayed": services.replay_between(endpoint, **span)})


class OneDelivery(APIView):
    """One call, with what is sent."""

    @extend_schema(responses=WholeDeliverySerializer)
    def get(self, request: Request, webhook_id: UUID, delivery_id: UUID) -> Response:
        deliveries = _webhook(request, webhook_id).deliveries.select_related("event")
        return Response(WholeDeliverySerializer(get_object_or_404(deliveries, pk=delivery_id)).data)


class Deliveries(ListAPIView[WebhookDelivery]):
    """How the calls of one webhook went, the newest first; as long as the events are kept."""

    serializer_class = DeliverySerializer
    pagination_class = CursorPages
    queryset = WebhookDelivery.objects.all()

    def get_queryset(self) -> QuerySet[WebhookDelivery]:
        if getattr(self, "swagger_fake_view", False):
            return WebhookDelivery.objects.none()
        return _webhook(self.request, self.kwargs["webhook_id"]).deliveries.select_related("event")


class Replay(APIView):
    """Call a webhook once more for one event, whether that arrived or was given up."""

    scope = "book"

    @extend_schema(request=NothingSerializer, responses=DeliverySerializer, parameters=[KEY])
    def post(self, request: Request, webhook_id: UUID, delivery_id: UUID) -> Response:
        body_of(NothingSerializer, request)
        delivery = get_object_or_404(_webhook(request, webhook_id).deliveries, pk=delivery_id)
        return _once(request, lambda: dict(DeliverySerializer(services.replay(delivery)).data))


def _webhook(request: Request, webhook_id: UUID) -> WebhookEndpoint:
    return get_object_or_404(WebhookEndpoint.objects.visible_to(request.user), pk=webhook_id)


def _once(request: Request, act: Callable[[], dict[str, Any]]) -> Response:
    def answer() -> Answer:
        return Answer(status.HTTP_200_OK, act())

    kept = once(request.user.pk, key=key_of(request), fingerprint=fingerprint_of(request), act=answer)
    return _response(kept, kept.body)


def _with_secret(request: Request, code: int, act: Callable[[], WebhookEndpoint]) -> Response:
    """Once for each key; the secret is not kept with the answer, so a replay tells what was done without it."""
    shown: list[str] = []

    def secretly() -> Answer:
        endpoint = act()
        shown.append(endpoint.secret)
        return Answer(code, {**WebhookSerializer(endpoint).data, "secret": ""})

    answer = once(request.user.pk, key=key_of(request), fingerprint=fingerprint_of(request), act=secretly)
    return _response(answer, {**answer.body, "secret": shown[-1] if shown else ""})


def _response(answer: Answer, body: dict[str, Any]) -> Response:
    return Response(body, status=answer.status, headers={"Idempotent-Replayed": "true"} if answer.replayed else {})


def with_webhooks(result: dict[str, Any], **_given: Any) -> dict[str, Any]:
    """Adds to the OpenAPI document what a webhook is called with: one entry for each kind of event."""
    event = {"$ref": "#/components/schemas/Event"}
    asked = {"required": True, "content": {"application/json": {"schema": event}}}
    answers = {"200": {"description": "Understood. Anything else is tried again for three days."}}
    kinds = {kind: {"post": {"requestBody": asked, "responses": answers}} for kind in EventKind.values}
    return {**result, "webhooks": kinds}
