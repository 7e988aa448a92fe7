"""Files that want harm, and files of honest people: made here, so that the repository holds no binary.

`hostile()` and `honest()` give each as (what it is, name, bytes).
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator

from fpdf import FPDF
from openpyxl import Workbook
from PIL import Image

from common.uploads.marks import EICAR

File = tuple[str, str, bytes]
SCRIPT = b"<script>alert(1)</script>"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def picture(kind: str = "JPEG", size: tuple[int, int] = (120, 80), mode: str = "RGB", **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert(mode).save(buffer, kind, **options)
    return buffer.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, rows: bytes, *more: bytes, depth: int = 8, colour: int = 0) -> bytes:
    header = chunk(b"IHDR", struct.pack(">2I5B", width, height, depth, colour, 0, 0, 0))
    packed = chunk(b"IDAT", zlib.compress(rows, 9))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(more) + packed + chunk(b"IEND", b"")


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, compress_type=method)
    return buffer.getvalue()


def workbook() -> bytes:
    book, buffer = Workbook(), io.BytesIO()
    book.active.append(["仪器", "分钟"])
    book.active.append(["扫描电镜", 30])
    book.active["C1"].hyperlink = "https://example.org/"
    book.save(buffer)
    return buffer.getvalue()


def parts_of_workbook() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(workbook())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def workbook_with(more: dict[str, bytes] | None = None, **options: int) -> bytes:
    return zipped(parts_of_workbook() | (more or {}), **options)


def workbook_typed(content_type: str) -> bytes:
    parts = parts_of_workbook()
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(SHEET_TYPE.encode(), content_type.encode())
    return zipped(parts)


def links(kind: str, target: str, mode: str = "External") -> bytes:
    link = f'<Relationship Id="r9" Type="{OFFICE}/{kind}" Target="{target}" TargetMode="{mode}"/>'
    return f'<Relationships xmlns="{RELATIONS}">{link}</Relationships>'.encode()


def pdf(*objects: bytes, trailer: bytes = b"", root: bytes = b"", version: bytes = b"1.7") -> bytes:
    """A PDF of one empty page; `objects` are numbered from 4."""
    body = bytearray(b"%PDF-" + version + b"\n%\xe2\xe3\xcf\xd3\n")
    first = [
        b"<</Type/Catalog/Pages 2 0 R" + root + b">>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>",
    ]
    places = []
    for number, content in enumerate([*first, *objects], start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(body)
    body += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    body += b"".join(b"%010d 00000 n \n" % place for place in places)
    body += b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, trailer, start)
    return bytes(body)


def stream(data: bytes, more: bytes = b"/Filter/FlateDecode", *, pack: bool = True) -> bytes:
    packed = zlib.compress(data, 9) if pack else data
    return b"<</Length %d%s>>\nstream\n%s\nendstream" % (len(packed), more, packed)


def real_pdf() -> bytes:
    document = FPDF()
    document.add_page()
    document.set_font("Helvetica", size=12)
    document.cell(text="A certificate")
    document.image(io.BytesIO(picture()), w=40)
    document.add_page()
    return bytes(document.output())


def gif(frames: int = 1) -> bytes:
    pages = [Image.new("L", (8, 8), shade * 40) for shade in range(frames)]
    buffer = io.BytesIO()
    pages[0].save(buffer, "GIF", save_all=frames > 1, append_images=pages[1:])
    return buffer.getvalue()


def moving(kind: str) -> bytes:
    pages = [Image.new("RGB", (8, 8), (shade, 0, 0)) for shade in (0, 200)]
    buffer = io.BytesIO()
    pages[0].save(buffer, kind, save_all=True, append_images=pages[1:], duration=100)
    return buffer.getvalue()


def overlapping_zip() -> bytes:
    """Two entries of the directory that name the same bytes: the bomb that shares its powder."""
    data = workbook_with({"xl/a.xml": b"<a/>", "xl/b.xml": b"<a/>"})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        where = {name: archive.getinfo(name).header_offset for name in ("xl/a.xml", "xl/b.xml")}
    old, new = struct.pack("<L", where["xl/b.xml"]), struct.pack("<L", where["xl/a.xml"])
    at = data.rindex(b"xl/b.xml") - 4
    assert data[at : at + 4] == old
    return data[:at] + new + data[at + 4 :]


def lying_zip() -> bytes:
    """A member that says it has ten bytes and has forty megabytes."""
    data = bytearray(workbook_with({"xl/a.xml": b"<a>" + b" " * 40_000_000}))
    at = data.rindex(b"xl/a.xml") - 46
    data[at + 24 : at + 28] = struct.pack("<L", 10)
    return bytes(data)


def many_members() -> bytes:
    return zipped({f"xl/{number}.xml": b"" for number in range(100_000)}, zipfile.ZIP_STORED)


def encrypted_zip() -> bytes:
    data = bytearray(workbook())
    at = data.rindex(b"PK\x01\x02")
    data[at + 8] |= 1
    return bytes(data)


def rotated_photo() -> bytes:
    """As a telephone writes it: lying on its side, with the place where it was taken, a maker's note and a comment."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "MakerOfPhones"
    exif.get_ifd(0x8825).update({1: "N", 2: (38.0, 52.0, 1.0), 3: "E", 4: (121.0, 31.0, 1.0)})
    return picture(size=(300, 200), exif=exif, comment=b"taken in secret")


