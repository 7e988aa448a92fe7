"""The booking slip: what one brings along."""

import pypdfium2
import pytest

from tests import factories

pytestmark = pytest.mark.django_db


def text_of(content: bytes) -> str:
    return "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(content))


def test_the_slip_says_what_when_where_and_who(browse, researcher, sem, nine):
    booking = factories.booked(sem, at=nine, by=researcher, hours=2, title="断口", answers=[
        {"label_zh": "样品是什么？", "answer_zh": "镀铜薄片", "label_en": "Which sample?", "answer_en": ""},
    ])  # fmt: skip
    answer = browse(researcher).get(f"/bookings/{booking.pk}/slip.pdf")
    said = text_of(answer.content)
    assert answer["Content-Type"] == "application/pdf"
    assert all(word in said for word in ("场发射扫描电镜", "09:00–11:00", "researcher", "断口", "镀铜薄片", "已通过"))


def test_a_slip_of_somebody_elses_is_not_there(browse, stranger, researcher, sem, nine):
    booking = factories.booked(sem, at=nine, by=researcher)
    assert browse(stranger).get(f"/bookings/{booking.pk}/slip.pdf").status_code == 404
