"""Pages of money; `config/urls.py` puts them under each language."""

from django.urls import path

from billing.views import invoices

urlpatterns = [
    path("invoices/<uuid:invoice_id>/", invoices.invoice, name="invoice"),
    path("invoices/<uuid:invoice_id>/pdf/", invoices.invoice_pdf, name="invoice_pdf"),
]
