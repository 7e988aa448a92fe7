from django.urls import path

from privacy import views

urlpatterns = [
    path("privacy/", views.privacy, name="privacy"),
    path("account/data/", views.my_data, name="my_data"),
    path("account/data/<uuid:job_id>/", views.fetch, name="fetch_export"),
]
