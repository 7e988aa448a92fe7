from django.urls import URLPattern, URLResolver, include, path

from accounts.views import calendars, campus, firms, joining, people, programs, rosters, sessions

urlpatterns = [
    path("account/", people.account, name="account"),
    path("account/sessions/<int:device_id>/end/", sessions.end_session, name="end_session"),
    path("accounts/campus/add/<slug:slug>/", campus.add_campus, name="add_campus"),
    path("accounts/join/", joining.join_by_phone, name="join_by_phone"),
    path("account/ways/", people.ways, name="ways"),
    path("account/profile/", people.profile, name="profile"),
    path("account/memberships/", people.claim, name="claim"),
    path("account/firms/", people.register_firm, name="register_firm"),
    path("account/tokens/", people.make_token, name="make_token"),
    path("account/tokens/<uuid:token_id>/revoke/", people.revoke_token, name="revoke_token"),
    path("account/tokens/<uuid:token_id>/rotate/", programs.rotate_token, name="rotate_token"),
    path("webhooks/", programs.webhooks, name="webhooks"),
    path("webhooks/<uuid:webhook_id>/", programs.webhook, name="webhook"),
    path("webhooks/<uuid:webhook_id>/deliveries/<uuid:delivery_id>/", programs.delivery, name="webhook_delivery"),
    path(
        "webhooks/<uuid:webhook_id>/deliveries/<uuid:delivery_id>/replay/",
        programs.replay_delivery,
        name="replay_delivery",
    ),
    path("memberships/<uuid:membership_id>/confirm/", people.confirm_membership, name="confirm_membership"),
    path("memberships/<uuid:membership_id>/end/", people.end_membership, name="end_membership"),
    path("memberships/<uuid:membership_id>/second-step/", people.take_factors_away, name="take_factors_away"),
    path("organisations/<uuid:organisation_id>/members/", people.members, name="members"),
    path(
        "organisations/<uuid:organisation_id>/service-accounts/",
        programs.service_accounts,
        name="service_accounts",
    ),
    path(
        "organisations/<uuid:organisation_id>/service-accounts/<uuid:user_id>/",
        programs.service_account,
        name="service_account",
    ),
    path(
        "organisations/<uuid:organisation_id>/service-accounts/<uuid:user_id>/tokens/",
        programs.make_service_token,
        name="make_service_token",
    ),
    path("organisations/<uuid:organisation_id>/firm/", firms.firm, name="firm"),
    path("organisations/<uuid:organisation_id>/firm/letter.pdf", firms.letter, name="firm_letter"),
    path("officer/firms/", firms.queue, name="firm_queue"),
    path("officer/firms/<uuid:verification_id>/", firms.to_verify, name="firm_to_verify"),
    path("officer/firms/<uuid:verification_id>/<slug:which>/", firms.shown_file, name="firm_file"),
    path("holidays/", calendars.holidays, name="holidays"),
    path(
        "organisations/<uuid:organisation_id>/calendar/", calendars.organisation_calendar, name="organisation_calendar"
    ),
    path("organisations/<uuid:organisation_id>/calendar/import/", calendars.import_calendar, name="import_calendar"),
    path(
        "organisations/<uuid:organisation_id>/calendar/<uuid:day_id>/remove/",
        calendars.remove_calendar_day,
        name="remove_calendar_day",
    ),
    path("organisations/<uuid:organisation_id>/roster/", rosters.roster, name="roster"),
    path("organisations/<uuid:organisation_id>/roster/<uuid:import_id>/", rosters.roster_import, name="roster_import"),
    path("groups/<uuid:group_id>/", people.group, name="group"),
    path("groups/<uuid:group_id>/admit/", people.admit, name="admit"),
    path("groups/<uuid:group_id>/members/<uuid:user_id>/dismiss/", people.dismiss, name="dismiss"),
]

# Written into the settings of identity providers, so without a language.
campus_patterns: list[URLPattern | URLResolver] = [
    path("oidc/<slug:provider_id>/login/", campus.oidc_login, name="openid_connect_login"),
    path("oidc/<slug:provider_id>/callback/", campus.oidc_callback, name="openid_connect_callback"),
    path("cas/<slug:slug>/login/", campus.cas_login, name="cas_login"),
    path("cas/<slug:slug>/callback/", campus.cas_callback, name="cas_callback"),
    path("", include("allauth.socialaccount.providers.saml.urls")),
]