def hostile_pictures() -> Iterator[File]:
    plain = picture()
    yield "SVG with a script", "a.svg", b'<svg xmlns="http://www.w3.org/2000/svg">' + SCRIPT + b"</svg>"
    yield "SVG called PNG", "a.png", b'<svg xmlns="http://www.w3.org/2000/svg">' + SCRIPT + b"</svg>"
    yield "GIF", "a.gif", gif()
    yield "GIF called PNG", "a.png", gif(3)
    yield "GIF that is JavaScript", "a.gif", b"GIF89a=1;alert(1);"
    yield "GIF that is JavaScript, called JPEG", "a.jpg", b"GIF89a=1;alert(1);"
    yield "JPEG with a ZIP behind it", "a.jpg", plain + zipped({"a.exe": b"MZ"})
    yield "JPEG with a page behind it", "a.jpg", plain + b"<html>" + SCRIPT
    yield "JPEG with PHP in its comment", "a.jpg", picture(comment=b"<?php system($_GET['c']); ?>")
    yield "JPEG with a script in its EXIF", "a.jpg", picture(exif=_exif_with(SCRIPT.decode()))
    yield "JPEG with a PDF behind it", "a.jpg", plain + real_pdf()
    yield "JPEG cut off", "a.jpg", picture(size=(900, 900))[:-200]
    header = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9"
    yield "JPEG of a header only", "a.jpg", header
    yield "JPEG of 5000 scans", "a.jpg", _many_scans()
    yield "PNG called JPEG", "a.jpg", picture("PNG")
    yield "JPEG called PNG", "a.png", plain
    yield "PNG of 20k × 20k", "a.png", png(20_000, 20_000, bytes(2501) * 20_000, depth=1)
    yield "PNG of 20k × 20k whose data are missing", "a.png", png(20_000, 20_000, b"")
    yield "PNG of 4 thousand million × 1", "a.png", png(2**31 - 1, 2**31 - 1, b"\x00")
    yield "PNG of 39 million pixels, cut off", "a.png", png(6_200, 6_200, bytes(1000), colour=6)
    yield "PNG with a text that unpacks to 100 MB", "a.png", png(1, 1, b"\0\0", chunk(b"zTXt", _packed_zeros(b"a\0\0")))
    yield "PNG with a profile that unpacks to 100 MB", "a.png", png(9, 9, b"", chunk(b"iCCP", _packed_zeros(b"a\0\0")))
    yield "PNG with a ZIP behind it", "a.png", picture("PNG") + zipped({"a": b"a"})
    yield "PNG with something behind it", "a.png", picture("PNG") + b"\x90" * 99
    yield "PNG with a wrong checksum", "a.png", picture("PNG")[:40] + b"\xff" + picture("PNG")[41:]
    yield "moving PNG", "a.png", moving("PNG")
    yield "moving WebP", "a.webp", moving("WEBP")
    yield "WebP with a ZIP behind it", "a.webp", picture("WEBP") + zipped({"a": b"a"})
    yield "WebP cut off", "a.webp", picture("WEBP", (400, 400))[:-50]
    yield "TIFF", "a.tif", picture("TIFF")
    yield "BMP called PNG", "a.png", picture("BMP")
    yield "ICO", "favicon.ico", picture("ICO", (16, 16))
    yield "nothing, called PNG", "a.png", b""


def _exif_with(text: str) -> Image.Exif:
    exif = Image.Exif()
    exif[0x010E] = text
    return exif


def _packed_zeros(start: bytes) -> bytes:
    return start + zlib.compress(bytes(100_000_000), 9)


def _many_scans() -> bytes:
    data = picture(progressive=True, size=(16, 16))
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * 5000 + data[-2:]


