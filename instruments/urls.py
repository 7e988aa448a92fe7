"""Pages of the registry."""

from django.urls import URLPattern, path

from instruments.views import boards, editing, favourites, files, importing, items, rounds, staff

A_LAB, AN_INSTRUMENT, AN_ITEM = "lab/<slug:facility>/", "instruments/<slug:slug>/", "items/<slug:slug>/"
AN_IMPORT, A_ROUND = "instrument-imports/<uuid:import_id>/", "rounds/<uuid:round_id>/"

urlpatterns: list[URLPattern] = [
    path(f"{A_LAB}records/", editing.records, name="records"),
    path(f"{A_LAB}instruments/new/", editing.new_instrument, name="new_instrument"),
    path(f"{A_LAB}items/new/", items.new_item, name="new_item"),
    path(f"{A_LAB}contact/", editing.facility_contact, name="facility_contact"),
    path(f"{A_LAB}people/", staff.facility_people, name="facility_people"),
    path(f"{AN_INSTRUMENT}edit/", editing.edit_instrument, name="edit_instrument"),
    path(f"{AN_INSTRUMENT}confirm-record/", editing.confirm_instrument, name="confirm_instrument"),
    path(f"{AN_INSTRUMENT}favourite/", favourites.favourite, name="favourite"),
    path(f"{AN_INSTRUMENT}record-history/", editing.record_history, name="record_history"),
    path(f"{AN_INSTRUMENT}files/", files.instrument_files, name="instrument_files"),
    path(AN_ITEM, items.test_item, name="test_item"),
    path(f"{AN_ITEM}edit/", items.edit_item, name="edit_item"),
    path(f"{AN_ITEM}confirm-record/", items.confirm_item, name="confirm_item"),
    path(f"{AN_ITEM}offer/", items.offer_item, name="offer_item"),
    path(f"{AN_ITEM}record-history/", items.item_history, name="item_history"),
    path(f"{AN_ITEM}files/", files.item_files, name="item_files"),
    path("documents/<uuid:document_id>/", files.document, name="document"),
    path("board/", boards.city_board, name="city_board"),
    path("facilities/<slug:facility>/board/", boards.facility_board, name="facility_board"),
    path("organisations/<uuid:organisation_id>/board/", boards.organisation_board, name="organisation_board"),
    path("board/<uuid:board_notice_id>/", boards.edit_notice, name="edit_notice"),
    path("guides/<slug:guide>/", boards.guide, name="guide"),
    path("guides/<slug:guide>/edit/", boards.edit_guide, name="edit_guide"),
    path("registry/", importing.registry, name="registry"),
    path("organisations/<uuid:organisation_id>/import/", importing.import_instruments, name="import_instruments"),
    path(AN_IMPORT, importing.instrument_import, name="instrument_import"),
    path(f"{AN_IMPORT}columns/", importing.map_import, name="map_import"),
    path(f"{AN_IMPORT}apply/", importing.apply_import, name="apply_import"),
    path(f"{AN_IMPORT}discard/", importing.discard_import, name="discard_import"),
    path(f"{AN_IMPORT}wrong.csv", importing.import_wrong_rows, name="import_wrong_rows"),
    path("export/instruments.csv", importing.export_instruments, name="export_instruments"),
    path("rounds/", rounds.rounds, name="rounds"),
    path(A_ROUND, rounds.one_round, name="round"),
    path(f"{A_ROUND}states.csv", rounds.round_csv, name="round_csv"),
    path(f"{A_ROUND}close/", rounds.close_round, name="close_round"),
    path(f"{A_ROUND}<uuid:organisation_id>/", rounds.round_part, name="round_part"),
]
