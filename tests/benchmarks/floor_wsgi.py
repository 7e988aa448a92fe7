"""The floor as an application: the portal's models and database, and nothing of its middleware."""

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

django.setup()
settings.MIDDLEWARE, settings.ROOT_URLCONF = [], "tests.benchmarks.floor"
application = WSGIHandler()