def hostile_pdfs() -> Iterator[File]:
    script = b"<</S/JavaScript/JS(app.alert(1))>>"
    yield "PDF with JavaScript", "a.pdf", pdf(script, root=b"/OpenAction 4 0 R")
    spelled = b"<</S/J#61vaScr#69pt/JS(1)>>"
    yield "PDF with JavaScript spelled otherwise", "a.pdf", pdf(spelled, root=b"/OpenAction 4 0 R")
    yield "PDF with JavaScript in an object stream", "a.pdf", pdf(_object_stream(script))
    yield "PDF that calls its object stream otherwise", "a.pdf", pdf(_object_stream(script, kind=b"/Type/X"))
    yield "PDF with an object stream packed twice", "a.pdf", pdf(
        stream(zlib.compress(b"4 0 " + script).hex().encode() + b">",
               b"/Type/ObjStm/N 1/First 4/Filter[/ASCIIHexDecode/FlateDecode]", pack=False)
    )  # fmt: skip
    yield (
        "PDF with a predictor behind its object stream",
        "a.pdf",
        pdf(stream(b"\x01" + script, b"/Type/ObjStm/N 1/First 4/Filter/FlateDecode/DecodeParms<</Predictor 11>>")),
    )
    yield (
        "PDF with a bracket in a string before the filter",
        "a.pdf",
        pdf(stream(script, b"/X(>>\\))/Type/ObjStm/N 1/First 4/Filter/FlateDecode/DecodeParms<</Predictor 11>>")),
    )
    yield "PDF with a script inside what seems a picture", "a.pdf", pdf(stream(b"9 0 obj\n" + script, b"", pack=False))
    yield "PDF that starts a program", "a.pdf", pdf(b"<</S/Launch/F(cmd.exe)>>", root=b"/OpenAction 4 0 R")
    yield "PDF with a program at the page's opening", "a.pdf", pdf(root=b"/AA<</O<</S/Launch/Win<</F(cmd.exe)>>>>>>")
    yield "PDF with an attached file", "a.pdf", pdf(
        b"<</Type/Filespec/F(a.exe)/EF<</F 5 0 R>>>>", stream(b"MZ", b"/Type/EmbeddedFile/Filter/FlateDecode"),
        root=b"/Names<</EmbeddedFiles<</Names[(a.exe)4 0 R]>>>>",
    )  # fmt: skip
    yield "PDF with a file attached without saying so", "a.pdf", pdf(b"<</F(a.exe)/EF <</F 5 0 R>>>>", stream(b"MZ"))
    yield "PDF with a form that sends", "a.pdf", pdf(b"<</S/SubmitForm/F(https://example.org)>>")
    yield "PDF with an XFA form", "a.pdf", pdf(root=b"/AcroForm<</XFA 4 0 R>>")
    yield "PDF that opens another", "a.pdf", pdf(b"<</S/GoToR/F(//example.org/a.pdf)>>")
    yield "PDF with Flash", "a.pdf", pdf(b"<</Type/Annot/Subtype/RichMedia>>")
    yield "PDF with a password", "a.pdf", pdf(trailer=b"/Encrypt<</Filter/Standard/V 2/R 3>>")
    yield "PDF with a ZIP behind it", "a.pdf", pdf() + zipped({"a": b"a"})
    yield "PDF with a ZIP in its last comment", "a.pdf", pdf(b"(" + zipped({"a": b"a"}, zipfile.ZIP_STORED) + b")")
    yield "PDF that is a page too", "a.pdf", pdf(b"(<html>" + SCRIPT + b")")
    yield "PDF with a page before it", "a.pdf", b"<html>" + pdf()
    yield "PDF cut off", "a.pdf", real_pdf()[:-60]
    yield "PDF of a header only", "a.pdf", b"%PDF-1.7\n"
    yield "PDF whose table is elsewhere", "a.pdf", pdf().replace(b"startxref\n", b"startxref\n9")
    yield "PDF whose stream unpacks to 2 GB", "a.pdf", pdf(*[stream(bytes(20_000_000))] * 100)
    nested = b"stream\n\x78\x9c\x00\x00\x00\xff\xff" * 300_000
    yield "PDF of streams within streams", "a.pdf", pdf(stream(b"", b"") + nested)
    yield "PDF with a test virus", "a.pdf", pdf(b"(" + EICAR + b")")
    yield "PDF with a packed test virus", "a.pdf", pdf(stream(EICAR))
    yield "PDF called XLSX", "a.xlsx", pdf()
    yield "PDF called TXT", "a.txt", b"%PDF-1.7 (only letters)"


