from django.urls import path

from accounts import views

urlpatterns = [
    path("account/", views.account, name="account"),
    path("account/profile/", views.profile, name="profile"),
    path("account/memberships/", views.claim, name="claim"),
    path("account/firms/", views.register_firm, name="register_firm"),
    path("account/tokens/", views.make_token, name="make_token"),
    path("account/tokens/<uuid:token_id>/revoke/", views.revoke_token, name="revoke_token"),
    path("memberships/<uuid:membership_id>/confirm/", views.confirm_membership, name="confirm_membership"),
    path("memberships/<uuid:membership_id>/end/", views.end_membership, name="end_membership"),
    path("organisations/<uuid:organisation_id>/members/", views.members, name="members"),
    path(
        "organisations/<uuid:organisation_id>/service-accounts/",
        views.make_service_account,
        name="make_service_account",
    ),
    path(
        "organisations/<uuid:organisation_id>/service-accounts/<uuid:user_id>/tokens/",
        views.make_service_token,
        name="make_service_token",
    ),
    path("organisations/<uuid:organisation_id>/calendar/", views.organisation_calendar, name="organisation_calendar"),
    path("organisations/<uuid:organisation_id>/calendar/import/", views.import_calendar, name="import_calendar"),
    path(
        "organisations/<uuid:organisation_id>/calendar/<uuid:day_id>/remove/",
        views.remove_calendar_day,
        name="remove_calendar_day",
    ),
    path("groups/<uuid:group_id>/", views.group, name="group"),
    path("groups/<uuid:group_id>/admit/", views.admit, name="admit"),
    path("groups/<uuid:group_id>/members/<uuid:user_id>/dismiss/", views.dismiss, name="dismiss"),
]
