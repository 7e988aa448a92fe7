"""REST: `instruments/`, `facilities/`, `categories/` (read)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.http import Http404, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.pagination import BasePagination
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.states import Audience
from common.api import CursorPages, IntervalSerializer
from instruments import services
from instruments.filters import InstrumentFilter
from instruments.formats import datacite, pidinst
from instruments.models import Category, Document, Facility, Instrument, Photo
from instruments.permissions import readable
from instruments.states import BookedWhere, DocumentFor, Kind, QuestionKind, Status, TableFormat

PROFILE = OpenApiParameter("profile", str, enum=["pidinst", "datacite"])


class PagesByName(CursorPages):
    ordering = ("slug",)


class PagesById(CursorPages):
    ordering = ("id",)


class OwnTable(JSONRenderer):
    """The portal's own table, `?format=csv`. What it renders itself is errors: tables are streamed past it."""

    media_type, format = "text/csv", "csv"
    table_format = TableFormat.JISHI


class UniquipTable(OwnTable):
    """UNIQUIP, `?format=uniquip`."""

    format = "uniquip"
    table_format = TableFormat.UNIQUIP


def table_response(instruments: QuerySet[Instrument], *, format: str) -> StreamingHttpResponse:  # noqa: A002
    """The records as a file to keep; it is made while it is sent."""
    lines = services.table_of_records(instruments, format=format)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="instruments-{format}.csv"'
    return response


class CategorySerializer(serializers.Serializer[Category]):
    scheme = serializers.CharField(source="scheme_id")
    code = serializers.CharField()
    name_zh = serializers.CharField()
    name_en = serializers.CharField()


class FacilitySerializer(serializers.Serializer[Facility]):
    slug = serializers.SlugField()
    organisation = serializers.UUIDField(source="organisation_id")
    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    time_zone = serializers.CharField()


class ChoiceSerializer(serializers.Serializer[Any]):
    value = serializers.CharField()
    label_zh = serializers.CharField()
    label_en = serializers.CharField()


class QuestionSerializer(serializers.Serializer[Any]):
    key = serializers.SlugField()
    kind = serializers.ChoiceField(QuestionKind.choices)
    label_zh = serializers.CharField()
    label_en = serializers.CharField()
    required = serializers.BooleanField(required=False)
    choices = ChoiceSerializer(many=True, required=False)


class InstrumentSerializer(serializers.Serializer[Instrument]):
    slug = serializers.SlugField()
    kind = serializers.ChoiceField(Kind.choices)
    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    summary_zh = serializers.CharField()
    summary_en = serializers.CharField()
    facility = FacilitySerializer()
    category = serializers.CharField(source="category.code", default=None, allow_null=True)
    manufacturer = serializers.CharField()
    model = serializers.CharField()
    techniques = serializers.ListField(child=serializers.CharField())
    sharing = serializers.ListField(child=serializers.ChoiceField(Audience.choices))
    status = serializers.ChoiceField(Status.choices)
    booked_where = serializers.ChoiceField(BookedWhere.choices)
    booked_url = serializers.CharField()
    takes_samples = serializers.BooleanField()
    needs_operator = serializers.BooleanField()
    fit_for_youth = serializers.BooleanField()
    questions = QuestionSerializer(many=True)
    version = serializers.IntegerField()


class PhotoSerializer(serializers.Serializer[Photo]):
    url = serializers.CharField(source="file.url")
    small = serializers.CharField(source="file.small.url")
    caption_zh = serializers.CharField()
    caption_en = serializers.CharField()


class DocumentSerializer(serializers.Serializer[Document]):
    url = serializers.SerializerMethodField()
    title_zh = serializers.CharField()
    title_en = serializers.CharField()
    media_type = serializers.CharField(source="file.media_type")
    size = serializers.IntegerField(source="file.size")
    readers = serializers.ChoiceField(DocumentFor.choices)

    def get_url(self, document: Document) -> str:
        return reverse("document", args=[document.pk])


