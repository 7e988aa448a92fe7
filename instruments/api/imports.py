"""REST: `instrument-imports/`, tables of instruments handed in, looked through and applied."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Organisation
from accounts.states import Scope
from common.api import AwareDateTimeField, CursorPages, StrictSerializer, refuse_a_body
from common.errors import WrongInput
from instruments import services
from instruments.formats import in_words
from instruments.models import ImportRow, InstrumentImport
from instruments.states import ImportState, TableFormat, Verdict
from records.api import KEY, answered
from records.services import Answer, progress_of


class ByLine(CursorPages):
    ordering = ("line", "id")


class ImportSerializer(serializers.Serializer[InstrumentImport]):
    id = serializers.UUIDField()
    organisation = serializers.UUIDField(source="organisation_id")
    format = serializers.ChoiceField(TableFormat.choices)
    file_name = serializers.CharField()
    state = serializers.ChoiceField(ImportState.choices)
    progress = serializers.SerializerMethodField(help_text="per cent of what is being done")
    counts = serializers.DictField(child=serializers.IntegerField())
    headers = serializers.ListField(child=serializers.CharField())
    mapping = serializers.DictField(child=serializers.CharField(), help_text="column → field, '' for none")
    error = serializers.CharField()
    created_at = AwareDateTimeField()
    applied_at = AwareDateTimeField(allow_null=True)

    def get_progress(self, source: InstrumentImport) -> int:
        job = services.job_of(source)
        return progress_of(job) if job else 0


class RowReasonSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    field = serializers.CharField(required=False)
    detail = serializers.SerializerMethodField()

    def get_detail(self, reason: dict[str, Any]) -> str:
        return in_words(reason)


class RowSerializer(serializers.Serializer[ImportRow]):
    line = serializers.IntegerField()
    verdict = serializers.ChoiceField(Verdict.choices)
    instrument = serializers.CharField(source="instrument.slug", default=None)
    fields_said = serializers.DictField(source="fields")
    changes = serializers.DictField(help_text="field → [before, after]")
    reasons = RowReasonSerializer(many=True)
    applied_at = AwareDateTimeField(allow_null=True)

    def to_representation(self, row: ImportRow) -> Any:
        shown = super().to_representation(row)
        said = {name: value for name, value in shown.pop("fields_said").items() if name != "version"}
        return {**shown, "fields": said}


class NewImportSerializer(StrictSerializer):
    file = serializers.FileField(allow_empty_file=True)
    format = serializers.ChoiceField(TableFormat.choices, default=TableFormat.JISHI)
    organisation = serializers.UUIDField(required=False)
    mapping = serializers.JSONField(required=False, help_text='{"column": "field"}; \'\' or null for none')


def import_of(request: Request, import_id: UUID) -> InstrumentImport:
    """An import that the caller may see."""
    visible = InstrumentImport.objects.visible_to(request.user).select_related("organisation", "previewing", "applying")
    return get_object_or_404(visible, pk=import_id)


class InstrumentImports(ListAPIView[InstrumentImport]):
    """The caller's imports, and those of the organisations that they administer; POST hands in a table."""

    scope = Scope.MANAGE
    serializer_class = ImportSerializer
    pagination_class = CursorPages
    parser_classes = [MultiPartParser]
    queryset = InstrumentImport.objects.none()

    def get_queryset(self) -> QuerySet[InstrumentImport]:
        if getattr(self, "swagger_fake_view", False):
            return InstrumentImport.objects.none()
        return InstrumentImport.objects.visible_to(self.request.user).select_related("previewing", "applying")

    @extend_schema(
        request={"multipart/form-data": NewImportSerializer}, responses={202: ImportSerializer}, parameters=[KEY]
    )
    def post(self, request: Request) -> Response:
        shape = NewImportSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        given = shape.validated_data
        services.refuse_large(given["file"])
        organisation = organisation_of(request, given.get("organisation"))
        mapping = mapping_of(given.get("mapping"))

        def act() -> Answer:
            made = services.hand_in(organisation, by=request.user, file=given["file"], format=given["format"])
            made = services.look_through(made, by=request.user, mapping=mapping)
            return Answer(status.HTTP_202_ACCEPTED, json_of(made))

        return answered(request, act, fingerprint=_fingerprint(given, organisation))


