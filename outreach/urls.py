from django.urls import path

from outreach.views import catalogue, days, desk, family, places

A_PROGRAMME, A_SESSION = "youth/programmes/<slug:programme>/", "youth/desk/sessions/<uuid:session_id>/"
AN_ENROLMENT = "youth/enrolments/<uuid:enrolment_id>/"

urlpatterns = [
    path("youth/", catalogue.programmes, name="programmes"),
    path(A_PROGRAMME, catalogue.programme, name="programme"),
    path("youth/certificates/<str:code>/", catalogue.certificate, name="youth_certificate"),
    path("youth/mine/", family.mine, name="youth_mine"),
    path("youth/children/new/", family.new_child, name="new_child"),
    path("youth/children/<uuid:child_id>/", family.edit_child, name="edit_child"),
    path("youth/sessions/<uuid:session_id>/enrol/", places.enrol, name="youth_enrol"),
    path(AN_ENROLMENT, places.enrolment, name="enrolment"),
    path(f"{AN_ENROLMENT}consent/", places.consent, name="youth_consent"),
    path(f"{AN_ENROLMENT}pay/", places.pay, name="youth_pay"),
    path(f"{AN_ENROLMENT}certificate.pdf", places.certificate_pdf, name="certificate_pdf"),
    path("youth/desk/", desk.desk, name="youth_desk"),
    path("youth/desk/programmes/new/", desk.new_programme, name="new_programme"),
    path("youth/desk/programmes/<slug:programme>/", desk.edit_programme, name="edit_programme"),
    path(A_SESSION, desk.session, name="youth_session"),
    path(f"{A_SESSION}roll-call/", days.roll_call, name="roll_call"),
    path("youth/check-in/<str:code>/", days.check_in, name="child_check_in"),
    path("youth/days/", days.my_days, name="mentor_days"),
]
