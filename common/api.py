"""What every endpoint shares: problem+json, strict input, aware times, cursor pages, idempotency."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, RequestDataTooBig
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import DataError
from django.http import Http404, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from rest_framework import exceptions, serializers, status
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import set_rollback

from common.errors import (
    InFlight,
    NotAllowed,
    OtherBody,
    PreconditionFailed,
    PreconditionRequired,
    Refused,
    WrongInput,
)
from common.interval import Interval
from common.metrics import count_refusals

PROBLEM_JSON = "application/problem+json"
EARLIEST_YEAR, LATEST_YEAR = 2000, 2100
NOT_HERE = gettext_noop("There is nothing here that you can see.")


def problem(error: Exception, _context: dict[str, Any]) -> Response | None:
    """Every error of the API as `application/problem+json` (RFC 9457); None for a fault of ours (500)."""
    set_rollback()
    for kind, answer in ANSWERS.items():
        if isinstance(error, kind):
            return answer(error)
    return None


def _problem(status_code: int, code: str, detail: str, **more: Any) -> Response:
    return Response(_problem_body(status_code, code, detail) | more, status=status_code, content_type=PROBLEM_JSON)


def problem_response(status_code: int, code: str, detail: str) -> JsonResponse:
    """The same where no view of the API was reached: an unknown address, a fault of ours."""
    return JsonResponse(_problem_body(status_code, code, detail), status=status_code, content_type=PROBLEM_JSON)


def _problem_body(status_code: int, code: str, detail: str) -> dict[str, Any]:
    title = code.replace("_", " ").capitalize()
    return {"type": f"about:blank#{code}", "title": title, "status": status_code, "detail": detail, "code": code}


def _refused(error: Refused) -> Response:
    count_refusals(error)
    objections = [{**refusal.values, "code": refusal.code, "detail": str(refusal.detail)} for refusal in error.refusals]
    detail = " ".join(str(refusal.detail) for refusal in error.refusals)
    return _problem(status.HTTP_409_CONFLICT, "refused", detail, objections=objections, **error.extra)


def _wrong_input(errors: list[dict[str, str]]) -> Response:
    detail = " ".join(f"{each['pointer']}: {each['detail']}" for each in errors)
    return _problem(status.HTTP_400_BAD_REQUEST, "wrong_input", detail, errors=errors)


def _input_errors(details: Any, pointer: str) -> list[dict[str, str]]:
    if isinstance(details, dict) and isinstance(details.get("message"), str) and "code" in details:
        return [{"pointer": pointer or "/", "code": details["code"], "detail": str(details["message"])}]
    if isinstance(details, dict):
        pairs = [("" if key == "non_field_errors" else f"/{key}", value) for key, value in details.items()]
        return [found for key, value in pairs for found in _input_errors(value, pointer + key)]
    return [found for value in details for found in _input_errors(value, pointer)]


def _of_framework(error: exceptions.APIException) -> Response:
    code = error.get_codes()
    response = _problem(error.status_code, code if isinstance(code, str) else "error", str(error.detail))
    if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        response["WWW-Authenticate"] = "Bearer"
    if wait := getattr(error, "wait", None):
        response["Retry-After"] = str(int(wait) + 1)
    return response


ANSWERS: dict[type[Exception], Callable[[Any], Response]] = {
    Refused: _refused,
    NotAllowed: lambda error: _problem(403, "not_allowed", str(error.detail)),
    WrongInput: lambda error: _wrong_input(
        [{"pointer": f"/{error.field}", "code": error.code, "detail": str(error.detail)}]
    ),
    InFlight: lambda _error: _problem(
        409, "in_flight", _("The same request is being worked on. Ask again in a moment.")
    ),
    OtherBody: lambda _error: _problem(
        422, "idempotency_key_reused", _("This Idempotency-Key was used for another request.")
    ),
    PreconditionRequired: lambda _error: _problem(
        428, "precondition_required", _("Send If-Match with the ETag of what you change.")
    ),
    PreconditionFailed: lambda _error: _problem(
        412, "precondition_failed", _("Somebody else has changed it meanwhile. Read it again.")
    ),
    Http404: lambda _error: _problem(404, "not_found", _(NOT_HERE)),
    ObjectDoesNotExist: lambda _error: _problem(404, "not_found", _(NOT_HERE)),
    RequestDataTooBig: lambda _error: _problem(413, "too_large", _("The request is larger than 2 MB.")),
    PermissionDenied: lambda _error: _of_framework(exceptions.PermissionDenied()),
    exceptions.ValidationError: lambda error: _wrong_input(list(_input_errors(error.get_full_details(), ""))),
    DjangoValidationError: lambda error: ANSWERS[exceptions.ValidationError](
        exceptions.ValidationError(serializers.as_serializer_error(error))
    ),
    exceptions.APIException: _of_framework,
}


class StrictSerializer(serializers.Serializer[Any]):
    """The shape of a request body. A field that it does not know is an error, not a thing to ignore."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := set(data) - set(self.fields)):
            raise serializers.ValidationError(
                {name: [exceptions.ErrorDetail(_("There is no such field."), "unknown_field")] for name in unknown}
            )
        return super().to_internal_value(data)


