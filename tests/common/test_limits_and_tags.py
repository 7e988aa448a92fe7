"""How often one may ask, and which version one asks about."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from common import limits
from common.etags import etag_of
from common.pdf import document, qr

pytestmark = pytest.mark.django_db


def test_beyond_the_limit_of_a_minute_one_waits_and_is_told_how_long(call, researcher, monkeypatch):
    monkeypatch.setattr(limits, "PER_TOKEN", 2)
    client = call(researcher)
    answers = [client.get("/api/v1/bookings/") for _n in range(3)]

    assert [each.status_code for each in answers] == [200, 200, 429]
    assert [each.headers["RateLimit-Remaining"] for each in answers] == ["1", "0", "0"]
    assert 0 < int(answers[2].headers["Retry-After"]) <= 61
    assert answers[2].json()["code"] == "throttled"
    assert call(researcher).get("/api/v1/bookings/").status_code == 200  # another token


def test_below_the_limit_nobody_waits(call, researcher):
    client = call(researcher)

    assert {client.get("/api/v1/bookings/").status_code for _n in range(5)} == {200}


def test_where_the_cache_is_away_nobody_is_refused(call, researcher, monkeypatch):
    monkeypatch.setattr(limits, "PER_TOKEN", 0)
    assert call(researcher).get("/api/v1/bookings/").status_code == 429

    monkeypatch.setattr(cache, "add", lambda *_args: False)
    monkeypatch.setattr(cache, "incr", lambda *_args: (_ for _ in ()).throw(ValueError))
    assert call(researcher).get("/api/v1/bookings/").status_code == 200


def test_a_tag_is_quoted_and_changes_with_the_version():
    assert (etag_of(1), etag_of(2)) == ('"v1"', '"v2"')


def test_a_pdf_has_rare_letters_and_a_code():
    pypdfium2 = pytest.importorskip("pypdfium2")
    pdf = document(title="标签", paper=(105, 148))
    pdf.multi_cell(0, 9, "堃喆镕玥赟 场发射扫描电镜")
    qr(pdf, "https://example.org/instruments/sem/here/", x=20, y=40, size=60)
    page = pypdfium2.PdfDocument(bytes(pdf.output()))[0]

    assert "堃喆镕玥赟" in page.get_textpage().get_text_range()
    picture = page.render(scale=2).to_pil().convert("L")
    dark = sum(picture.crop((60, 120, 230, 290)).histogram()[:128])
    assert dark > 1000
