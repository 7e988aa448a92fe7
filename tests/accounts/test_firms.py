"""How a firm is verified: by a code, a licence, and an officer who never belonged there."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import ContactCode, Organisation, TierKind, Verification
from accounts.services import expire_verifications, prove_contact, send_code
from accounts.states import MembershipState, OrganisationKind, Role, VerificationState
from common.errors import Refused, WrongInput
from notifications.models import Mail, Sms
from notifications.services import deliver_due_sms
from tests import factories
from tests.common.hostile import picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(db):
    city = Organisation.objects.create(kind=OrganisationKind.GOVERNMENT, name_zh="科学城办公室")
    return factories.member("officer", city, Role.OFFICER)


def licence():
    return SimpleUploadedFile("licence.png", picture("PNG"))


def code_in(text):
    return re.search(r"\d{6}", text)[0]


def handed_in(client, firm, **more):
    client.post(f"/organisations/{firm.pk}/firm/", {"do": "code", "address": "138 0000 0000"})
    code = code_in(Sms.objects.latest("created_at").text)
    client.post(f"/organisations/{firm.pk}/firm/", {"do": "prove", "code": code})
    asked = {"do": "ask", "licence": licence(), "legal_representative": "王法人", "is_representative": "on", **more}
    return client.post(f"/organisations/{firm.pk}/firm/", asked)


@time_machine.travel("2026-11-27T10:00:00+08:00", tick=False)  # a Friday
def test_from_registering_to_verified_with_who_answers_and_by_when(browse, stranger, officer, xrd, nine):
    client = browse(stranger)
    page = client.post("/account/firms/", {"name_zh": "示例公司", "uscc": "９１２１０２９９DEM000022p "})
    firm = Organisation.objects.get(uscc="91210299DEM000022P")
    assert page["Location"] == f"/organisations/{firm.pk}/firm/"
    wish = {"day": f"{nine:%Y-%m-%d}", "start": "09:00", "end": "10:00", "purpose": "testing", "key": "k"}
    booking = client.post(f"/instruments/{xrd.slug}/book/", wish)
    assert (booking.status_code, "尚未认证" in booking.content.decode()) == (400, True)

    assert handed_in(client, firm).status_code == 302
    waiting = Verification.objects.get()
    assert (waiting.state, f"{waiting.due_on}", waiting.contact) == ("pending", "2026-12-01", "13800000000")
    assert "2026年12月1日" in client.get(f"/organisations/{firm.pk}/firm/").content.decode()
    booking = client.post(f"/instruments/{xrd.slug}/book/", wish)
    assert "2026年12月1日" in booking.content.decode()
    assert not waiting.licence.public

    desk = browse(officer)
    assert "示例公司" in desk.get("/officer/firms/").content.decode()
    assert desk.get(f"/officer/firms/{waiting.pk}/licence/").status_code == 200
    desk.post(f"/officer/firms/{waiting.pk}/", {"do": "verify", "until": "2027-11-27"})
    waiting.refresh_from_db()
    assert (waiting.state, waiting.decided_by) == ("verified", officer)
    assert stranger.memberships.get().state == MembershipState.CONFIRMED
    assert Mail.objects.filter(event="firm_verified", reader=stranger).exists()
    assert client.post(f"/instruments/{xrd.slug}/book/", wish).status_code == 302


def test_a_forged_code_of_a_firm_is_refused_and_letters_at_the_start_are_taken(browse, stranger):
    client = browse(stranger)
    page = client.post("/account/firms/", {"name_zh": "假公司", "uscc": "91210299DEM000014X"})
    assert page.status_code == 400
    assert not Organisation.objects.filter(kind=OrganisationKind.COMPANY).exists()
    from accounts.formats.uscc import USCC_ALPHABET, is_uscc  # noqa: PLC0415

    rural = next("N1210299DEM000014" + each for each in USCC_ALPHABET if is_uscc("N1210299DEM000014" + each))
    assert client.post("/account/firms/", {"name_zh": "合作社", "uscc": rural}).status_code == 302


def test_who_is_not_the_legal_representative_needs_the_letter(browse, officer):
    firm = factories.firm(verified=False)
    client = browse(factories.member("clerk", firm, Role.ADMIN))
    page = handed_in(client, firm, is_representative="")
    assert (page.status_code, Verification.objects.exists()) == (400, False)
    assert client.get(f"/organisations/{firm.pk}/firm/letter.pdf").content.startswith(b"%PDF")
    asked = {"do": "ask", "licence": licence(), "letter": licence(), "legal_representative": "王法人"}
    assert client.post(f"/organisations/{firm.pk}/firm/", asked).status_code == 302


def test_an_officer_of_that_very_firm_neither_sees_nor_verifies_it(browse, officer):
    firm = factories.firm(verified=False)
    client = browse(factories.member("clerk", firm, Role.ADMIN))
    handed_in(client, firm)
    waiting = Verification.objects.get()
    officer.memberships.create(organisation=firm, state=MembershipState.ENDED)
    inside = factories.member("inside", officer.memberships.confirmed().get().organisation, Role.OFFICER)
    inside.memberships.create(organisation=firm)
    assert browse(inside).get(f"/officer/firms/{waiting.pk}/").status_code == 404
    for each in (officer, inside):  # who belonged there once sees the row and may not answer it
        answer = browse(each).post(f"/officer/firms/{waiting.pk}/", {"do": "verify", "until": "2027-01-01"})
        assert answer.status_code in {403, 404}
    assert browse(factories.person("x")).get(f"/officer/firms/{waiting.pk}/licence/").status_code == 404
    waiting.refresh_from_db()
    assert waiting.state == VerificationState.PENDING


def test_a_rejected_firm_reads_why_and_asks_again_and_an_old_one_expires_once(browse, officer):
    firm = factories.firm(verified=False)
    admin = factories.member("clerk", firm, Role.ADMIN)
    client, desk = browse(admin), browse(officer)
    handed_in(client, firm)
    first = Verification.objects.get()
    assert desk.post(f"/officer/firms/{first.pk}/", {"do": "reject", "reason": " "}).status_code == 400
    desk.post(f"/officer/firms/{first.pk}/", {"do": "reject", "reason": "执照不清晰"})
    assert "执照不清晰" in client.get(f"/organisations/{firm.pk}/firm/").content.decode()
    asked = {"do": "ask", "licence": licence(), "legal_representative": "王法人", "is_representative": "on"}
    assert client.post(f"/organisations/{firm.pk}/firm/", asked).status_code == 302
    second = Verification.objects.get(state="pending")
    desk.post(f"/officer/firms/{second.pk}/", {"do": "verify", "until": f"{timezone.localdate() + timedelta(days=1)}"})

    tomorrow = timezone.localdate() + timedelta(days=2)
    assert [expire_verifications(on=tomorrow), expire_verifications(on=tomorrow)] == [1, 0]
    second.refresh_from_db()
    assert second.state == VerificationState.EXPIRED
    assert Mail.objects.filter(event="firm_expired", reader=admin).count() == 1


def test_tiers_are_rows_that_an_officer_writes_down(browse, officer):
    firm = factories.firm()
    waiting = Verification.objects.get()
    giant = TierKind.objects.get(slug="little-giant")
    tier = {"do": "tier", "kind": giant.pk, "number": "L-1", "issuer": "工信部", "begins": "2026-01-01"}
    assert browse(officer).post(f"/officer/firms/{waiting.pk}/", tier).status_code == 302
    assert browse(officer).post(f"/officer/firms/{waiting.pk}/", tier).status_code == 400  # once
    assert [each.kind for each in firm.tiers.held(timezone.localdate())] == [giant]


def test_a_code_is_hashed_works_once_and_five_tries_and_says_nothing_of_the_address(stranger, researcher):
    row = send_code(stranger, address=" RESEARCHER@example.org ")  # somebody else's: the answer is the same
    code = code_in(Mail.objects.get(event="contact_code").body)
    assert code not in row.digest
    for wrong in ("000000", "111111", "222222", "333333"):
        with pytest.raises(Refused, match="wrong_code"):
            prove_contact(stranger, address="researcher@example.org", code=wrong if wrong != code else "999999")
    assert prove_contact(stranger, address="researcher@example.org", code=code).proven_at
    with pytest.raises(Refused, match="wrong_code"):
        prove_contact(stranger, address="researcher@example.org", code=code)

    send_code(stranger, address="13900000000")
    real = code_in(Sms.objects.get().text)
    ContactCode.objects.filter(proven_at=None).update(attempts=5)
    for given in (real, "000000"):
        with pytest.raises(Refused, match="wrong_code"):
            prove_contact(stranger, address="13900000000", code=given)
    with pytest.raises(WrongInput):
        send_code(stranger, address="no phone")
    for _n in range(3):
        send_code(stranger, address="13900000001")
    with pytest.raises(Refused, match="too_many_codes"):
        send_code(stranger, address="13900000002")


def test_text_messages_go_to_the_gateway_and_wait_where_it_is_away(settings, stranger):
    send_code(stranger, address="13900000000")
    settings.SMS_URL = "http://127.0.0.1:9/"
    assert deliver_due_sms() == 0
    waiting = Sms.objects.get()
    assert (waiting.state, waiting.attempts) == ("waiting", 1)
    settings.SMS_URL = ""
    Sms.objects.update(due_at=timezone.now())
    assert deliver_due_sms() == 1
