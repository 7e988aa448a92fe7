"""Photos, documents and QR pictures: private unless said otherwise, sent through the door, gone when removed."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.states import Role
from instruments.models import Document, Photo
from instruments.services import enter_test_item, history_of
from records.models import StoredFile
from tests.common.hostile import picture, real_pdf
from tests.factories import member

PDF = real_pdf()
PHOTO, MANUAL = {"do": "photo", "caption_zh": "正面"}, {"do": "document", "title_zh": "操作手册", "readers": "lab"}


def jpeg(name="正面.jpg"):
    return SimpleUploadedFile(name, picture(size=(900, 600)), "image/jpeg")


def manual(name="操作手册.pdf"):
    return SimpleUploadedFile(name, PDF, "application/pdf")


@pytest.fixture
def fracture(centre):
    return enter_test_item(centre, slug="fracture", name_zh="断口分析", purpose_zh="看断口。")


def sent(response):
    return b"".join(response.streaming_content)


def test_a_photo_is_drawn_anew_and_stands_on_the_page_of_the_instrument(browse, manager, sem):
    done = browse(manager).post("/instruments/sem/files/", {**PHOTO, "file": jpeg()})

    photo = Photo.objects.get()
    page = browse().get("/instruments/sem/").content.decode()
    answer = browse().get(photo.file.url)
    assert done.status_code == 302
    assert photo.file.small.url in page
    assert Image.open(io.BytesIO(sent(answer))).size == (900, 600)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer["Cache-Control"]


def test_the_photo_shown_first_is_chosen_and_one_removed_is_gone_from_the_disk(browse, manager, sem):
    page = browse(manager)
    for name in ("a.jpg", "b.jpg"):
        page.post("/instruments/sem/files/", {**PHOTO, "file": jpeg(name)})
    first, second = sem.photos.all()

    page.post("/instruments/sem/files/", {"do": "first", "which": second.pk})
    assert list(sem.photos.all()) == [second, first]
    page.post("/instruments/sem/files/", {"do": "remove photo", "which": first.pk})

    assert StoredFile.objects.count() == 2  # the other's picture and its small twin
    gone = next(each for each in history_of(sem) if each.what == "照片")
    assert gone.values == [("文件名", "a.jpg", ""), ("图片说明（中文）", "正面", "")]


@pytest.mark.django_db(transaction=True)
def test_removed_bytes_are_unlinked_when_the_transaction_is_through(browse, manager, sem):
    page = browse(manager)
    page.post("/instruments/sem/files/", {**MANUAL, "file": manual()})
    path = StoredFile.objects.get().path
    assert path.exists()

    page.post("/instruments/sem/files/", {"do": "remove document", "which": Document.objects.get().pk})

    assert not path.exists()


@pytest.mark.parametrize(
    ("readers", "visitor", "signed_in", "lab"),
    [("lab", 404, 404, 200), ("signed_in", 302, 200, 200), ("everyone", 200, 200, 200)],
)
def test_a_document_is_read_by_those_it_is_for(browse, manager, researcher, sem, readers, visitor, signed_in, lab):
    browse(manager).post("/instruments/sem/files/", {**MANUAL, "readers": readers, "file": manual()})
    address = f"/documents/{Document.objects.get().pk}/"

    seen = {who: browse(who).get(address) for who in (None, researcher, manager)}

    assert [each.status_code for each in seen.values()] == [visitor, signed_in, lab]
    assert sent(seen[manager]) == PDF
    assert seen[manager]["Content-Disposition"].startswith("attachment")
    assert seen[manager]["Cache-Control"] == "private, no-store"
    listed = [address in browse(who).get("/instruments/sem/").content.decode() for who in seen]
    assert listed == [each.status_code == 200 for each in seen.values()]


def test_photos_and_documents_by_rest(browse, call, manager, sem):
    page = browse(manager)
    page.post("/instruments/sem/files/", {**PHOTO, "file": jpeg()})
    for readers in ("lab", "everyone"):
        page.post("/instruments/sem/files/", {**MANUAL, "readers": readers, "file": manual()})

    answer = call().get("/api/v1/instruments/sem/").json()

    assert [each["caption_zh"] for each in answer["photos"]] == ["正面"]
    assert browse().get(answer["photos"][0]["small"]).status_code == 200
    assert [each["readers"] for each in answer["documents"]] == ["everyone"]
    assert browse().get(answer["documents"][0]["url"]).status_code == 200


def test_a_document_of_a_retired_instrument_is_read_by_its_institution_alone(
    browse, manager, researcher, university, sem
):
    browse(manager).post("/instruments/sem/files/", {**MANUAL, "readers": "everyone", "file": manual()})
    sem.status = "retired"
    sem.save()
    address, admin = f"/documents/{Document.objects.get().pk}/", member("institution", university, Role.ADMIN)

    assert [browse(who).get(address).status_code for who in (None, researcher, manager, admin)] == [404, 404, 200, 200]


@pytest.mark.parametrize(
    ("name", "data", "word"),
    [
        ("a.svg", b"<svg onload=alert(1)>", "JPEG"),
        ("a.png", picture(), "png"),
        ("a.jpg", b"", "空"),
        ("../a.jpg", None, "JPEG"),
    ],
)
def test_a_file_that_is_no_photo_is_refused_at_its_field_and_nothing_is_kept(browse, manager, sem, name, data, word):
    file = SimpleUploadedFile(name, picture("GIF") if data is None else data)

    answer = browse(manager).post("/instruments/sem/files/", {**PHOTO, "file": file})

    assert answer.status_code == 400
    assert word in "".join(answer.context["photo_form"].errors["file"])
    assert not StoredFile.objects.exists()


def test_what_is_not_given_is_said_beside_its_field(browse, manager, sem):
    answer = browse(manager).post("/instruments/sem/files/", {"do": "document"})
    assert set(answer.context["document_form"].errors) == {"file", "title_zh", "readers"}


def test_twelve_photos_are_enough(browse, manager, sem, monkeypatch):
    monkeypatch.setattr("instruments.services.files.MOST_PHOTOS", 1)
    page = browse(manager)
    page.post("/instruments/sem/files/", {**PHOTO, "file": jpeg()})

    answer = page.post("/instruments/sem/files/", {**PHOTO, "file": jpeg()})

    assert answer.status_code == 400
    assert sem.photos.count() == 1


def test_a_fracture_has_documents_of_its_own(browse, manager, fracture):
    browse(manager).post(f"/items/{fracture.slug}/files/", {**MANUAL, "readers": "everyone", "file": manual()})

    document = Document.objects.get(test_item=fracture)
    assert f"/documents/{document.pk}/" in browse().get(f"/items/{fracture.slug}/").content.decode()


def test_the_qr_picture_stands_with_the_contact_and_is_replaced_and_removed(browse, manager, centre, fracture):
    page, address = browse(manager), f"/lab/{centre.slug}/contact/"
    for _n in range(2):
        page.post(address, {"do": "qr", "file": jpeg()})
    centre.refresh_from_db()
    assert centre.qr_picture.url in browse().get(f"/items/{fracture.slug}/").content.decode()
    assert StoredFile.objects.count() == 2

    page.post(address, {"do": "remove qr"})

    assert not StoredFile.objects.exists()
