"""What the endpoints of this room share."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import ValidationError as DjangoValidationError
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common.api import fingerprint_of, key_of
from records.services import Answer, once

KEY = OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, description="1 to 200 visible ASCII characters")


def answered(request: Request, act: Callable[[], Answer]) -> Response:
    """Do `act` once for the caller's key, and answer; what a model finds wrong names its fields."""
    try:
        answer = once(request.user.pk, key=key_of(request), fingerprint=fingerprint_of(request), act=act)
    except DjangoValidationError as error:
        raise serializers.ValidationError(serializers.as_serializer_error(error)) from error
    headers = {"Idempotent-Replayed": "true"} if answer.replayed else {}
    return Response(answer.body, status=answer.status, headers=headers)
