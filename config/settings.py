"""All settings, from the environment only (see docs/settings.md)."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from common.logs import logging_at
from common.sealed import CIPHERS, USUAL
from config.campus import campuses
from config.given import flag, listed, said

BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = flag("DEBUG")
SECRET_KEY = said("SECRET_KEY")
if len(SECRET_KEY) < 32 or len(set(SECRET_KEY)) < 10 or SECRET_KEY.startswith("django-insecure-"):
    raise ImproperlyConfigured("SECRET_KEY must be set to a random secret of at least 32 characters.")
ALLOWED_HOSTS = listed("ALLOWED_HOSTS")
if "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts; '*' is refused.")
SITE_URL = said("SITE_URL", "http://127.0.0.1:8000").rstrip("/")
HTTPS = SITE_URL.startswith("https://")
if DEBUG and HTTPS:
    raise ImproperlyConfigured("DEBUG must be off where SITE_URL is https.")
DATA_DIR = Path(said("DATA_DIR", str(BASE_DIR / ".data")))
FIELD_KEYS = listed("FIELD_KEYS")  # the first seals, all of them open: docs/settings.md
if not FIELD_KEYS or any(len(key) < 32 for key in FIELD_KEYS):
    raise ImproperlyConfigured("FIELD_KEYS must be set to secrets of at least 32 characters, the newest first.")
FIELD_CIPHER = said("FIELD_CIPHER", USUAL)
if FIELD_CIPHER not in CIPHERS:
    raise ImproperlyConfigured(f"FIELD_CIPHER must be one of {', '.join(CIPHERS)}.")

# --- Applications -----------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    *("pages", "privacy", "orders", "outreach", "bookings", "billing", "instruments", "accounts", "notifications"),
    *("records", "common"),
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    *("allauth", "allauth.account", "allauth.mfa", "allauth.usersessions", "allauth.socialaccount"),
    *(f"allauth.socialaccount.providers.{name}" for name in ("openid_connect", "saml")),
    *("csp", "django_filters", "rest_framework", "django.contrib.sitemaps"),
    *("drf_spectacular", "drf_spectacular_sidecar"),
    *("pghistory", "pgtrigger"),
]

MIDDLEWARE = [
    "common.watching.Watch",
    # What guards an answer stands outside of whatever may give one: redirections and pages of errors too.
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.adapters.staying.StaySignedIn",
    "accounts.adapters.asking.ReaderMiddleware",
    "common.https.ApiOverHttps",
    "accounts.adapters.second_factor.SecondFactorMiddleware",
    "pages.adapters.WayBackMiddleware",
    "pages.adapters.RightClock",
    "privacy.adapters.AskToAgree",
    "common.watching.History",
    "common.limits.LimitHeaders",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["common.templatetags.house"],
        },
    }
]

# --- Database, cache, files -------------------------------------------------------------------------------------------

DATABASE_URL = said("DATABASE_URL", "postgres://jishi@127.0.0.1:5432/jishi")
DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=600, conn_health_checks=True)}
DATABASES["default"].setdefault("OPTIONS", {})["application_name"] = "jishi"  # beside what the address says of TLS

REDIS_URL, QUEUE = said("REDIS_URL", "redis://127.0.0.1:6379/0"), "jishi"
if REDIS_URL.startswith("rediss:") and "ssl_cert_reqs=" not in REDIS_URL:  # kombu would look at no certificate
    REDIS_URL += ("&" if "?" in REDIS_URL else "?") + "ssl_cert_reqs=required"
CACHES = {
    "default": {
        "BACKEND": "accounts.adapters.signing_in.CacheOrNone",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "jishi",
        # Redis may be down and bookings go on: a cache that cannot be reached is an empty one.
        "OPTIONS": {"IGNORE_EXCEPTIONS": True, "SOCKET_CONNECT_TIMEOUT": 1, "SOCKET_TIMEOUT": 1},
    }
}

STATIC_URL, STATIC_ROOT, STATICFILES_DIRS = "static/", BASE_DIR / ".static", [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": DATA_DIR / "files"}},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["common.uploads.UploadWithinLimit"]
X_ACCEL_PREFIX, CLAMD_URL = said("X_ACCEL_PREFIX"), said("CLAMD_URL")  # docs/settings.md

# --- Language and time ------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# --- Who is asking ----------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.adapters.second_factor.Backend"]
VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": f"{VALIDATION}.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["name", "email", "phone"]},
    },
    {"NAME": f"{VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": f"{VALIDATION}.CommonPasswordValidator"},
    {"NAME": f"{VALIDATION}.NumericPasswordValidator"},
    {"NAME": "accounts.adapters.passwords.NotBreached"},
]
BREACHED_PASSWORDS = said("BREACHED_PASSWORDS")  # a file: docs/running-it.md
LOGIN_URL, LOGIN_REDIRECT_URL = "account_login", "landing"
ACCOUNT_ADAPTER = "accounts.adapters.signing_in.AccountAdapter"
OURS = {"login": "Login", "add_email": "AddEmail", "confirm_login_code": "CodeBack", "verify_phone": "PhoneBack"}
ACCOUNT_FORMS = {name: f"accounts.forms.{ours}Form" for name, ours in OURS.items()}
OURS = {"signup": "held_up.Signup", "reset_password": "held_up.ResetPassword"}
OURS |= {"request_login_code": "by_code.CodeRequest"}
ACCOUNT_FORMS |= {name: f"accounts.adapters.{ours}Form" for name, ours in OURS.items()}
ACCOUNT_LOGIN_METHODS, ACCOUNT_SIGNUP_FIELDS = {"email", "phone"}, ["email*", "phone", "password1*"]
ACCOUNT_LOGIN_BY_CODE_ENABLED, ACCOUNT_LOGIN_BY_CODE_TIMEOUT, ACCOUNT_PHONE_VERIFICATION_TIMEOUT = True, 600, 600
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = "accounts.adapters.signing_in.display_name"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CONFIRM_EMAIL_ON_GET = ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = False
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": "10/m/ip,10/m/key", "change_phone": "5/m/user"}
ACCOUNT_RATE_LIMITS |= dict.fromkeys(("request_login_code", "verify_phone"), "60/m/ip,5/h/key")
CAMPUSES = campuses(said("CAMPUS_SIGN_ON"))  # a file: docs/running-it.md
SOCIALACCOUNT_ADAPTER = "accounts.adapters.campus.CampusAdapter"
OURS = {"openid_connect": "CampusOIDC", "saml": "CampusSAML"}
SOCIALACCOUNT_PROVIDERS = {name: {"provider_class": f"accounts.adapters.campus.{ours}"} for name, ours in OURS.items()}
SOCIALACCOUNT_FORMS, SOCIALACCOUNT_EMAIL_REQUIRED = {"signup": "accounts.forms.CampusSignupForm"}, False
# The first visit asks for a name; and a form that leads to another site would be refused by our own form-action.
SOCIALACCOUNT_AUTO_SIGNUP, SOCIALACCOUNT_LOGIN_ON_GET = False, True
MFA_ADAPTER, MFA_ALLOW_UNVERIFIED_EMAIL = "accounts.adapters.second_factor.MFAAdapter", True
MFA_SUPPORTED_TYPES, MFA_PASSKEY_LOGIN_ENABLED = ["totp", "webauthn", "recovery_codes"], True
MFA_TOTP_TOLERANCE, MFA_RECOVERY_CODES_SHOW_ONCE = 1, True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
OURS = {"authenticate": "SecondFactorForm", "reauthenticate": "SecondFactorAgainForm"}
MFA_FORMS = {name: f"accounts.adapters.second_factor.{ours}" for name, ours in OURS.items()}
MFA_FORMS |= {"activate_totp": "accounts.forms.SetUpAppForm", "add_webauthn": "accounts.forms.NewKeyForm"}
# How many proxies of ours stand before the portal: as many addresses of X-Forwarded-For are believed.
ALLAUTH_TRUSTED_PROXY_COUNT = int(said("TRUSTED_PROXIES", "0"))
SESSION_ENGINE = "accounts.adapters.sessions"
SESSION_COOKIE_AGE = 31 * 86_400  # `accounts.rules` ends it sooner; who comes back a day late still reads why

# --- Safety -----------------------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
if HTTPS:  # no other host can set a cookie of such a name
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS and flag("HSTS_SUBDOMAINS", otherwise=True)
SECURE_SSL_REDIRECT = HTTPS
# Asked inside the machine, where nobody speaks https; and the API, which refuses instead (common/https.py).
SECURE_REDIRECT_EXEMPT = [r"^health/(live|ready)$", r"^metrics$", r"^api/"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = [SITE_URL] if HTTPS else []
# To have the name preloaded by browsers is the city's decision, not the portal's.
SILENCED_SYSTEM_CHECKS = ["security.W021"]

# Who sends it as `Authorization: Bearer …` may read /metrics; without one only this machine may.
METRICS_TOKEN = said("METRICS_TOKEN")
if METRICS_TOKEN and len(METRICS_TOKEN) < 32:
    raise ImproperlyConfigured("METRICS_TOKEN must be a secret of at least 32 characters.")

# --- Mail -------------------------------------------------------------------------------------------------------------

# Without EMAIL_URL the worker really writes each mail into a folder; the demo's mail page shows them.
EMAIL_URL = said("EMAIL_URL")
EMAIL = urlsplit(EMAIL_URL)
EMAIL_BACKEND = "django.core.mail.backends." + ("smtp.EmailBackend" if EMAIL_URL else "filebased.EmailBackend")
EMAIL_FILE_PATH = DATA_DIR / "mail"
EMAIL_HOST, EMAIL_PORT = EMAIL.hostname or "localhost", EMAIL.port or 25
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(EMAIL.username or ""), unquote(EMAIL.password or "")
EMAIL_USE_SSL, EMAIL_USE_TLS = EMAIL.scheme == "smtps", EMAIL.scheme == "smtp+tls"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = said("EMAIL_FROM", "Jishi <no-reply@jishi.invalid>")

# Without SMS_URL no text message leaves; the demo's mail page shows them, where mails stay here too.
SMS_URL = said("SMS_URL")
TEXTS_ARRIVE = bool(SMS_URL) or not EMAIL_URL
# Where webhooks and owners' calendars may lead, and whether an address alone opens a calendar: docs/settings.md.
OUTBOUND_HOSTS = [host.lower() for host in listed("OUTBOUND_HOSTS")]
SECRETS_IN_ADDRESSES = flag("SECRETS_IN_ADDRESSES", otherwise=True)

# --- API --------------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.adapters.asking.TokenAuthentication",
        "accounts.adapters.asking.Session",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.adapters.asking.WithinScope"],
    "DEFAULT_THROTTLE_CLASSES": ["common.limits.Limits"],
    "NUM_PROXIES": ALLAUTH_TRUSTED_PROXY_COUNT,
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["common.parsers.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "common.api.CursorPages",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "common.api.problem",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
# Choices that the API calls as the code does.
NAMED_ALIKE = {
    "accounts": "CustomerCategory",
    "billing": "ChargeState FapiaoKind FapiaoState InvoiceState PaymentKind SettlementKind",
    "bookings": "Purpose",
    "notifications": "EventKind Way",
    "orders": "AnswerState OfferState OrderState RequestState SampleState",
    "outreach": "ProgrammeKind SessionState EnrolmentState",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Jishi",
    "DESCRIPTION": "Find and book the instruments that a science city shares. See `docs/api.md`.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "notifications.api.with_webhooks",
        "common.api.with_problems",
    ],
    "ENUM_NAME_OVERRIDES": {
        **{name: f"{room}.states.{name}" for room, names in NAMED_ALIKE.items() for name in names.split()},
        "BookingState": "bookings.states.State",
        "FundCodeKind": "billing.states.FundKind",
        "InvoiceLineState": "billing.states.LineState",
        "InvoiceRunState": "billing.states.RunState",
        "DeliveryStateEnum": "notifications.states.DeliveryState",
        "DeliveryOfSamples": "orders.states.Delivery",
        "InstrumentKind": "instruments.states.Kind",
        "PurposeAskedFor": "bookings.states.ASKED_CHOICES",
    },
}

# --- Logs -------------------------------------------------------------------------------------------------------------

LOGGING = logging_at(said("LOG_LEVEL", "WARNING"))
