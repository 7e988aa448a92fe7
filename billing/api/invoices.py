"""REST: invoices and the runs that make them, credit notes."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Organisation
from accounts.states import Scope
from billing import services
from billing.api import shapes_of_invoices as shapes
from billing.api.wallets import ByMade
from billing.filters import InvoiceFilter
from billing.models import CreditNote, Invoice, InvoiceRun
from billing.permissions import may_receive
from billing.querysets import books_of
from common.api import body_of, refuse_a_body
from common.errors import WrongInput
from common.web import printed
from records.api import KEY, answered
from records.services import Answer


class Invoices(ListAPIView[Invoice]):
    """Those that the caller's wallets pay, and those of the institution whose books they keep."""

    scope = Scope.BILLING
    serializer_class = shapes.InvoiceSerializer
    pagination_class = ByMade
    queryset = Invoice.objects.none()
    filterset_class = InvoiceFilter

    def get_queryset(self) -> QuerySet[Invoice]:
        if getattr(self, "swagger_fake_view", False):
            return Invoice.objects.none()
        return Invoice.objects.visible_to(self.request.user).with_everything()


class OneInvoice(APIView):
    scope = Scope.BILLING

    @extend_schema(responses=shapes.OneInvoiceSerializer)
    def get(self, request: Request, invoice_id: UUID) -> Response:
        return Response(_shown(request, invoice_of(request, invoice_id)))


class InvoicePdf(APIView):
    """The invoice on paper, in Chinese."""

    scope = Scope.BILLING

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, invoice_id: UUID) -> HttpResponse:
        found = invoice_of(request, invoice_id)
        if not found.number:
            return printed(services.paper_of(found), "draft.pdf")
        return printed(services.keep_paper(found).path.read_bytes(), f"{found.reference}.pdf")


class IssueInvoice(APIView):
    """Give one draft its number; from then on it stands. The payer is told."""

    scope = Scope.BILLING

    @extend_schema(request=None, responses=shapes.OneInvoiceSerializer, parameters=[KEY])
    def post(self, request: Request, invoice_id: UUID) -> Response:
        found = invoice_of(request, invoice_id)
        refuse_a_body(request)

        def act() -> Answer:
            services.issue_invoice(found, by=request.user)
            return Answer(status.HTTP_200_OK, _shown(request, invoice_of(request, invoice_id)))

        return answered(request, act)


class SettleInvoice(APIView):
    """An internal transfer: the voucher's number came back, and the invoice is paid."""

    scope = Scope.BILLING

    @extend_schema(request=shapes.VoucherSerializer, responses=shapes.OneInvoiceSerializer, parameters=[KEY])
    def post(self, request: Request, invoice_id: UUID) -> Response:
        given = body_of(shapes.VoucherSerializer, request)
        found = invoice_of(request, invoice_id)

        def act() -> Answer:
            services.settle_internally(found, voucher=given["voucher"], by=request.user)
            return Answer(status.HTTP_200_OK, _shown(request, invoice_of(request, invoice_id)))

        return answered(request, act)


class CreditInvoice(APIView):
    """Take an invoice back, all of it or some of its lines: a credit note in its own series."""

    scope = Scope.BILLING

    @extend_schema(request=shapes.NewCreditSerializer, responses={201: shapes.CreditNoteSerializer}, parameters=[KEY])
    def post(self, request: Request, invoice_id: UUID) -> Response:
        given = body_of(shapes.NewCreditSerializer, request)
        found = invoice_of(request, invoice_id)
        lines = given.get("lines")
        amounts = {each["position"]: each["amount"] for each in lines} if lines else None

        def act() -> Answer:
            note = services.credit(found, by=request.user, reason=given["reason"], amounts=amounts)
            return Answer(status.HTTP_201_CREATED, dict(shapes.CreditNoteSerializer(note).data))

        return answered(request, act)


class CreditNotes(ListAPIView[CreditNote]):
    """Of the invoices that the caller sees."""

    scope = Scope.BILLING
    serializer_class = shapes.CreditNoteSerializer
    pagination_class = ByMade
    queryset = CreditNote.objects.none()

    def get_queryset(self) -> QuerySet[CreditNote]:
        if getattr(self, "swagger_fake_view", False):
            return CreditNote.objects.none()
        return CreditNote.objects.visible_to(self.request.user)


class InvoiceRuns(ListAPIView[InvoiceRun]):
    """Runs of the institution whose books the caller keeps; POST begins one, and a worker makes the drafts."""

    scope = Scope.BILLING
    serializer_class = shapes.RunSerializer
    pagination_class = ByMade
    queryset = InvoiceRun.objects.none()

    def get_queryset(self) -> QuerySet[InvoiceRun]:
        if getattr(self, "swagger_fake_view", False):
            return InvoiceRun.objects.none()
        return InvoiceRun.objects.visible_to(self.request.user)

    @extend_schema(request=shapes.NewRunSerializer, responses={201: shapes.RunSerializer}, parameters=[KEY])
    def post(self, request: Request) -> Response:
        given = body_of(shapes.NewRunSerializer, request)
        seller = seller_of(request, given["seller"])

        def act() -> Answer:
            run = services.start_run(seller, month=given["month"], by=request.user)
            return Answer(status.HTTP_201_CREATED, dict(shapes.RunSerializer(run).data))

        return answered(request, act)


class IssueRun(APIView):
    """Have all drafts of a run issued by a worker; the answer's `job` says how far it is."""

    scope = Scope.BILLING

    @extend_schema(request=None, responses={202: shapes.RunSerializer}, parameters=[KEY])
    def post(self, request: Request, run_id: UUID) -> Response:
        found = get_object_or_404(InvoiceRun.objects.visible_to(request.user), pk=run_id)
        refuse_a_body(request)

        def act() -> Answer:
            services.issue_run(found, by=request.user)
            found.refresh_from_db()
            return Answer(status.HTTP_202_ACCEPTED, dict(shapes.RunSerializer(found).data))

        return answered(request, act)


def invoice_of(request: Request, invoice_id: UUID) -> Invoice:
    return get_object_or_404(Invoice.objects.visible_to(request.user).with_everything(), pk=invoice_id)


def seller_of(request: Request, organisation_id: UUID) -> Organisation:
    """A seller whose books the caller keeps, named in a body."""
    found = Organisation.objects.filter(pk__in=books_of(request.user), pk=organisation_id).first()
    if found is None:
        raise WrongInput("seller", "invalid", _("There is no organisation of this id whose books you keep."))
    return found


def _shown(request: Request, found: Invoice) -> dict[str, object]:
    return shapes.one_invoice(found, all_lines=may_receive(request.user, found.seller))
