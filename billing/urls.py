from django.urls import path

from billing.views import charges, rates, schemes, wallets

urlpatterns = [
    path("lab/<slug:facility>/rates/", rates.rates, name="facility_rates"),
    path("lab/<slug:facility>/rates/<slug:slug>/", rates.rates, name="instrument_rates"),
    path("lab/<slug:facility>/rates-of-tests/<slug:slug>/", rates.item_rates, name="item_rates"),
    path("wallets/", wallets.wallets, name="wallets"),
    path("wallets/<uuid:wallet_id>/", wallets.wallet, name="wallet"),
    path("fund-codes/", wallets.fund_codes, name="fund_codes"),
    path("charges/<uuid:charge_id>/", charges.charge, name="charge"),
    path("schemes/<uuid:scheme_id>/", schemes.scheme, name="scheme"),
]
