"""`instrument-imports/` and `instruments/by-number/`: what a campus system sends."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from accounts.models import Organisation
from accounts.states import Role
from instruments.models import Instrument, InstrumentImport
from instruments.services import enter_instrument
from instruments.states import Status
from instruments.tasks import run_jobs
from tests.factories import fresh_key, lab_admin, laboratory, member
from tests.instruments.tables import csv_file, xlsx_file

IMPORTS = "/api/v1/instrument-imports/"
TABLE = "资产编号,仪器名称,规格型号\nA1,透射电镜,F200\nA2,,\n"


@pytest.fixture
def admin(university, centre):
    return member("institution", university, Role.ADMIN)


def send(client, file, key="", **more):
    return client.generic(
        "POST", IMPORTS, *multipart({"file": file, **more}), headers={"Idempotency-Key": key or fresh_key()}
    )


def multipart(fields):
    return encode_multipart(BOUNDARY, fields), MULTIPART_CONTENT


def test_a_table_goes_through_from_upload_to_wrong_rows(call, university, admin):
    client = call(admin)
    made = send(client, csv_file(TABLE))
    assert made.status_code == 202, made.content
    assert (made.json()["state"], made.json()["format"]) == ("queued", "jishi")
    address = f"{IMPORTS}{made.json()['id']}/"
    run_jobs()

    seen = client.get(address).json()
    assert (seen["state"], seen["progress"]) == ("previewed", 100)
    assert seen["counts"] == {"new": 1, "changed": 0, "unchanged": 0, "wrong": 1, "missing": 0}
    rows = client.get(f"{address}rows/?limit=1").json()
    assert rows["next"]
    first = rows["results"][0]
    assert (first["line"], first["verdict"]) == (2, "new")
    assert first["fields"]["model"] == "F200"
    wrong = client.get(f"{address}rows/?verdict=wrong", headers={"Accept-Language": "en"}).json()["results"]
    assert [each["reasons"] for each in wrong] == [
        [{"code": "no_name", "field": "name_zh", "detail": "Chinese name: The name is missing."}]
    ]
    assert client.get(f"{address}rows/?verdict=nonsense").status_code == 400
    assert client.post(f"{address}apply/").status_code == 202
    run_jobs()

    assert client.get(address).json()["state"] == "applied"
    assert client.get(IMPORTS).json()["results"][0]["id"] == made.json()["id"]
    assert "A2" in client.get(f"{address}wrong.csv").getvalue().decode()
    assert client.post(f"{address}apply/").status_code == 409
    assert client.post(f"{address}discard/").status_code == 409
    assert Instrument.objects.get(inner_number="A1").organisation == university


def test_the_same_key_and_file_answer_the_same_and_another_file_is_refused(call, admin):
    client = call(admin)
    first = send(client, csv_file(TABLE), key="k1")

    assert send(client, csv_file(TABLE), key="k1").json() == first.json()
    assert send(client, csv_file(TABLE + "A3,x,\n"), key="k1").status_code == 422
    assert InstrumentImport.objects.count() == 1


def test_a_mapping_organisation_and_workbook_can_be_said(call, university, admin):
    officer_city = Organisation.objects.create(kind="government", name_zh="科学城办公室")
    officer = member("officer", officer_city, Role.OFFICER)
    mapping = json.dumps({"no": "inner_number", "what": "name_zh", "else": None})
    file = xlsx_file(["no", "what", "else"], ["A1", "透射电镜", "?"])

    assert send(call(officer), file, mapping=mapping).json()["errors"][0]["pointer"] == "/organisation"
    file.seek(0)
    said = send(call(officer), file, mapping=mapping, organisation=str(university.pk))
    assert said.status_code == 202, said.content
    assert said.json()["mapping"] == {"no": "inner_number", "what": "name_zh", "else": ""}


@pytest.mark.parametrize(
    ("more", "status", "pointer"),
    [
        ({"file": csv_file("")}, 400, "/file"),
        ({"file": csv_file("a,b\n1,2\n")}, 400, "/mapping"),
        ({"format": "excel"}, 400, "/format"),
        ({"mapping": "[1]"}, 400, "/mapping"),
        ({"mapping": "{"}, 400, "/mapping"),
        ({"mapping": '{"资产编号": 3}'}, 400, "/mapping"),
        ({"surprise": "x"}, 400, "/surprise"),
        ({"organisation": "x"}, 400, "/organisation"),
        ({"organisation": str(uuid4())}, 404, None),
        ({"file": "no file"}, 400, "/file"),
    ],
)
def test_odd_uploads_are_answered_with_what_is_wrong(call, admin, more, status, pointer):
    said = send(call(admin), **{"file": csv_file(TABLE), **more})

    assert said.status_code == status, said.content
    if pointer:
        assert said.json()["errors"][0]["pointer"] == pointer
    assert not InstrumentImport.objects.exists()


def test_others_imports_do_not_exist(call, admin, researcher, university):
    address = f"{IMPORTS}{send(call(admin), csv_file(TABLE)).json()['id']}/"

    for path in (address, f"{address}rows/", f"{address}wrong.csv"):
        assert call(researcher).get(path).status_code == 404
    assert call(researcher).post(f"{address}discard/").status_code == 404
    assert send(call(researcher), csv_file(TABLE), organisation=str(university.pk)).status_code == 403
    assert send(call(admin, "read", "book"), csv_file(TABLE)).status_code == 403


# --- One record by its number -----------------------------------------------------------------------------------------


def by_number(organisation, number="A1"):
    return f"/api/v1/instruments/by-number/{organisation.pk}/{number}/"


def test_a_record_is_entered_and_then_brought_up_to_date(call, university, centre, admin):
    client = call(admin)
    new = client.put(
        by_number(university), {"name_zh": "透射电镜", "original_value": "12.50", "country": "JP"}, format="json"
    )
    assert new.status_code == 201, new.content
    assert (new["ETag"], new.json()["slug"]) == ('"v1"', "centre-a1")

    again = client.put(by_number(university), {"model": "F200", "sharing": ["firms"]}, format="json")

    assert (again.status_code, again["ETag"]) == (200, '"v2"')
    made = Instrument.objects.get()
    assert (made.name_zh, made.model, made.country, made.sharing) == ("透射电镜", "F200", "JP", ["firms"])
    stale = client.put(by_number(university), {"model": "x"}, format="json", headers={"If-Match": '"v1"'})
    right = client.put(by_number(university), {"model": "x"}, format="json", headers={"If-Match": '"v2"'})
    gone = client.put(by_number(university, "Z"), {"name_zh": "x"}, format="json", headers={"If-Match": '"v1"'})
    assert [stale.status_code, right.status_code, gone.status_code] == [412, 200, 412]


def test_a_number_may_hold_a_slash_and_chinese(call, university, centre, admin):
    for number in ("2019/001", "设备1"):
        said = call(admin).put(by_number(university, number), {"name_zh": "x"}, format="json")
        assert said.status_code == 201, said.content
    assert set(Instrument.objects.values_list("inner_number", flat=True)) == {"2019/001", "设备1"}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"nonsense": 1}, "/nonsense"),
        ({"slug": "x"}, "/slug"),
        ({"name_zh": ""}, "/name_zh"),
        ({"name_zh": "x" * 121}, "/name_zh"),
        ({"name_zh": "x", "original_value": "-1"}, "/original_value"),
        ({"name_zh": "x", "country": "Japan"}, "/country"),
        ({"name_zh": "x", "commissioned_on": "2020-02-30"}, "/commissioned_on"),
        ({"name_zh": "x", "category": "none"}, "/category"),
        ({"name_zh": "x", "facility": "none"}, "/facility"),
        ({"name_zh": "x", "booked_where": "owner"}, "/booked_url"),
        ({"name_zh": "x", "questions": [{"key": "a"}]}, "/questions"),
        ({"name_zh": "x", "techniques": ["x" * 61]}, "/techniques/0"),
        ({"name_zh": "x", "youth_age_from": 99}, "/youth_age_from"),
        ({"name_zh": "\u0000"}, "/name_zh"),
        ({}, "/name_zh"),
    ],
)
def test_what_is_no_record_is_refused_by_field(call, university, centre, admin, body, pointer):
    said = call(admin).put(by_number(university), body, format="json")

    assert said.status_code == 400, said.content
    assert said.json()["errors"][0]["pointer"] == pointer
    assert not Instrument.objects.exists()


def test_who_may_send_records(call, university, centre, admin, researcher, manager):
    laboratory(university, "second")
    elsewhere = lab_admin("elsewhere", laboratory(Organisation.objects.create(kind="university", name_zh="西"), "w"))
    body = {"name_zh": "x", "facility": "second"}

    assert call().put(by_number(university), body, format="json").status_code == 401
    for who in (researcher, elsewhere, manager):
        assert call(who).put(by_number(university), body, format="json").status_code == 403
    assert call(admin, "book").put(by_number(university), body, format="json").status_code == 403
    assert call(admin).put(by_number(university), body, format="json").status_code == 201
    assert call(manager).put(by_number(university), {"model": "x"}, format="json").status_code == 403
    own = call(manager).put(by_number(university, "A2"), {"name_zh": "x"}, format="json")
    assert (own.status_code, own.json()["facility"]["slug"]) == (201, "centre")


def test_a_merged_record_is_not_brought_back(call, university, centre, admin):
    kept = enter_instrument(centre, slug="kept", name_zh="x")
    enter_instrument(centre, slug="a1", inner_number="A1", name_zh="x", status=Status.RETIRED, merged_into=kept)

    assert call(admin).put(by_number(university), {"model": "x"}, format="json").status_code == 409
