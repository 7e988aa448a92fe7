"""Files that people hand in: the hostile are refused, each by its rule; the honest are taken."""

from __future__ import annotations

import io
import resource
import tracemalloc
import zlib
from dataclasses import dataclass

import pytest
from PIL import Image

from common.errors import WrongInput
from common.uploads import DOCUMENT_LIMIT, PICTURE_LIMIT, UploadWithinLimit, bytes_of, document_of, picture_of
from tests.common import hostile as made

PICTURES = {"jpg", "jpeg", "png", "webp", "gif", "svg", "tif", "ico"}


def take(name, data):
    """As the services take it."""
    if name.rpartition(".")[2].lower() in PICTURES:
        return picture_of(bytes_of(data, limit=PICTURE_LIMIT), name=name)
    return document_of(bytes_of(data, limit=DOCUMENT_LIMIT), name=name)


def verdict(name, data, way=take):
    try:
        way(name, data)
    except WrongInput as error:
        return error.code if str(error.detail) else "no sentence"
    return "taken"


@dataclass(frozen=True)
class Judged:
    """What became of one hostile file: the verdicts, by way of taking it, and the most memory in MB for it."""

    what: str
    verdicts: tuple[str, ...]
    of_python: float
    grown: float  # by how much the process did


def judged():
    """Each hostile file, as the services take it, as a picture and as a document."""
    for what, name, data in made.hostile():
        ways = [take, lambda n, d: picture_of(d, name=n), lambda n, d: document_of(d, name=n)]
        if "21 MB" in what:
            del ways[1:]  # whoever reads it all by itself has gone round the limit
        tracemalloc.start()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        verdicts = tuple(verdict(name, data, way) for way in ways)
        of_python = tracemalloc.get_traced_memory()[1] / 2**20
        tracemalloc.stop()
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 2**10
        yield Judged(what, verdicts, of_python, grown)


def test_no_hostile_file_is_taken_neither_as_picture_nor_as_document_and_memory_does_not_grow():
    found = list(judged())

    assert [each.what for each in found if "taken" in each.verdicts] == []
    assert [each.what for each in found if max(each.of_python, each.grown) >= 200] == []
    assert len(found) == len({each.what for each in found}) >= 100


REASONS = {
    "SVG called PNG": "no_picture",
    "JPEG with a ZIP behind it": "mixed",
    "PNG called JPEG": "extension",
    "PNG of 20k × 20k": "pixels",
    "moving PNG": "animated",
    "moving WebP": "animated",
    "WebP with a ZIP behind it": "mixed",
    "JPEG of 5000 scans": "unpacked",
    "PDF with JavaScript": "active",
    "PDF with JavaScript spelled otherwise": "active",
    "PDF with JavaScript in an object stream": "active",
    "PDF with an attached file": "active",
    "PDF with a file attached without saying so": "active",
    "PDF with a password": "encrypted",
    "PDF that is a page too": "mixed",
    "PDF with a packed test virus": "known_bad",
    "PDF whose stream unpacks to 2 GB": "unpacked",
    "PDF of streams within streams": "unpacked",
    "XLSM in an XLSX's clothes": "macros",
    "XLSX with a macro": "macros",
    "XLSX that draws on another file": "links",
    "XLSX that asks a file server": "links",
    "DOCX whose template is elsewhere": "links",
    "XLSX with a foreign entity": "mixed",
    "XLSX that unpacks to 300 MB": "unpacked",
    "XLSX whose member lies about its size": "unpacked",
    "XLSX whose members share their bytes": "mixed",
    "XLSX with a path that leads out": "name",
    "XLSX with a test virus": "known_bad",
    "CSV that starts a program": "formula",
    "test virus called TXT": "known_bad",
    "page called TXT": "mixed",
    "name that leads out": "name",
    "name that reads backwards": "name",
    "document of 21 MB": "too_large",
    "nothing, called PNG": "empty",
}


def test_the_refusal_names_the_rule():
    """So that none of them is refused by accident, for a fault in how we made it."""
    found = {what: verdict(name, data) for what, name, data in made.hostile() if what in REASONS}
    assert found == REASONS