def _object_stream(script: bytes, kind: bytes = b"/Type/ObjStm") -> bytes:
    return stream(b"9 0 " + script, kind + b"/N 1/First 4/Filter/FlateDecode")


def hostile_offices() -> Iterator[File]:
    macro = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    evil = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'
    lol = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 9))
    yield "XLSM", "a.xlsm", workbook_typed(macro)
    yield "XLSM in an XLSX's clothes", "a.xlsx", workbook_typed(macro)
    yield "XLSX with a macro", "a.xlsx", workbook_with({"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"})
    yield (
        "XLSX with a macro called a picture",
        "a.xlsx",
        workbook_with({"xl/_rels/workbook.xml.rels": links("vbaProject", "media/a.png", "Internal")}),
    )
    yield "XLSX with an old macro sheet", "a.xlsx", workbook_with({"xl/macrosheets/sheet1.xml": b"<a/>"})
    yield "XLSX with an OLE object", "a.xlsx", workbook_with({"xl/embeddings/oleObject1.bin": b"\xd0\xcf\x11\xe0"})
    yield "XLSX with ActiveX", "a.xlsx", workbook_with({"xl/activeX/activeX1.xml": b"<a/>"})
    yield "XLSX with a program", "a.xlsx", workbook_with({"xl/media/a.exe": b"MZ"})
    yield "XLSX that draws on another file", "a.xlsx", workbook_with({"xl/externalLinks/externalLink1.xml": b"<a/>"})
    yield "XLSX with a data connection", "a.xlsx", workbook_with({"xl/connections.xml": b"<a/>"})
    yield (
        "XLSX that fetches a picture",
        "a.xlsx",
        workbook_with({"xl/worksheets/_rels/s.xml.rels": links("image", "https://example.org/a.png")}),
    )
    yield (
        "XLSX that asks a file server",
        "a.xlsx",
        workbook_with({"xl/worksheets/_rels/s.xml.rels": links("hyperlink", "file://example.org/share")}),
    )
    yield "DOCX whose template is elsewhere", "a.docx", zipped(
        {"[Content_Types].xml": _types_of_text(), "word/document.xml": b"<w/>",
         "word/_rels/settings.xml.rels": links("attachedTemplate", "https://example.org/a.dotm")}
    )  # fmt: skip
    yield "DOCM in a DOCX's clothes", "a.docx", zipped(
        {"[Content_Types].xml": _types_of_text().replace(b"main+xml", b"x").replace(b"openxml", b"macroEnabled"),
         "word/vbaProject.bin": b"\xd0\xcf\x11\xe0"}
    )  # fmt: skip
    yield "DOCX called XLSX", "a.xlsx", zipped({"[Content_Types].xml": _types_of_text(), "word/document.xml": b"<w/>"})
    yield "XLSX with a foreign entity", "a.xlsx", workbook_with({"xl/a.xml": evil})
    yield (
        "XLSX whose types are a bomb",
        "a.xlsx",
        workbook_with({"[Content_Types].xml": b"<!DOCTYPE a [<!ENTITY l0 'ha'>" + lol + b"]><a>&l8;</a>"}),
    )
    yield "XLSX with an entity in UTF-16", "a.xlsx", workbook_with({"xl/a.xml": evil.decode().encode("utf-16")})
    yield "XLSX with a test virus", "a.xlsx", workbook_with({"xl/a.xml": b"<a>" + EICAR + b"</a>"})
    yield "XLSX that unpacks to 300 MB", "a.xlsx", workbook_with({"xl/a.xml": b"<a>" + b"0" * 300_000_000})
    yield "XLSX whose member lies about its size", "a.xlsx", lying_zip()
    yield "XLSX whose members share their bytes", "a.xlsx", overlapping_zip()
    yield "XLSX of 100,000 members", "a.xlsx", many_members()
    yield "XLSX with a path that leads out", "a.xlsx", workbook_with({"../../etc/cron.d/a.xml": b"<a/>"})
    yield "XLSX with a path from the root", "a.xlsx", workbook_with({"/etc/a.xml": b"<a/>"})
    yield "XLSX with a path of Windows", "a.xlsx", workbook_with({"xl\\..\\..\\a.xml": b"<a/>"})
    yield "XLSX with a part twice", "a.xlsx", workbook_with({"XL/workbook.xml": b"<a/>"})
    yield "XLSX with a password", "a.xlsx", encrypted_zip()
    yield "XLSX with a program before it", "a.xlsx", b"MZ" + workbook()
    yield "XLSX with a page behind it", "a.xlsx", workbook() + b"<html>" + SCRIPT
    yield "XLSX packed in another way", "a.xlsx", workbook_with(method=zipfile.ZIP_BZIP2)
    yield "XLSX cut off", "a.xlsx", workbook()[:-30]
    yield "old XLS called XLSX", "a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)