class AwareDateTimeField(serializers.DateTimeField):
    """An RFC 3339 time with its offset; one without is refused, since nobody can know what it means."""

    default_error_messages = {
        "naive": gettext_lazy("The time needs its offset, for example 2026-11-23T14:30:00+08:00."),
        "far": gettext_lazy("The time is out of range."),
    }

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str) or not re.search(r"(?:Z|z|[+-]\d\d:?\d\d)$", value):
            if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d", value):
                self.fail("naive")
            self.fail("invalid", format="RFC 3339")
        try:
            moment = super().to_internal_value(value)
        except OverflowError:
            self.fail("far")
        if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
            self.fail("far")
        return moment

    def to_representation(self, value: datetime) -> str:
        """The time with the portal's own offset, `+08:00`."""
        return value.astimezone(timezone.get_default_timezone()).isoformat()


class CursorPages(CursorPagination):
    """`limit` ≤ 100, `next`, `previous`; a page costs the same however deep it lies."""

    page_size = 25
    page_size_query_param = "limit"
    max_page_size = 100
    ordering = ("-created_at", "-id")

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValueError, DjangoValidationError, DataError) as error:
            raise exceptions.NotFound(self.invalid_cursor_message) from error


def body_of(serializer_class: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """The request's body in the shape of `serializer_class`, or a ValidationError that names each field."""
    serializer = serializer_class(data=request.data)
    serializer.is_valid(raise_exception=True)
    return serializer.validated_data  # type: ignore[no-any-return]


def refuse_a_body(request: Request) -> None:
    """For an act that asks for nothing: a field that is sent all the same is an error, not a thing to ignore."""
    body_of(StrictSerializer, request)


def key_of(request: Request, *, required: bool = False) -> str | None:
    """The caller's Idempotency-Key; a 400 when it is missing and `required`, or is no plain short text."""
    key = request.headers.get("Idempotency-Key")
    if key is None and required:
        raise WrongInput("Idempotency-Key", "missing_idempotency_key", _("Send an Idempotency-Key header."))
    if key is not None and not re.fullmatch(r"[!-~]{1,200}", key):
        raise WrongInput("Idempotency-Key", "invalid", _("An Idempotency-Key is 1 to 200 visible ASCII characters."))
    return key


def fingerprint_of(request: Request) -> str:
    """What makes two requests the same: method, path and body."""
    body = json.dumps(request.data, sort_keys=True, default=str)
    return hashlib.sha256(f"{request.method} {request.path} {body}".encode()).hexdigest()


class IntervalSerializer(serializers.Serializer[Interval]):
    start = AwareDateTimeField()
    end = AwareDateTimeField()


def with_problems(result: dict[str, Any], **_given: Any) -> dict[str, Any]:
    """Adds to the OpenAPI document that every operation may answer with a problem."""
    body = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    answers = {
        "4XX": {"description": "Not done; `code` says why, `detail` in the caller's language.", "content": body},
        "503": {"description": "Not done; `code` says why. Ask again with the same key.", "content": body},
    }
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"] |= answers
    schemas = {**result["components"]["schemas"], "Problem": PROBLEM}
    return {**result, "components": {**result["components"], "schemas": dict(sorted(schemas.items()))}}


_TEXT = {"type": "string"}
_SAID = {"code": _TEXT, "detail": _TEXT}
PROBLEM = {
    "type": "object",
    "description": "RFC 9457. Programs read `code`, which never changes.",
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        **_SAID,
        "errors": {
            "type": "array",
            "description": "What is wrong with the input, field by field.",
            "items": {
                "type": "object",
                "properties": {"pointer": _TEXT, **_SAID},
                "required": ["pointer", "code", "detail"],
            },
        },
        "objections": {
            "type": "array",
            "description": "Every rule that says no, with its own values beside.",
            "items": {"type": "object", "properties": _SAID, "required": ["code", "detail"]},
        },
        "alternatives": {
            "type": "array",
            "description": "The nearest free times, where the time is taken.",
            "items": {
                "type": "object",
                "properties": {
                    "instrument": _TEXT,
                    "start": {"type": "string", "format": "date-time"},
                    "end": {"type": "string", "format": "date-time"},
                },
                "required": ["instrument", "start", "end"],
            },
        },
    },
    "required": ["type", "title", "status", "detail", "code"],
}
