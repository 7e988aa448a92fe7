from django.urls import re_path

from records import views

urlpatterns = [
    re_path(
        r"^files/(?P<sha256>[0-9a-f]{64})\.(?P<extension>jpg|png|webp|pdf|csv|txt|xlsx|docx)$",
        views.public_file,
        name="public_file",
    ),
]
