"""The API's router: each path has one owner app."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from accounts import api as accounts
from bookings import api as bookings
from instruments import api as instruments
from notifications import api as notifications
from pages import api as pages

urlpatterns = [
    path("me/", pages.Me.as_view(), name="api_me"),
    path("organisations/", accounts.Organisations.as_view(), name="api_organisations"),
    path("tokens/", accounts.Tokens.as_view(), name="api_tokens"),
    path("tokens/<uuid:token_id>/", accounts.TokenRevocation.as_view(), name="api_token"),
    path("facilities/", instruments.Facilities.as_view(), name="api_facilities"),
    path("categories/", instruments.Categories.as_view(), name="api_categories"),
    path("instruments/", instruments.Instruments.as_view(), name="api_instruments"),
    path("instruments/<slug:slug>/", instruments.OneInstrument.as_view(), name="api_instrument"),
    path("instruments/<slug:slug>/availability/", bookings.Availability.as_view(), name="api_availability"),
    path("instruments/<slug:slug>/policy/", bookings.PolicyOfInstrument.as_view(), name="api_policy"),
    path("bookings/", bookings.Bookings.as_view(), name="api_bookings"),
    path("bookings/<uuid:booking_id>/", bookings.OneBooking.as_view(), name="api_booking"),
    path("bookings/<uuid:booking_id>/confirm/", bookings.Confirm.as_view(), name="api_confirm"),
    path("bookings/<uuid:booking_id>/decline/", bookings.Decline.as_view(), name="api_decline"),
    path("bookings/<uuid:booking_id>/cancel/", bookings.Cancel.as_view(), name="api_cancel"),
    path("changes/", notifications.Changes.as_view(), name="api_changes"),
    path("webhooks/", notifications.Webhooks.as_view(), name="api_webhooks"),
    path("webhooks/<uuid:webhook_id>/", notifications.OneWebhook.as_view(), name="api_webhook"),
    path("webhooks/<uuid:webhook_id>/rotate/", notifications.RotateSecret.as_view(), name="api_rotate_secret"),
    path("webhooks/<uuid:webhook_id>/deliveries/", notifications.Deliveries.as_view(), name="api_deliveries"),
    path(
        "webhooks/<uuid:webhook_id>/deliveries/<uuid:delivery_id>/replay/",
        notifications.Replay.as_view(),
        name="api_replay",
    ),
    path("schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api_schema"), name="api_docs"),
]