class OneInstrumentSerializer(InstrumentSerializer):
    photos = PhotoSerializer(many=True)
    documents = DocumentSerializer(many=True, source="readable_documents")


class Instruments(ListAPIView[Instrument]):
    """The catalogue, filtered; public. `?format=csv` and `?format=uniquip` answer with all of it as a table."""

    public = True
    renderer_classes = [JSONRenderer, OwnTable, UniquipTable]
    serializer_class = InstrumentSerializer
    pagination_class: type[BasePagination] = PagesByName
    filterset_class = InstrumentFilter
    queryset = Instrument.objects.select_related("facility", "category")

    def filter_queryset(self, queryset: QuerySet[Instrument]) -> QuerySet[Instrument]:
        visible = Instrument.objects.visible_to(self.request.user).select_related("facility", "category")
        return InstrumentFilter.of(self.request.query_params, visible)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if isinstance(request.accepted_renderer, OwnTable):
            found = self.filter_queryset(self.get_queryset())
            return table_response(found, format=request.accepted_renderer.table_format)
        return super().list(request, *args, **kwargs)


class OneInstrument(APIView):
    """One instrument with its photos, and with the documents that the caller may read; public."""

    public = True

    @extend_schema(responses=OneInstrumentSerializer)
    def get(self, request: Request, slug: str) -> Response:
        instruments = Instrument.objects.visible_to(request.user).select_related("facility__organisation", "category")
        photos = Prefetch("photos", Photo.objects.select_related("file__small"))
        found = instruments.prefetch_related(photos).filter(slug=slug, merged_into=None).first()
        if found is None:
            there = reverse("api_instrument", args=[get_object_or_404(Instrument, merged__slug=slug).slug])
            return Response(status=301, headers={"Location": there})
        documents = readable(found.documents.select_related("file"), request.user, found.facility)
        found.readable_documents = documents  # type: ignore[attr-defined]
        return Response(OneInstrumentSerializer(found).data)


class BusySerializer(serializers.Serializer[Any]):
    as_of = serializers.DateTimeField(allow_null=True)
    fault = serializers.CharField()
    busy = IntervalSerializer(many=True, source="times")


class BusyElsewhere(APIView):
    """When an instrument that is booked elsewhere is busy, as its owner's system said; public. 404 where none says it.

    `as_of` is when it was last read; `fault` is the code of what went wrong since, or ''.
    """

    public = True

    @extend_schema(responses=BusySerializer)
    def get(self, request: Request, slug: str) -> Response:
        found = get_object_or_404(Instrument.objects.visible_to(request.user), slug=slug)
        busy = services.busy_on(found)
        if busy is None:
            raise Http404
        return Response(BusySerializer(busy).data)


class Pidinst(APIView):
    """One instrument as PIDINST 1.0, or (`?profile=datacite`) as DataCite 4.5; public."""

    public = True

    @extend_schema(responses=OpenApiTypes.OBJECT, parameters=[PROFILE])
    def get(self, request: Request, slug: str) -> Response:
        instruments = Instrument.objects.visible_to(request.user).select_related("facility__organisation", "category")
        found = get_object_or_404(instruments, slug=slug)
        page = settings.SITE_URL + found.get_absolute_url()
        if request.query_params.get("profile") == "datacite":
            owner = found.facility.organisation
            return Response(datacite(found, landing_page=page, publisher=owner.name_en or owner.name_zh))
        return Response(pidinst(found, landing_page=page))


class Facilities(ListAPIView[Facility]):
    """The facilities of the city; public."""

    public = True
    serializer_class = FacilitySerializer
    pagination_class: type[BasePagination] = PagesByName
    queryset = Facility.objects.all()


class Categories(ListAPIView[Category]):
    """Classes of instruments; public."""

    public = True
    serializer_class = CategorySerializer
    pagination_class: type[BasePagination] = PagesById
    queryset = Category.objects.all()
