from django.urls import path

from orders.views import answering, asking, ordering, working

A_REQUEST, AN_ORDER = "requests/<uuid:request_id>/", "orders/<uuid:order_id>/"

urlpatterns = [
    path("requests/new/", asking.new_request, name="new_request"),
    path(A_REQUEST, asking.request_page, name="request"),
    path(f"{A_REQUEST}edit/", asking.edit_request, name="edit_request"),
    path(f"{A_REQUEST}do/", answering.request_act, name="request_act"),
    path(f"{A_REQUEST}files/<slug:which>/", asking.request_file, name="request_file"),
    path("enquiries/<uuid:enquiry_id>/offer/", answering.make_offer, name="make_offer"),
    path("offers/<uuid:offer_id>/do/", answering.offer_act, name="offer_act"),
    path("offers/<uuid:offer_id>/agreement.pdf", asking.agreement_file, name="agreement"),
    path("orders/", ordering.my_orders, name="my_orders"),
    path("items/<slug:slug>/order/", ordering.place_order, {"kind": "item"}, name="order_item"),
    path("instruments/<slug:slug>/order/", ordering.place_order, {"kind": "instrument"}, name="order_instrument"),
    path(AN_ORDER, working.order_page, name="order"),
    path(f"{AN_ORDER}do/", working.order_act, name="order_act"),
    path(f"{AN_ORDER}slip.pdf", working.sample_slip, name="sample_slip"),
    path(f"{AN_ORDER}labels.pdf", working.sample_labels, name="sample_labels"),
    path("results/<uuid:result_id>/", working.result_file, name="result_file"),
    path("lab-orders/", ordering.lab_orders, name="lab_orders"),
]
