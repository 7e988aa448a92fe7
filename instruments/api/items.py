"""REST: `test-items/` (read)."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from instruments.api.catalogue import FacilitySerializer, PagesByName, QuestionSerializer
from instruments.filters import TestItemFilter
from instruments.models import TestItem
from instruments.states import AccreditationScheme, PriceBasis

READ = TestItem.objects.select_related("facility").prefetch_related("instruments", "accreditations")


class AccreditationSerializer(serializers.Serializer[TestItem]):
    scheme = serializers.ChoiceField(AccreditationScheme.choices)
    certificate = serializers.CharField()
    scope = serializers.CharField()
    until = serializers.DateField()


class TestItemSerializer(serializers.Serializer[TestItem]):
    __test__ = False

    slug = serializers.SlugField()
    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    purpose_zh = serializers.CharField()
    purpose_en = serializers.CharField()
    facility = FacilitySerializer()
    instruments = serializers.SerializerMethodField()
    standards = serializers.ListField(child=serializers.CharField())
    techniques = serializers.ListField(child=serializers.CharField())
    materials = serializers.ListField(child=serializers.CharField())
    sample_form_zh = serializers.CharField()
    sample_form_en = serializers.CharField()
    sample_amount_zh = serializers.CharField()
    sample_amount_en = serializers.CharField()
    sample_count = serializers.IntegerField(allow_null=True)
    turnaround_days = serializers.IntegerField(allow_null=True, help_text="working days")
    price_basis = serializers.ChoiceField(PriceBasis.choices)
    accreditations = AccreditationSerializer(many=True)
    questions = QuestionSerializer(many=True)
    is_offered = serializers.BooleanField()
    version = serializers.IntegerField()

    def get_instruments(self, item: TestItem) -> list[str]:
        """The slugs of the instruments that it uses."""
        return [instrument.slug for instrument in item.instruments.all()]


class TestItems(ListAPIView[TestItem]):
    """What the city's laboratories test, filtered; public."""

    __test__ = False
    public = True
    serializer_class = TestItemSerializer
    pagination_class: type[BasePagination] = PagesByName
    filterset_class = TestItemFilter
    queryset = READ

    def filter_queryset(self, queryset: QuerySet[TestItem]) -> QuerySet[TestItem]:
        return TestItemFilter.of(self.request.query_params, READ.visible_to(self.request.user))


class OneTestItem(APIView):
    """One test item; public."""

    public = True

    @extend_schema(responses=TestItemSerializer)
    def get(self, request: Request, slug: str) -> Response:
        return Response(TestItemSerializer(get_object_or_404(READ.visible_to(request.user), slug=slug)).data)
