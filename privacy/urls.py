from django.urls import path

from privacy import views

urlpatterns = [
    path("privacy/", views.privacy, name="privacy"),
    path("privacy/minors/", views.minors, name="minors"),
    path("privacy/minors/<int:year>.pdf", views.minors_pdf, name="minors_pdf"),
    path("terms/", views.terms, name="terms"),
    path("terms/<str:version>/", views.terms, name="terms_of"),
    path("agree/", views.agree, name="agree"),
    path("account/data/", views.my_data, name="my_data"),
    path("account/data/<uuid:job_id>/", views.fetch, name="fetch_export"),
]
