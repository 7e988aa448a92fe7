"""Settings for NEMO, in its own environment: its own for tests, on our PostgreSQL, with what its makers' settings for a
real server (`resources/settings.py` of its repository) have besides, its audit log above all.

They keep no connection between requests; PEER_KEEPS says for how many seconds this one does.
"""

from os import environ

from NEMO.tests.test_settings import *  # noqa: F403
from NEMO.tests.test_settings import INSTALLED_APPS, MIDDLEWARE, REST_FRAMEWORK

DEBUG = False
INSTALLED_APPS = [*INSTALLED_APPS, "rest_framework.authtoken", "auditlog"]
MIDDLEWARE = [*MIDDLEWARE, "NEMO.middleware.NEMOAuditlogMiddleware"]
ALLOWED_HOSTS = ["127.0.0.1"]
TIME_ZONE = "Asia/Shanghai"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": int(environ["PEER_KEEPS"]),
        "CONN_HEALTH_CHECKS": True,
        **{name: environ[f"PEER_{name}"] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")},
    }
}
REST_FRAMEWORK = {
    **REST_FRAMEWORK,
    "PAGE_SIZE": 100,
    "DEFAULT_FILTER_BACKENDS": ("NEMO.rest_filter_backend.NEMOFilterBackend",),
    "DEFAULT_PAGINATION_CLASS": "NEMO.rest_pagination.NEMOPageNumberPagination",
}
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
MEDIA_ROOT = "media"
LOGGING = {"version": 1, "disable_existing_loggers": True}
