"""REST: `organisations/`, `tokens/`, `told-by/`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import services
from accounts.models import ApiToken, Organisation
from accounts.states import OrganisationKind, Scope
from common.api import AwareDateTimeField, CursorPages, StrictSerializer, body_of, fingerprint_of, key_of
from common.errors import NotAllowed
from notifications.states import Family, Way
from records.services import Answer, once


class OrganisationSerializer(serializers.Serializer[Organisation]):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(OrganisationKind.choices)
    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    ror = serializers.CharField()


class TokenSerializer(serializers.Serializer[ApiToken]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    scopes = serializers.ListField(child=serializers.ChoiceField(Scope.choices))
    public = serializers.CharField()
    created_at = AwareDateTimeField()
    expires_at = AwareDateTimeField()
    last_used_at = AwareDateTimeField(allow_null=True)


class TokensSerializer(serializers.Serializer[Any]):
    results = TokenSerializer(many=True)


class NewTokenSerializer(StrictSerializer):
    name = serializers.CharField(max_length=60)
    scopes = serializers.MultipleChoiceField(choices=Scope.choices)
    days = serializers.IntegerField(min_value=1, max_value=366, default=90)


class ToldBySerializer(StrictSerializer):
    """A family that is not sent is told by the first way that one has: mail, else text message."""

    def get_fields(self) -> dict[str, Any]:
        return {family: serializers.ChoiceField(Way.choices, required=False) for family in Family.values}


class MadeTokenSerializer(TokenSerializer):
    token = serializers.CharField(help_text="the whole token: shown this once only")


class Organisations(ListAPIView[Organisation]):
    """The organisations of the city."""

    public = True
    serializer_class = OrganisationSerializer
    pagination_class = CursorPages
    queryset = Organisation.objects.all()


class Tokens(APIView):
    """One's own tokens. A token cannot make tokens: that takes a signed-in person."""

    scope = "never"

    @extend_schema(responses=TokensSerializer)
    def get(self, request: Request) -> Response:
        mine = ApiToken.objects.filter(user=request.user, revoked_at=None).order_by("-created_at")
        return Response({"results": TokenSerializer(mine, many=True).data})

    @extend_schema(request=NewTokenSerializer, responses={201: MadeTokenSerializer})
    def post(self, request: Request) -> Response:
        given = body_of(NewTokenSerializer, request)

        def act() -> Answer:
            token, text = services.make_token(request.user, by=request.user, **given)
            body: dict[str, Any] = {**TokenSerializer(token).data, "token": ""}
            made.append(text)
            return Answer(status.HTTP_201_CREATED, body)

        # The secret is not kept with the answer: a replay tells that the token exists, not what it is.
        made: list[str] = []
        answer = once(request.user.pk, key=key_of(request), fingerprint=fingerprint_of(request), act=act)
        return Response({**answer.body, "token": made[-1] if made else ""}, status=answer.status)


class ToldBy(APIView):
    """By which way one is told, for each family of events; everything is behind the bell."""

    scope = Scope.BOOK

    @extend_schema(responses=ToldBySerializer)
    def get(self, request: Request) -> Response:
        return Response(services.chosen_ways(request.user))

    @extend_schema(request=ToldBySerializer, responses=ToldBySerializer)
    def put(self, request: Request) -> Response:
        services.choose_ways(request.user, body_of(ToldBySerializer, request))
        return Response(services.chosen_ways(request.user))


class TokenRevocation(APIView):
    """Ends one of one's own tokens; a token may end itself only."""

    scope = Scope.READ

    @extend_schema(responses={204: None})
    def delete(self, request: Request, token_id: UUID) -> Response:
        token = get_object_or_404(ApiToken, pk=token_id, user=request.user)
        if isinstance(request.auth, ApiToken) and request.auth != token:
            raise NotAllowed(_("A token may revoke itself only."))
        services.revoke_token(token, by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)
