"""Tables of instruments: handed in, looked through, applied; what is wrong is said, and stops nothing else."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from accounts.models import Organisation
from accounts.states import OrganisationKind, Role
from common.errors import NotAllowed, Refused, WrongInput
from instruments import services
from instruments.formats import FIELDS, in_words
from instruments.models import ColumnMapping, Instrument, InstrumentEvent, InstrumentImport
from instruments.services import enter_instrument
from instruments.states import ImportState, Status
from instruments.tasks import run_jobs
from records.models import Job
from tests.factories import category_of, lab_admin, laboratory, member
from tests.instruments.tables import applied, csv_file, looked_through, reasons, xlsx_file

FOUR = "资产编号,仪器名称,规格型号,原值(万元),启用日期,国别\n"


@pytest.fixture
def admin(university):
    return member("institution", university, Role.ADMIN)


@pytest.fixture
def officer(db):
    city = Organisation.objects.create(kind=OrganisationKind.GOVERNMENT, name_zh="科学城办公室")
    return member("officer", city, Role.OFFICER)


@pytest.fixture
def tem(centre):
    return enter_instrument(centre, slug="tem", inner_number="A1", name_zh="透射电镜", model="F200")


def test_every_field_of_the_format_is_a_field_of_an_instrument_and_as_long():
    ours = {field.name: field for field in FIELDS if field.name not in {"original_value_wan", "organisation"}}
    theirs = {field.name: field for field in Instrument._meta.concrete_fields}
    ours_alone = {"id", "organisation", "version", "created_at", "updated_at"}
    ours_alone |= {"merged_into", "confirmed_at", "confirmed_by"}
    ours_alone |= {"search_document", "search_vector", "indexed_under"}

    assert set(theirs) - set(ours) == ours_alone
    assert set(ours) <= set(theirs)
    for name, field in ours.items():
        if field.kind in {"line", "slug", "url", "country"}:
            assert theirs[name].max_length == field.longest, name
        if field.kind == "words":
            assert theirs[name].base_field.max_length == field.longest, name


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_chinese_table_becomes_records_that_can_be_found_at_once(browse, university, centre, admin, encoding):
    table = FOUR + "A1,透射电镜,F200,123.4567,2019/5/6,日本\nA2,拉曼光谱仪,,,2020年12月31日,Germany\n"

    made = applied(university, admin, csv_file(table, encoding=encoding))

    assert made.state == ImportState.APPLIED
    assert made.counts == {"new": 2, "changed": 0, "unchanged": 0, "wrong": 0, "missing": 0}
    tem = Instrument.objects.get(organisation=university, inner_number="A1")
    assert (tem.facility, tem.slug, tem.original_value) == (centre, "centre-a1", Decimal("1234567.00"))
    assert (tem.commissioned_on, tem.country, tem.model) == (date(2019, 5, 6), "JP", "F200")
    assert (tem.confirmed_by, tem.version) == (admin, 1)
    assert "透射电镜" in browse().get("/instruments/", {"q": "透射"}).content.decode()


def test_the_preview_says_of_every_row_what_it_would_do_and_writes_nothing(university, centre, admin, tem):
    enter_instrument(centre, slug="old", inner_number="B9", name_zh="旧天平")
    table = FOUR + "A1,透射电镜,F200X,,,\nA2,拉曼光谱仪,,,,\nA3,,,,,\n"

    made = looked_through(university, admin, csv_file(table))

    assert made.state == ImportState.PREVIEWED
    assert made.counts == {"new": 1, "changed": 1, "unchanged": 0, "wrong": 1, "missing": 1}
    assert made.rows.get(line=2).changes == {"model": ["F200", "F200X"]}
    assert reasons(made) == {4: [("no_name", "name_zh")]}
    assert [each.slug for each in services.not_in(made, by=admin)] == ["old"]
    assert Instrument.objects.count() == 2
    assert Instrument.objects.get(slug="old").status == Status.OPEN


def test_a_table_sent_twice_is_written_once(university, centre, admin):
    table = FOUR + "A1,透射电镜,F200,12.5,2019-05-06,JP\n"
    applied(university, admin, csv_file(table))
    before = Instrument.objects.values("version", "updated_at").get()

    made = applied(university, admin, csv_file(table))

    assert made.counts["unchanged"] == 1
    assert Instrument.objects.values("version", "updated_at").get() == before


def test_a_wrong_row_stops_no_other_and_comes_back_to_be_mended(browse, university, centre, admin):
    table = FOUR + "A1,透射电镜,,-5,2019-13-01,月球\nA2,=1+1,,,,\nA3,拉曼光谱仪,,3,,中国\nA4,+号,,abc,,\n"
    made = applied(university, admin, csv_file(table))

    assert made.counts == {"new": 1, "changed": 0, "unchanged": 0, "wrong": 3, "missing": 0}
    assert reasons(made) == {
        2: [("negative", "original_value_wan"), ("not_a_date", "commissioned_on"), ("not_a_country", "country")],
        3: [("formula", "name_zh")],
        5: [("not_a_number", "original_value_wan")],
    }
    sent = browse(admin).get(f"/instrument-imports/{made.pk}/wrong.csv").getvalue().decode("utf-8-sig")
    assert sent.splitlines()[0] == "资产编号,仪器名称,规格型号,原值(万元),启用日期,国别,行,理由"
    assert "'+号" in sent
    again = looked_through(university, admin, csv_file(sent))
    assert again.counts["wrong"] == 3
    mended = sent.replace("'-5", "5").replace("2019-13-01", "2019-12-01").replace("月球", "美国").replace("abc", "1")
    mended = mended.replace("#FORMULA! =1+1", "二")
    assert applied(university, admin, csv_file(mended)).counts["new"] == 3
    assert Instrument.objects.get(inner_number="A4").name_zh == "+号"


def test_a_record_that_changed_since_the_preview_is_reported_and_not_overwritten(university, centre, admin, tem):
    made = looked_through(university, admin, csv_file(FOUR + "A1,透射电镜,F300,,,\nA2,天平,,,,\n"))
    enter_instrument(centre, slug="tem", model="F210")
    enter_instrument(centre, slug="balance", inner_number="A2", name_zh="天平二")

    services.apply_import(made, by=admin)
    run_jobs()

    assert reasons(made) == {2: [("changed_since", "")], 3: [("appeared_since", "")]}
    assert Instrument.objects.get(slug="tem").model == "F210"
    assert Instrument.objects.get(inner_number="A2").name_zh == "天平二"


def test_an_apply_whose_worker_was_killed_goes_on_where_it_stood(university, centre, admin, monkeypatch):
    monkeypatch.setattr("instruments.services.applying.AT_A_TIME", 2)
    table = "资产编号,仪器名称\n" + "".join(f"A{n},仪器{n}\n" for n in range(5))
    made = looked_through(university, admin, csv_file(table))
    services.apply_import(made, by=admin)
    job = InstrumentImport.objects.get().applying

    class Killed(BaseException):
        pass

    class Dying:
        def of(self, *_how_far):
            raise Killed

    with pytest.raises(Killed):
        services.run_apply(job, Dying())
    assert Instrument.objects.count() == 2
    run_jobs()

    made.refresh_from_db()
    assert made.state == ImportState.APPLIED
    assert Instrument.objects.count() == 5
    assert InstrumentEvent.objects.filter(pgh_label="insert").count() == 5


def test_the_same_number_twice_makes_both_rows_wrong_and_each_names_the_other(university, centre, admin):
    made = looked_through(university, admin, csv_file("资产编号,仪器名称\nA1,甲\nA2,乙\nA1,丙\n"))

    assert made.counts["wrong"] == 2
    assert [in_words(made.rows.get(line=line).reasons[0]) for line in (2, 4)] == [
        "第 4 行是同一条记录。",
        "第 2 行是同一条记录。",
    ]


def test_facilities_are_named_by_slug_or_name_and_the_only_one_need_not_be(university, centre, admin, officer):
    other = laboratory(university, "second")
    other.name_zh, other.name_en = "材料楼", "Materials"
    other.save()
    laboratory(Organisation.objects.create(kind="university", name_zh="西海大学"), "west")
    rows = "A1,甲,second\nA2,乙,materials\nA3,丙,\nA4,丁,west\n"

    made = applied(university, officer, csv_file("资产编号,仪器名称,所属平台\n" + rows))

    assert reasons(made) == {4: [("no_facility", "facility")], 5: [("unknown_facility", "facility")]}
    assert set(Instrument.objects.values_list("facility__slug", flat=True)) == {"second"}
    assert Instrument.objects.filter(confirmed_at=None).count() == 2  # an officer does not speak for the institution


def test_a_lab_admin_imports_for_their_own_facility_alone(university, centre, tem):
    laboratory(university, "second")
    mine = lab_admin("manager2", centre)
    table = "资产编号,仪器名称,所属平台\nA1,透射,\nA2,乙,\nA3,丙,second\n"

    made = applied(university, mine, csv_file(table))

    assert made.counts == {"new": 1, "changed": 1, "unchanged": 0, "wrong": 1, "missing": 0}
    assert reasons(made) == {4: [("not_your_facility", "facility")]}


def test_strangers_hand_in_nothing(university, centre, researcher, manager):
    elsewhere = lab_admin("elsewhere", laboratory(Organisation.objects.create(kind="university", name_zh="西"), "w"))

    for who in (researcher, elsewhere):
        with pytest.raises(NotAllowed):
            services.hand_in(university, by=who, file=csv_file(FOUR + "A1,x,,,,\n"))


def test_whoever_lost_the_right_meanwhile_writes_nothing(university, centre, admin):
    made = looked_through(university, admin, csv_file(FOUR + "A1,x,,,,\n"))
    services.apply_import(made, by=admin)
    admin.memberships.update(state="ended")

    run_jobs()

    assert not Instrument.objects.exists()
    assert made.rows.get().verdict == "wrong"


def test_categories_are_known_by_code_scheme_or_name(university, centre, admin):
    category_of("jishi", code="03", name_zh="光谱仪器", name_en="Spectroscopy")
    category_of("jishi", code="04", name_zh="天平", name_en="Balances")
    category_of("other", code="04", name_zh="称重", name_en="Weighing")
    rows = "A1,甲,03\nA2,乙,光谱仪器\nA3,丙,other:04\nA4,丁,04\nA5,戊,火箭\n"

    made = applied(university, admin, csv_file("资产编号,仪器名称,仪器分类\n" + rows))

    assert reasons(made) == {5: [("ambiguous_category", "category")], 6: [("unknown_category", "category")]}
    found = Instrument.objects.order_by("inner_number").values_list("category__scheme", "category__code")
    assert list(found) == [("jishi", "03"), ("jishi", "03"), ("other", "04")]


def test_workbooks_are_read_with_their_dates_serials_and_numbers_and_formulas_are_refused(university, centre, admin):
    file = xlsx_file(
        ["资产编号", "仪器名称", "启用日期", "原值(万元)", "海关监管", None],
        ["A1", "日期", datetime(2019, 5, 6), 12.3, True, None],
        [1002, "序号", 43591, 0.1 + 0.2, "否", None],
        ["A3", "公式", None, "=1+2", None, None],
        [None, None, None, None, None, None],
        ["A4", "错误", "#REF!", None, None, None],
    )

    made = applied(university, admin, file)

    assert reasons(made) == {4: [("formula", "original_value_wan")], 6: [("error_cell", "commissioned_on")]}
    said = Instrument.objects.order_by("inner_number").values_list(
        "inner_number", "commissioned_on", "original_value", "customs_supervised"
    )
    assert list(said) == [
        ("1002", date(2019, 5, 6), Decimal("3000.00"), False),
        ("A1", date(2019, 5, 6), Decimal("123000.00"), True),
    ]


def bomb(size: int, name: str = "xl/worksheets/sheet1.xml") -> SimpleUploadedFile:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, b" " * size)
    return SimpleUploadedFile("bomb.xlsx", buffer.getvalue())


class Enormous(SimpleUploadedFile):
    """Two hundred megabytes, of which nobody reads a byte."""

    def __init__(self) -> None:
        super().__init__("big.csv", b"x")
        self.size = 200 * 1024 * 1024

    def read(self, *_size):
        raise AssertionError("it was read")


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (csv_file(""), "empty"),
        (csv_file("\n\n"), "empty"),
        (csv_file(FOUR), "no_rows"),
        (csv_file("资产编号,仪器名称,资产编号\nA1,x,A2\n"), "header_twice"),
        (csv_file("资产编号,仪器名称\nA1,x\x00\n"), "invalid"),
        (SimpleUploadedFile("t.csv", "资产编号,仪器名称\nA1,x\n".encode("utf-16")), "invalid"),
        (SimpleUploadedFile("t.csv", b"\xff\xff\xff,name\nA1,x\n"), "encoding"),
        (csv_file(",".join(f"c{n}" for n in range(300)) + "\nx\n"), "too_wide"),
        (Enormous(), "too_large"),
        (bomb(200 * 1024 * 1024), "zip_bomb"),
        (bomb(5 * 1024 * 1024), "zip_bomb"),
        (SimpleUploadedFile("t.xlsx", b"PK\x03\x04 and nothing"), "invalid"),
        (xlsx_file([]), "empty"),
        (xlsx_file(["资产编号", "仪器名称"]), "no_rows"),
        (xlsx_file(["资产编号", "资产编号"], ["A1", "A2"]), "header_twice"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_its_reason_before_anything_is_kept(
    university, centre, admin, file, code
):
    with pytest.raises(WrongInput) as said:
        services.hand_in(university, by=admin, file=file)

    assert said.value.code == code
    assert not Job.objects.exists()


def test_a_table_that_breaks_off_far_down_fails_and_says_so(browse, university, centre, admin, monkeypatch):
    monkeypatch.setattr("instruments.services.importing.LONGEST_TABLE", 3)
    made = services.hand_in(university, by=admin, file=csv_file("资产编号,仪器名称\n" + "A,b\n" * 5))
    run_jobs()

    made.refresh_from_db()
    assert made.state == ImportState.FAILED
    assert "3" in made.error
    assert made.error in browse(admin).get(f"/instrument-imports/{made.pk}/").content.decode()


@pytest.mark.parametrize(
    ("columns", "cells", "found"),
    [
        ("状态", "坏了", ("not_a_choice", "status")),
        ("海关监管", "也许", ("not_a_flag", "customs_supervised")),
        ("规格型号", "x" * 121, ("too_long", "model")),
        ("用途", "长" * 20_001, ("too_long", "summary_zh")),
        ("原值(元)", "1.234", ("too_precise", "original_value")),
        ("原值(元)", "NaN", ("not_a_number", "original_value")),
        ("原值(元)", "1e99", ("too_large", "original_value")),
        ("原值(元)", "9999999999999", ("too_large", "original_value")),
        ("启用日期", "2019-05", ("not_a_date", "commissioned_on")),
        ("网址名", "a b", ("not_a_slug", "slug")),
        ("预约网址", "ftp://x", ("not_a_url", "booked_url")),
        ("预约网址", "javascript:alert(1)", ("not_a_url", "booked_url")),
        ("预约方式", "owner", ("owner_needs_url", "booked_url")),
        ("预约问题", '[{"key": 1}]', ("not_questions", "questions")),
        ("预约问题", "x", ("not_questions", "questions")),
        ("青少年起始年龄", "99", ("youth_age", "youth_age_from")),
        ("青少年可以", "operate", ("youth_not_fit", "youth_use")),
        ("课题组", "无名", ("unknown_group", "research_group")),
        ("所属单位", "西海大学", ("other_organisation", "organisation")),
        ("规格型号", "a\x07b", ("control_character", "model")),
    ],
)
def test_each_cell_that_is_wrong_is_named_with_its_reason_in_both_languages(
    university, centre, admin, columns, cells, found
):
    text = f'资产编号,仪器名称,{columns}\nA1,x,"{cells.replace(chr(34), chr(34) * 2)}"\n'
    made = looked_through(university, admin, csv_file(text))

    assert reasons(made) == {2: [found]}
    kept = made.rows.get().reasons[0]
    chinese = in_words(kept)
    with translation.override("en"):
        assert in_words(kept) != chinese


def test_both_original_values_must_agree_and_dates_must_be_in_order(university, centre, admin):
    header = "资产编号,仪器名称,原值(元),原值(万元),启用日期,停用日期\n"
    made = looked_through(
        university, admin, csv_file(header + "A1,x,10000,1,,\nA2,x,10000,2,,\nA3,x,,,2020-01-01,2019-01-01\n")
    )

    assert reasons(made) == {3: [("two_values", "original_value")], 4: [("years_in_order", "decommissioned_on")]}


def test_the_last_mapping_is_remembered_and_can_be_said_anew(university, centre, admin):
    table = csv_file("Nummer,名字\nA1,透射电镜\n")
    with pytest.raises(WrongInput):
        looked_through(university, admin, table)
    InstrumentImport.objects.all().delete()
    mapping = {"Nummer": "inner_number", "名字": "name_zh"}
    applied(university, admin, csv_file("Nummer,名字\nA1,透射电镜\n"), mapping=mapping)

    assert ColumnMapping.objects.get().mapping == mapping
    assert looked_through(university, admin, csv_file("Nummer,名字\nA1,透射电镜\n")).counts["unchanged"] == 1


@pytest.mark.parametrize(
    ("mapping", "code"),
    [
        ({"nobody": "name_zh"}, "unknown_header"),
        ({"仪器名称": "nothing"}, "unknown_field"),
        ({"规格型号": "name_zh"}, "field_twice"),
        ({"资产编号": ""}, "no_number"),
        ({"仪器名称": ""}, "no_name"),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_refused(university, centre, admin, mapping, code):
    made = services.hand_in(university, by=admin, file=csv_file(FOUR + "A1,x,,,,\n"))

    with pytest.raises(WrongInput) as said:
        services.look_through(made, by=admin, mapping=mapping)

    assert said.value.code == code


def test_one_import_of_an_organisation_is_worked_on_at_a_time(university, centre, admin):
    made = looked_through(university, admin, csv_file(FOUR + "A1,x,,,,\n"))
    services.apply_import(made, by=admin)

    with pytest.raises(Refused):
        services.hand_in(university, by=admin, file=csv_file(FOUR + "A2,x,,,,\n"))
    with pytest.raises(Refused):
        services.apply_import(made, by=admin)
    run_jobs()
    services.hand_in(university, by=admin, file=csv_file(FOUR + "A2,x,,,,\n"))


def test_a_discarded_import_is_over(university, centre, admin):
    made = looked_through(university, admin, csv_file(FOUR + "A1,x,,,,\n"))
    services.discard_import(made)

    with pytest.raises(Refused):
        services.apply_import(made, by=admin)
    assert not made.rows.exists()


def test_slugs_neither_move_nor_are_taken_from_others(university, centre, admin, tem):
    west = laboratory(Organisation.objects.create(kind="university", name_zh="西海大学"), "west")
    enter_instrument(west, slug="theirs", inner_number="A1", name_zh="别人的")
    rows = "A1,透射电镜,other\nA2,x,theirs\nA3,透射电镜,tem\n"

    made = looked_through(university, admin, csv_file("资产编号,仪器名称,网址名\n" + rows))

    assert reasons(made) == {
        2: [("slug_differs", "slug"), ("twice", "")],
        3: [("slug_taken", "slug")],
        4: [("twice", "")],
    }


def test_what_the_database_refuses_comes_back_alone(university, centre, admin, monkeypatch):
    made = looked_through(university, admin, csv_file("资产编号,仪器名称,状态\nA1,x,\nA2,y,\n"))
    row = made.rows.get(line=2)
    row.cells["资产编号"] = "A2"  # as if another row had won between the look and the write
    row.save()

    services.apply_import(made, by=admin)
    run_jobs()

    assert Instrument.objects.filter(inner_number="A2").count() == 1
    assert reasons(made) == {3: [("appeared_since", "")]}


def test_uniquip_is_read_by_its_own_headers(university, centre, admin):
    table = (
        "Type,Name,Description,Related Facility ID,Technique,Location,ID,Photo,Web Address\n"
        "Equipment,Electron microscope,扫描电镜一台,centre,SEM; EDS,101,U1,http://x,\n"
        "Equipment,,Only a description,,,,U2,,\nFacility,Centre,,,,,U3,,\nEquipment,,,,,,U4,,\nEquipment,No id,,,,,,,\n"
    )

    made = applied(university, admin, csv_file(table), format="uniquip")

    assert reasons(made) == {
        4: [("facility_row", "")],
        5: [("no_name", "name_zh")],
        6: [("no_number", "inner_number")],
    }
    first, second = Instrument.objects.order_by("inner_number")
    assert (first.name_zh, first.name_en, first.summary_zh) == (
        "Electron microscope",
        "Electron microscope",
        "扫描电镜一台",
    )
    assert (first.techniques, first.room) == (["SEM", "EDS"], "101")
    assert (second.name_zh, second.summary_en) == ("Only a description", "Only a description")


# --- Pages ------------------------------------------------------------------------------------------------------------


def test_an_import_goes_from_the_file_to_its_result_by_pages(browse, university, centre, admin, tem):
    reader = browse(admin)
    assert f"/organisations/{university.pk}/import/" in reader.get("/registry/").content.decode()
    table = csv_file("资产编号,仪器名称,规格型号,随便\nA1,透射电镜,F300,1\nA2,拉曼,,\nA3,,,\n")
    said = reader.post(f"/organisations/{university.pk}/import/", {"file": table, "format": "jishi"})
    page = said["Location"]
    assert "随便" in reader.get(page).content.decode()

    chosen = {"column_0": "inner_number", "column_1": "name_zh", "column_2": "model", "column_3": ""}
    assert reader.post(f"{page}columns/", {**chosen, "column_3": "model"}).status_code == 400
    assert reader.post(f"{page}columns/", chosen)["Location"] == page
    waiting = reader.get(page)
    assert waiting["Refresh"] == "3"
    run_jobs()

    assert "F300" in reader.get(f"{page}?show=changed").content.decode()
    assert "缺少名称" in reader.get(f"{page}?show=wrong").content.decode()
    assert "仅建议停用" in reader.get(f"{page}?show=missing").content.decode()
    assert reader.get(f"{page}columns/").status_code == 200
    assert reader.post(f"{page}apply/").status_code == 302
    run_jobs()
    result = reader.get(page)
    assert "Refresh" not in result
    assert Instrument.objects.get(slug="tem").model == "F300"
    assert Instrument.objects.filter(inner_number="A2").exists()
    assert table.name in reader.get("/registry/").content.decode()


def test_a_refused_file_says_why_beside_its_field(browse, university, centre, admin):
    said = browse(admin).post(f"/organisations/{university.pk}/import/", {"file": csv_file(FOUR), "format": "jishi"})

    assert said.status_code == 400
    assert "表格只有表头" in said.content.decode()


@pytest.mark.parametrize("count", [5, 45])
def test_the_preview_costs_the_same_statements_however_many_rows_it_shows(
    browse, university, centre, admin, statements, count
):
    table = "资产编号,仪器名称\n" + "".join(f"A{n},仪器{n}\n" for n in range(count))
    made = looked_through(university, admin, csv_file(table))
    reader = browse(admin)

    with statements() as asked:
        reader.get(f"/instrument-imports/{made.pk}/?show=new")

    assert len(asked) <= 14, "\n".join(asked)


def test_a_table_sent_every_night_confirms_what_stands_once_a_week(university, centre, admin, tem):
    applied(university, admin, csv_file("资产编号,仪器名称\nA1,透射电镜\n"))
    first = Instrument.objects.get().confirmed_at
    applied(university, admin, csv_file("资产编号,仪器名称\nA1,透射电镜\n"))
    assert Instrument.objects.get().confirmed_at == first

    Instrument.objects.update(confirmed_at=first - timedelta(days=8))
    applied(university, admin, csv_file("资产编号,仪器名称\nA1,透射电镜\n"))
    assert Instrument.objects.get().confirmed_at > first