@pytest.mark.parametrize("what", made.honest())
def test_an_honest_file_is_taken(what):
    name, data = made.honest()[what]()
    assert take(name, data).name == name


def test_a_photo_is_turned_upright_and_keeps_nothing_of_what_the_phone_wrote():
    data = made.rotated_photo()
    assert b"MakerOfPhones" in data
    assert b"taken in secret" in data

    kept = take("照片.jpg", data)

    assert (kept.large.width, kept.large.height) == (200, 300)
    for drawn in (kept.large, kept.small):
        image = Image.open(io.BytesIO(drawn.data))
        assert not image.getexif()
        assert not {"exif", "comment", "xmp", "icc_profile"} & image.info.keys()
        assert b"Exif" not in drawn.data
        # The test's picture is dark on top; a quarter turn to the right brings that to the right.
        assert image.getpixel((2, image.height // 2)) > image.getpixel((image.width - 3, image.height // 2))


def test_transparency_stays_and_sixteen_bits_of_grey_keep_their_shades():
    clear = Image.new("RGBA", (10, 10), (255, 0, 0, 0))
    buffer = io.BytesIO()
    clear.save(buffer, "PNG")
    kept = Image.open(io.BytesIO(take("a.png", buffer.getvalue()).large.data))
    assert kept.mode == "RGBA"
    assert kept.getpixel((5, 5))[3] == 0

    grey = Image.new("I;16", (10, 10), 32768)
    buffer = io.BytesIO()
    grey.save(buffer, "PNG")
    assert Image.open(io.BytesIO(take("a.png", buffer.getvalue()).large.data)).getpixel((5, 5)) == 128


def test_a_large_picture_is_made_smaller_and_gets_a_small_twin():
    kept = take("a.jpg", made.picture(size=(5000, 1000)))
    assert (kept.large.width, kept.large.height) == (2400, 480)
    assert (kept.small.width, kept.small.height) == (480, 96)


@pytest.mark.parametrize(
    ("attack", "code"),
    [
        (b"obj<<" * 400_000, "unpacked"),
        (b"obj<<(" * 400_000, "unpacked"),
        (b"stream\n\x78\x9c" * 200_000, "unpacked"),
        (b"obj<</N/First>>" + b"%\n" * 500_000, "taken"),
    ],
)
def test_work_is_limited_however_objects_lie_in_one_another(attack, code):
    assert verdict("a.pdf", made.pdf(attack)) == code


def test_nothing_hides_on_the_border_of_two_pieces():
    for distance in range(2**20 - 12, 2**20 + 2):
        data = made.pdf(made.stream(b" " * distance + b"/JavaScript "))
        assert verdict("a.pdf", data) == "active", distance
    noise = zlib.compress(bytes(range(256)) * 9000)
    assert verdict("a.pdf", made.pdf(made.stream(noise))) == "taken"


class Endless:
    """A file that says nothing of its size and never ends."""

    name, read_bytes = "a.txt", 0

    def read(self, size=-1):
        assert size > 0
        self.read_bytes += size
        return b"a" * size


def test_an_endless_file_is_read_no_further_than_its_limit():
    source = Endless()
    with pytest.raises(WrongInput) as error:
        bytes_of(source, limit=PICTURE_LIMIT)
    assert error.value.code == "too_large"
    assert source.read_bytes < PICTURE_LIMIT + 2**20


def test_of_200_megabytes_that_are_sent_neither_memory_nor_disk_gets_more_than_the_limit():
    handler, piece = UploadWithinLimit(), b"a" * 65536
    handler.new_file("file", "large.txt", "text/plain", None)
    tracemalloc.start()
    for start in range(0, 200 * 2**20, len(piece)):
        handler.receive_data_chunk(piece, start)
    on_disk = handler.file.tell()
    arrived = handler.file_complete(200 * 2**20)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert on_disk <= DOCUMENT_LIMIT
    assert peak < 2**20
    assert (arrived.name, arrived.size) == ("large.txt", 200 * 2**20)
    with pytest.raises(WrongInput) as error:
        bytes_of(arrived, limit=DOCUMENT_LIMIT)
    assert error.value.code == "too_large"
