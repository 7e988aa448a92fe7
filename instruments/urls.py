"""Pages of the registry."""

from django.urls import URLPattern, path

from instruments.views import importing, items, rounds

AN_IMPORT, A_ROUND = "instrument-imports/<uuid:import_id>/", "rounds/<uuid:round_id>/"

urlpatterns: list[URLPattern] = [
    path("items/<slug:slug>/", items.test_item, name="test_item"),
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
