from django.urls import path

from pages.views import catalogue, home, instrument, styleguide

urlpatterns = [
    path("", home.home, name="home"),
    path("landing/", home.landing, name="landing"),
    path("instruments/", catalogue.catalogue, name="catalogue"),
    path("instruments/<slug:slug>/", instrument.instrument, name="instrument"),
    path("demo/mail/", home.demo_mail, name="demo_mail"),
    path("demo/mail/<uuid:mail_id>/", home.demo_mail, name="demo_mail_one"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
]