def _fingerprint(given: dict[str, Any], organisation: Organisation) -> str:
    """What makes two uploads the same: also the file's own bytes, a piece at a time."""
    digest = hashlib.sha256()
    for piece in given["file"].chunks():
        digest.update(piece)
    given["file"].seek(0)
    said = [given["format"], str(organisation.pk), given.get("mapping"), given["file"].name]
    return hashlib.sha256(f"{json.dumps(said, sort_keys=True)} {digest.hexdigest()}".encode()).hexdigest()


def organisation_of(request: Request, organisation: UUID | None) -> Organisation:
    """The named organisation, or the only one that the caller keeps records for."""
    if organisation:
        return get_object_or_404(Organisation, pk=organisation)
    kept = list(services.organisations_kept_by(request.user)[:2])
    if len(kept) != 1:
        raise WrongInput("organisation", "required", _("Name the organisation that the table is for."))
    return kept[0]


def mapping_of(given: Any) -> dict[str, str] | None:
    if given is None:
        return None
    if not isinstance(given, dict) or not all(value is None or isinstance(value, str) for value in given.values()):
        raise WrongInput("mapping", "invalid", _("The mapping is a JSON object: column → field."))
    return {header: value or "" for header, value in given.items()}


def json_of(source: InstrumentImport) -> dict[str, Any]:
    return dict(ImportSerializer(source).data)


class OneImport(APIView):
    """How far an import is, and what it would do or did."""

    @extend_schema(responses=ImportSerializer)
    def get(self, request: Request, import_id: UUID) -> Response:
        return Response(json_of(import_of(request, import_id)))


class ImportRows(ListAPIView[ImportRow]):
    """The rows of an import with what each would do; `?verdict=` filters."""

    serializer_class = RowSerializer
    pagination_class = ByLine
    queryset = ImportRow.objects.none()

    @extend_schema(parameters=[OpenApiParameter("verdict", str, enum=Verdict.values)])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[ImportRow]:
        if getattr(self, "swagger_fake_view", False):
            return ImportRow.objects.none()
        rows = import_of(self.request, self.kwargs["import_id"]).rows.select_related("instrument")
        verdict = self.request.query_params.get("verdict")
        if verdict is None:
            return rows
        if verdict not in Verdict.values:
            raise WrongInput("verdict", "invalid", _("There is no such verdict."))
        return rows.filter(verdict=verdict)


class WrongRows(APIView):
    """The wrong rows as a table with their lines and reasons, to be mended and sent again."""

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.BINARY})
    def get(self, request: Request, import_id: UUID) -> StreamingHttpResponse:
        return wrong_response(import_of(request, import_id))


def wrong_response(source: InstrumentImport) -> StreamingHttpResponse:
    lines = services.wrong_rows_of(source, line=_("line"), why=_("reason"), in_words=in_words)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="wrong.csv"'
    return response


class ApplyImport(APIView):
    """Write what the preview showed; a worker does it."""

    scope = Scope.MANAGE

    @extend_schema(request=None, responses={202: ImportSerializer}, parameters=[KEY])
    def post(self, request: Request, import_id: UUID) -> Response:
        source = import_of(request, import_id)
        refuse_a_body(request)

        def act() -> Answer:
            return Answer(status.HTTP_202_ACCEPTED, json_of(services.apply_import(source, by=request.user)))

        return answered(request, act)


class DiscardImport(APIView):
    """Drop an import that was not applied."""

    scope = Scope.MANAGE

    @extend_schema(request=None, responses=ImportSerializer, parameters=[KEY])
    def post(self, request: Request, import_id: UUID) -> Response:
        source = import_of(request, import_id)
        refuse_a_body(request)

        def act() -> Answer:
            return Answer(status.HTTP_200_OK, json_of(services.discard_import(source)))

        return answered(request, act)
