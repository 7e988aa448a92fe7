from django.urls import path

from bookings import views

urlpatterns = [
    path("instruments/<slug:slug>/book/", views.new_booking, name="new_booking"),
    path("bookings/", views.my_bookings, name="my_bookings"),
    path("bookings/<uuid:booking_id>/", views.booking, name="booking"),
    path("bookings/<uuid:booking_id>/cancel/", views.cancel, name="cancel"),
    path("bookings/<uuid:booking_id>/confirm/", views.confirm, name="confirm"),
    path("bookings/<uuid:booking_id>/decline/", views.decline, name="decline"),
    path("inbox/", views.inbox, name="inbox"),
]
