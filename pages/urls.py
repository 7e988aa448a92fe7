from django.urls import path

from pages import views

urlpatterns = [
    path("", views.home, name="home"),
    path("landing/", views.landing, name="landing"),
    path("instruments/", views.catalogue, name="catalogue"),
    path("instruments/<slug:slug>/", views.instrument, name="instrument"),
    path("demo/mail/", views.demo_mail, name="demo_mail"),
    path("demo/mail/<uuid:mail_id>/", views.demo_mail, name="demo_mail_one"),
]
