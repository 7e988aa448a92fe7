from django.urls import path

from pages.views import catalogue, home, instrument, styleguide
from pages.views.help import help_index, help_picture, help_role

urlpatterns = [
    path("", home.home, name="home"),
    path("landing/", home.landing, name="landing"),
    path("instruments/", catalogue.catalogue, name="catalogue"),
    path("instruments/<slug:slug>/", instrument.instrument, name="instrument"),
    path("demo/mail/", home.demo_mail, name="demo_mail"),
    path("demo/mail/<uuid:mail_id>/", home.demo_mail, name="demo_mail_one"),
    path("help/", help_index, name="help"),
    path("help/<slug:role>/", help_role, name="help_role"),
    path("help/pictures/<slug:name>.png", help_picture, name="help_picture"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
]
