"""The API's router: each path has one owner app."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from accounts import api as accounts
from billing import api as billing
from bookings import api as bookings
from instruments import api as instruments
from notifications import api as notifications
from pages import api as pages
from records import api as records

urlpatterns = [
    path("me/", pages.Me.as_view(), name="api_me"),
    path("organisations/", accounts.Organisations.as_view(), name="api_organisations"),
    path("tokens/", accounts.Tokens.as_view(), name="api_tokens"),
    path("tokens/<uuid:token_id>/", accounts.TokenRevocation.as_view(), name="api_token"),
    path("facilities/", instruments.Facilities.as_view(), name="api_facilities"),
    path("categories/", instruments.Categories.as_view(), name="api_categories"),
    path("instruments/", instruments.Instruments.as_view(), name="api_instruments"),
    path(
        "instruments/by-number/<uuid:organisation_id>/<path:inner_number>/",
        instruments.InstrumentByNumber.as_view(),
        name="api_instrument_by_number",
    ),
    path("instrument-imports/", instruments.InstrumentImports.as_view(), name="api_instrument_imports"),
    path("instrument-imports/<uuid:import_id>/", instruments.OneImport.as_view(), name="api_instrument_import"),
    path("instrument-imports/<uuid:import_id>/rows/", instruments.ImportRows.as_view(), name="api_import_rows"),
    path("instrument-imports/<uuid:import_id>/wrong.csv", instruments.WrongRows.as_view(), name="api_import_wrong"),
    path("instrument-imports/<uuid:import_id>/apply/", instruments.ApplyImport.as_view(), name="api_import_apply"),
    path(
        "instrument-imports/<uuid:import_id>/discard/", instruments.DiscardImport.as_view(), name="api_import_discard"
    ),
    path("instruments/<slug:slug>/", instruments.OneInstrument.as_view(), name="api_instrument"),
    path("instruments/<slug:slug>/busy/", instruments.BusyElsewhere.as_view(), name="api_busy"),
    path("instruments/<slug:slug>/pidinst/", instruments.Pidinst.as_view(), name="api_pidinst"),
    path("instruments/<slug:slug>/availability/", bookings.Availability.as_view(), name="api_availability"),
    path("instruments/<slug:slug>/policy/", bookings.PolicyOfInstrument.as_view(), name="api_policy"),
    path("instruments/<slug:slug>/rates/", billing.RatesOfInstrument.as_view(), name="api_rates"),
    path("instruments/<slug:slug>/rates/<int:rate_id>/", billing.OneRate.as_view(), name="api_rate"),
    path("test-items/", instruments.TestItems.as_view(), name="api_test_items"),
    path("test-items/<slug:slug>/", instruments.OneTestItem.as_view(), name="api_test_item"),
    path("openings/", bookings.Openings.as_view(), name="api_openings"),
    path("calendar/", bookings.Calendar.as_view(), name="api_calendar"),
    path("quotes/", bookings.Quotes.as_view(), name="api_quotes"),
    path("wallets/", billing.Wallets.as_view(), name="api_wallets"),
    path("wallets/<uuid:wallet_id>/", billing.OneWallet.as_view(), name="api_wallet"),
    path("wallets/<uuid:wallet_id>/limits/", billing.Limits.as_view(), name="api_wallet_limits"),
    path("fund-codes/", billing.FundCodes.as_view(), name="api_fund_codes"),
    path("charges/", billing.Charges.as_view(), name="api_charges"),
    path("charges/<uuid:charge_id>/", billing.OneCharge.as_view(), name="api_charge"),
    path("charges/<uuid:charge_id>/object/", billing.ChargeObjections.as_view(), name="api_object"),
    path("charges/<uuid:charge_id>/decide/", billing.DecideObjection.as_view(), name="api_decide_objection"),
    path("schemes/", billing.Schemes.as_view(), name="api_schemes"),
    path("bookings/", bookings.Bookings.as_view(), name="api_bookings"),
    path("bookings/<uuid:booking_id>/", bookings.OneBooking.as_view(), name="api_booking"),
    path("bookings/<uuid:booking_id>/submit/", bookings.Submit.as_view(), name="api_submit"),
    path("bookings/<uuid:booking_id>/confirm/", bookings.Confirm.as_view(), name="api_confirm"),
    path("bookings/<uuid:booking_id>/decline/", bookings.Decline.as_view(), name="api_decline"),
    path("bookings/<uuid:booking_id>/ask/", bookings.Ask.as_view(), name="api_ask"),
    path("bookings/<uuid:booking_id>/answer/", bookings.Answer.as_view(), name="api_answer"),
    path("bookings/<uuid:booking_id>/undo/", bookings.Undo.as_view(), name="api_undo"),
    path("bookings/<uuid:booking_id>/accept-change/", bookings.AcceptChange.as_view(), name="api_accept_change"),
    path("bookings/<uuid:booking_id>/cancel/", bookings.Cancel.as_view(), name="api_cancel"),
    path("bookings/<uuid:booking_id>/check-in/", bookings.CheckIn.as_view(), name="api_check_in"),
    path("bookings/<uuid:booking_id>/check-out/", bookings.CheckOut.as_view(), name="api_check_out"),
    path("bookings/<uuid:booking_id>/reassign/", bookings.Reassign.as_view(), name="api_reassign"),
    path("bookings/<uuid:booking_id>/hand-over/", bookings.HandOver.as_view(), name="api_hand_over"),
    path("bookings/<uuid:booking_id>/messages/", bookings.Messages.as_view(), name="api_messages"),
    path("usage-records/", bookings.UsageRecords.as_view(), name="api_usage_records"),
    path("maintenance/", bookings.Maintenance.as_view(), name="api_maintenance"),
    path("faults/", bookings.Faults.as_view(), name="api_faults"),
    path("faults/<uuid:fault_id>/mend/", bookings.MendFault.as_view(), name="api_mend_fault"),
    path("trainings/", bookings.Trainings.as_view(), name="api_trainings"),
    path("feeds/", bookings.Feeds.as_view(), name="api_feeds"),
    path("feeds/<uuid:feed_id>/", bookings.OneFeed.as_view(), name="api_feed"),
    path("changes/", notifications.Changes.as_view(), name="api_changes"),
    path("jobs/", records.Jobs.as_view(), name="api_jobs"),
    path("jobs/<uuid:job_id>/", records.OneJob.as_view(), name="api_job"),
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
