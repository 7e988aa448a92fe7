from django.urls import path

from notifications import views

urlpatterns = [
    path("notices/", views.notices, name="notices"),
    path("notices/read/", views.mark_read, name="mark_read"),
]
