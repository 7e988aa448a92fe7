from django.urls import path

from bookings.views import (
    acts,
    asking,
    boards,
    charts,
    ending,
    hours,
    inbox,
    lab,
    own,
    reading,
    rules,
    tables,
    training,
    work,
)

AN_INSTRUMENT, A_BOOKING, A_LAB = "instruments/<slug:slug>/", "bookings/<uuid:booking_id>/", "lab/<slug:facility>/"

urlpatterns = [
    path("find/", reading.find, name="find"),
    path(f"{AN_INSTRUMENT}book/", asking.new_booking, name="new_booking"),
    path(f"{AN_INSTRUMENT}book/objections/", asking.objections, name="objections"),
    path(f"{AN_INSTRUMENT}rules/", reading.policy, name="policy"),
    path(f"{AN_INSTRUMENT}here/", work.at_the_instrument, name="at_the_instrument"),
    path(f"{AN_INSTRUMENT}label.pdf", work.label, name="label"),
    path(f"{AN_INSTRUMENT}logbook/", work.logbook, name="logbook"),
    path(f"{AN_INSTRUMENT}history/", reading.instrument_history, name="instrument_history"),
    path(f"{AN_INSTRUMENT}training/", training.ask_for_training, name="ask_for_training"),
    path(f"{AN_INSTRUMENT}faults/", work.faults, name="faults"),
    path("faults/<uuid:fault_id>/", work.close_or_mend, name="close_or_mend"),
    path(f"{AN_INSTRUMENT}maintenance/", work.maintenance, name="maintenance"),
    path(f"{AN_INSTRUMENT}retire/", ending.retire, name="retire"),
    path(f"{AN_INSTRUMENT}merge/", ending.merge, name="merge"),
    path(f"{AN_INSTRUMENT}use/", work.use, name="use"),
    path(f"{AN_INSTRUMENT}walk-in/", work.walk_in, name="walk_in"),
    path("bookings/", own.my_bookings, name="my_bookings"),
    path(A_BOOKING, own.booking, name="booking"),
    path(f"{A_BOOKING}slip.pdf", own.slip, name="slip"),
    path(f"{A_BOOKING}move/", asking.move, name="move"),
    path(f"{A_BOOKING}move/objections/", asking.objections_to_move, name="objections_to_move"),
    path(f"{A_BOOKING}history/", reading.booking_history, name="booking_history"),
    *(path(f"{A_BOOKING}{name.replace('_', '-')}/", acts.act, {"act": name}, name=name) for name in acts.ACTS),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/confirm/", inbox.confirm_many, name="confirm_many"),
    path("trainings/", training.my_trainings, name="my_trainings"),
    path("calendars/", acts.feeds, name="feeds"),
    path("calendars/make/", acts.make_feed, name="make_feed"),
    path("calendars/<uuid:feed_id>/revoke/", acts.revoke_feed, name="revoke_feed"),
    path("lab/", lab.laboratories, name="laboratories"),
    path(f"{A_LAB}rules/", rules.rules, name="facility_rules"),
    path(f"{A_LAB}rules/<slug:slug>/", rules.rules, name="instrument_rules"),
    path(f"{A_LAB}rules-preview/", rules.rules_preview, name="facility_rules_preview"),
    path(f"{A_LAB}rules-preview/<slug:slug>/", rules.rules_preview, name="instrument_rules_preview"),
    path(f"{A_LAB}hours/", hours.hours, name="facility_hours"),
    path(f"{A_LAB}hours/<slug:slug>/", hours.hours, name="instrument_hours"),
    path(f"{A_LAB}charts/", charts.charts, name="charts"),
    path(f"{A_LAB}operators/", lab.operators, name="operators"),
    path(f"{A_LAB}training/", training.facility_training, name="facility_training"),
    path(
        "organisations/<uuid:organisation_id>/training/", training.organisation_training, name="organisation_training"
    ),
    path("city/training/", training.city_training, name="city_training"),
    path(f"{A_LAB}import/", tables.import_use, name="import_use"),
    path(f"{A_LAB}import/<uuid:job_id>/wrong.csv", tables.wrong_rows, name="wrong_rows"),
    path(f"{A_LAB}today/", boards.day_board, name="day_board"),
    path(f"{A_LAB}timeline/", boards.lab_timeline, name="lab_timeline"),
    path("timeline/", boards.timeline, name="timeline"),
    path(f"{A_LAB}problems/", work.problems, name="problems"),
    path("use/<uuid:record_id>/settle/", work.settle, name="settle"),
]

# Outside the languages' prefixes: addresses that programs and screens keep.
feed_patterns = [
    path("feeds/<str:secret>.ics", reading.feed, name="feed"),
    path("wall/<str:secret>/", boards.wall, name="wall"),
]