def _types_of_text() -> bytes:
    kind = SHEET_TYPE.replace("spreadsheetml.sheet", "wordprocessingml.document")
    return f'<Types><Override PartName="/word/document.xml" ContentType="{kind}"/></Types>'.encode()


def hostile_others() -> Iterator[File]:
    yield "page called TXT", "a.txt", b"\n  <!DOCTYPE html><html>" + SCRIPT
    yield "script in a CSV", "a.csv", b"name\n" + SCRIPT + b"\n"
    yield "page", "a.html", b"<html>" + SCRIPT
    yield "CSV that starts a program", "a.csv", b"name,n\n=cmd|' /C calc'!A0,1\n"
    yield "CSV that starts a program after a sign", "a.csv", b"name,n\n\"+cmd|' /C calc'!A0\",1\n"
    yield "CSV that fetches", "a.csv", '名称,数\n"=WEBSERVICE(""https://example.org"")",1\n'.encode("gb18030")
    yield "CSV with NUL", "a.csv", b"a,b\n\x00,1\n"
    yield "CSV in no encoding", "a.csv", b"\xff\xff\xff,b\n"
    yield "test virus called TXT", "a.txt", EICAR
    yield "shell script called TXT", "a.txt", b"#!/bin/sh\nrm -rf /\n"
    yield "program called TXT", "a.txt", b"MZ\x90\x00" + bytes(200)
    yield "program", "a.exe", b"MZ\x90\x00" + bytes(200)
    yield "program called PDF", "a.pdf", b"\x7fELF" + bytes(200)
    yield "ZIP", "a.zip", zipped({"a.txt": b"a"})
    yield "ZIP called XLSX", "a.xlsx", zipped({"a.txt": b"a"})
    yield "name that leads out", "../../a.pdf", pdf()
    yield "name with a NUL", "a.pdf\x00.txt", pdf()
    yield "name that reads backwards", "a\u202efdp.exe.pdf", pdf()
    yield "name of a device", "CON.txt", b"a"
    yield "name without a stem", ".txt", b"a"
    yield "name without an extension", "a", b"a"
    yield "document of 21 MB", "a.txt", b"a" * (21 * 1024 * 1024)


def hostile() -> Iterator[File]:
    for source in (hostile_pictures, hostile_pdfs, hostile_offices, hostile_others):
        yield from source()


def honest() -> dict[str, Callable[[], tuple[str, bytes]]]:
    """What must be taken, by what it is."""
    return {
        "a photo lying on its side": lambda: ("实验室 照片.JPG", rotated_photo()),
        "a photo with a phone's notes behind it": lambda: ("phone.jpeg", picture() + b"SEFT" + bytes(range(1, 99))),
        "a PNG that one can look through": lambda: ("标志.png", picture("PNG", mode="RGBA")),
        "a picture of a microscope, 16 bits of grey": lambda: ("电镜.png", picture("PNG", mode="I;16")),
        "a PNG with a palette": lambda: ("palette.png", picture("PNG", mode="P")),
        "a print shop's JPEG": lambda: ("cmyk.jpg", picture(mode="CMYK")),
        "a WebP": lambda: ("a.webp", picture("WEBP", (3000, 1000))),
        "a PDF": lambda: ("检定证书（2026）.pdf", real_pdf()),
        "a PDF with an object stream": lambda: ("a.pdf", pdf(_object_stream(b"<</Title(x)>>"), version=b"1.5")),
        "a workbook": lambda: ("使用记录.xlsx", workbook()),
        "a table of a Chinese Excel": lambda: ("机时.csv", "仪器,分钟,温度\n电镜,30,-5\n".encode("gb18030")),
        "a table in UTF-8 with its mark": lambda: ("a.csv", "仪器,分钟\r\n电镜,30\r\n".encode("utf-8-sig")),
        "a text": lambda: ("说明.txt", "先预约，后使用。\n温度 < 30 ℃".encode()),
        "a text's DOCX": lambda: (
            "a.docx",
            zipped({"[Content_Types].xml": _types_of_text(), "word/document.xml": b"<w/>"}),
        ),
    }
