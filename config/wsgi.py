"""The web server's way in."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()
# All views are read before anybody asks: else those who ask first wait for it, a second and longer.
get_resolver().url_patterns  # noqa: B018
