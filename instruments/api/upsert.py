"""REST: `instruments/by-number/{organisation}/{inner_number}/`, one record as a campus system sends it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils.http import parse_etags
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Organisation
from accounts.states import Scope
from common.api import StrictSerializer, body_of
from common.errors import PreconditionFailed, WrongInput
from common.etags import etag_of
from common.text import tidy
from instruments import services
from instruments.api.catalogue import InstrumentSerializer
from instruments.formats import FIELDS, PLACES, in_words, reason
from instruments.formats.fields import LONGEST_TEXT, NEVER_EMPTY, Field
from instruments.formats.values import lines

IF_MATCH = OpenApiParameter("If-Match", str, OpenApiParameter.HEADER, description="only if it stands at this version")
NOT_HERE = {"inner_number", "slug", "organisation", "original_value_wan"}
LONGEST_NUMBER = 40


class Text(serializers.CharField):
    """A longer text: its lines stay."""

    def to_internal_value(self, data: Any) -> str:
        return lines(super().to_internal_value(data))


class Line(serializers.CharField):
    """A short text: spaces once, no line ends."""

    def to_internal_value(self, data: Any) -> str:
        return tidy(super().to_internal_value(data))


@extend_schema_field(OpenApiTypes.STR)
class Choice(serializers.ChoiceField):
    """One of some codes, which the help text names."""


def _choice(field: Field, **more: Any) -> Choice:
    assert field.choices
    return Choice(field.choices.choices, help_text=", ".join(field.choices.values), **more)


def _field(field: Field) -> serializers.Field[Any, Any, Any, Any]:
    empty = field.name not in NEVER_EMPTY
    text = {"required": False, "allow_blank": empty}
    kinds: dict[str, Any] = {
        "text": lambda: Text(max_length=LONGEST_TEXT, **text),
        "words": lambda: serializers.ListField(child=Line(max_length=field.longest), required=False, max_length=100),
        "choice": lambda: _choice(field, **text),
        "choices": lambda: serializers.ListField(child=_choice(field), required=False),
        "flag": lambda: serializers.BooleanField(required=False),
        "value": lambda: serializers.DecimalField(14, 2, min_value=0, required=False, allow_null=True),
        "date": lambda: serializers.DateField(required=False, allow_null=True),
        "count": lambda: serializers.IntegerField(min_value=0, max_value=9999, required=False, allow_null=True),
        "country": lambda: serializers.RegexField("^[A-Z]{2}$", help_text="ISO 3166-1 alpha-2", **text),
        "url": lambda: serializers.URLField(max_length=field.longest, **text),
        "questions": lambda: serializers.ListField(child=serializers.DictField(), required=False, max_length=50),
    }
    made = kinds.get(field.kind)
    return made() if made else Line(max_length=field.longest or 300, **text)  # type: ignore[no-any-return]


RecordSerializer = type(
    "RecordSerializer",
    (StrictSerializer,),
    {field.name: _field(field) for field in FIELDS if field.name not in NOT_HERE}
    | {"__doc__": "The fields of a record that are to be as given; others stay. `facility` is a slug or a name."},
)


class InstrumentByNumber(APIView):
    """Enter the record that an institution knows by this number (201), or bring it up to date (200)."""

    scope = Scope.MANAGE

    @extend_schema(
        request=RecordSerializer,
        responses={200: InstrumentSerializer, 201: InstrumentSerializer},
        parameters=[IF_MATCH],
    )
    def put(self, request: Request, organisation_id: UUID, inner_number: str) -> Response:
        organisation = get_object_or_404(Organisation, pk=organisation_id)
        number = tidy(inner_number)
        if not 0 < len(number) <= LONGEST_NUMBER:
            raise WrongInput("inner_number", "too_long", in_words(reason("too_long", limit=LONGEST_NUMBER)))
        given = body_of(RecordSerializer, request)
        for name in PLACES:
            if name in given:
                given[name] = tidy(given[name])
        made, is_new = services.upsert(organisation, number, by=request.user, given=given, versions=_versions(request))
        body = InstrumentSerializer(made).data
        return Response(body, status=201 if is_new else 200, headers={"ETag": etag_of(made.version)})


def _versions(request: Request) -> set[int] | None:
    """The versions that `If-Match` names; None when it is not sent, or says that any will do."""
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return None
    named = {tag.strip('"').removeprefix("v") for tag in parse_etags(header)}
    versions = {int(each) for each in named if each.isdecimal() and len(each) < 10}
    if not versions:
        raise PreconditionFailed
    return versions
