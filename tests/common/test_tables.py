"""Tables that people send and get."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from common.errors import WrongInput
from common.tables import csv_of, meant, rows_of_csv


def read(data, limit=10):
    headers, rows = rows_of_csv(data, limit=limit)
    return headers, list(rows)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_table_is_read_in_the_encodings_that_people_have(encoding):
    assert read("仪器,分钟\r\n电镜,30\r\n".encode(encoding)) == (
        ["仪器", "分钟"],
        [(2, {"仪器": "电镜", "分钟": "30"})],
    )


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"a,b\n\x00,1\n", "invalid"),
        (b"\xff\xff\xff,b\n", "encoding"),
        (b"", "empty"),
        (b"a,a\n1,2\n", "header_twice"),
        (b"a\n1\n2\n3\n", "too_long"),
        (b'a\n"' + b"x" * 200_000 + b"\n", "invalid"),
    ],
)
def test_what_is_no_table_is_named(data, code):
    with pytest.raises(WrongInput) as error:
        read(data, limit=2)
    assert (error.value.field, error.value.code) == ("file", code)


def test_lines_are_numbered_as_a_person_counts_them_and_empty_ones_left_out():
    assert [line for line, _row in read(b"a\n\n1\n\n2\n")[1]] == [3, 5]


@example(["'=", "''#N/A", "'plain"])
@given(some.lists(some.text(alphabet=some.characters(exclude_categories=["Cs", "Cc"]), min_size=1), max_size=5))
def test_what_is_written_comes_back_and_no_cell_is_a_formula(cells):
    rows = [{"x": cell} for cell in cells]
    _headers, back = read(csv_of(["x"], rows), limit=10)

    assert [meant(row["x"]) for _line, row in back] == [cell for cell in cells if cell.strip()]
    assert not any(row["x"].startswith(("=", "+", "-", "@")) for _line, row in back)
