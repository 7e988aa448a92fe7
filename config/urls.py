"""Every address of the portal: pages in both languages, the API and what machines ask."""

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.contrib.auth.models import Group
from django.contrib.sitemaps.views import index, sitemap
from django.urls import include, path
from django.views.decorators.http import require_safe

from accounts.urls import campus_patterns
from accounts.views.people import choose_language
from bookings.urls import feed_patterns
from pages.adapters import SITEMAPS
from pages.views.machines import live, metrics, ready, robots

# Groups are unused; addresses, second factors and sessions are their people's: the reading room has no form for either.
admin.site.unregister([Group, EmailAddress, Authenticator, UserSession, SocialAccount, SocialApp, SocialToken])
# One door: the admin's sign-in is allauth's, with its limits and its confirmed address.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("api/v1/", include("config.api")),
    path("sitemap.xml", require_safe(index), {"sitemaps": SITEMAPS}, name="sitemap_index"),
    path(
        "sitemap-<section>.xml",
        require_safe(sitemap),
        {"sitemaps": SITEMAPS},
        name="django.contrib.sitemaps.views.sitemap",
    ),
    path("robots.txt", robots, name="robots"),
    path("health/live", live, name="live"),
    path("health/ready", ready, name="ready"),
    path("metrics", metrics, name="metrics"),
    path("", include(feed_patterns)),
    path("campus/", include(campus_patterns)),
    path("", include("records.urls")),
    path("language/", choose_language, name="choose_language"),
    *i18n_patterns(
        path("", include("pages.urls")),
        path("", include("privacy.urls")),
        path("", include("orders.urls")),
        path("", include("outreach.urls")),
        path("", include("bookings.urls")),
        path("", include("billing.urls")),
        path("", include("instruments.urls")),
        path("", include("notifications.urls")),
        path("", include("accounts.urls")),
        path("accounts/", include("allauth.account.urls")),
        path("accounts/2fa/", include("allauth.mfa.urls")),
        path("accounts/campus/", include("allauth.socialaccount.urls")),
        path("accounts/sessions/", include("allauth.usersessions.urls")),
        path("admin/", admin.site.urls),
        prefix_default_language=False,
    ),
]

handler400 = "pages.views.errors.unreadable"
handler403 = "pages.views.errors.forbidden"
handler404 = "pages.views.errors.not_found"
handler500 = "pages.views.errors.broken"
