import io
import re
import subprocess
from argparse import ArgumentParser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import template

ROOT = Path(settings.BASE_DIR)
COMMITTED = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
KEYWORDS = [
    *("gettext_lazy", "gettext_noop", "ngettext:1,2", "ngettext_lazy:1,2"),
    *("pgettext:1c,2", "pgettext_lazy:1c,2", "npgettext:1c,2,3", "npgettext_lazy:1c,2,3"),
]
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
HEADER = """# Jishi in Simplified Chinese. The words are those of docs/words.md.
msgid ""
msgstr ""
"Project-Id-Version: jishi\\n"
"Language: zh_Hans\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""


class Command(BaseCommand):
    help = "Tells whether every sentence has its Chinese; --update brings the list of sentences up to date."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--update", action="store_true", help="rewrite the file, sorted, keeping translations")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted, kept = sentences(), translated()
        if options["update"]:
            write(wanted, kept)
            kept = translated()
        faults = [*missing(wanted, kept), *left_over(wanted, kept), *broken(kept), *obsolete()]
        if faults:
            raise CommandError("\n".join(["The Chinese is not complete:", *faults]))


def key_of(message: Message) -> tuple[str | None, str]:
    return message.context, message.id if isinstance(message.id, str) else message.id[0]


def chinese(message: Message | None) -> str:
    if message is None:
        return ""
    return message.string if isinstance(message.string, str) else (message.string or [""])[0]


def sentences() -> dict[tuple[str | None, str], Message]:
    """Every sentence that our Python and our templates mark for translation."""
    files = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.py", "templates/"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = [
        name for name in files.stdout.decode().split("\n") if name and not name.startswith(("tests/", "launcher/"))
    ]
    with TemporaryDirectory() as folder:
        for name in names:
            source = ROOT / name
            if source.exists():
                copy = Path(folder) / (name if name.endswith(".py") else f"{name}.py")
                copy.parent.mkdir(parents=True, exist_ok=True)
                text = source.read_text(encoding="utf-8")
                copy.write_text(
                    text if name.endswith(".py") else template.templatize(text, origin=name), encoding="utf-8"
                )
        return extracted(Path(folder))


def extracted(folder: Path) -> dict[tuple[str | None, str], Message]:
    found = folder / "found.po"
    names = sorted(str(each.relative_to(folder)) for each in folder.rglob("*.py"))
    keywords = [f"--keyword={word}" for word in ["_", *KEYWORDS]]
    command = ["xgettext", "-d", "django", "-L", "Python", "--from-code=UTF-8", "--no-location", *keywords, "-o"]
    try:
        subprocess.run([*command, str(found), *names], cwd=folder, check=True, capture_output=True)
    except FileNotFoundError as error:
        raise CommandError("xgettext is missing: apt-get install gettext") from error
    # The header that xgettext writes is a form to fill in.
    text = found.read_text(encoding="utf-8").replace("charset=CHARSET", "charset=UTF-8")
    text = text.replace("nplurals=INTEGER; plural=EXPRESSION;", "nplurals=2; plural=(n != 1);")
    catalog = read_po(io.BytesIO(text.encode()))
    return {key_of(message): message for message in catalog if message.id}


def translated() -> dict[tuple[str | None, str], Message]:
    """What the committed file holds."""
    if not COMMITTED.exists():
        return {}
    with COMMITTED.open("rb") as file:
        return {key_of(message): message for message in read_po(file, locale="zh_Hans") if message.id}


def missing(wanted: dict[Any, Message], kept: dict[Any, Message]) -> list[str]:
    return [f"  no Chinese: {key[1]!r}" for key in wanted if not chinese(kept.get(key)) or kept[key].fuzzy]


def left_over(wanted: dict[Any, Message], kept: dict[Any, Message]) -> list[str]:
    return [f"  not used any more: {key[1]!r}" for key in kept if key not in wanted]


def obsolete() -> list[str]:
    """Entries that somebody kept as comments (`#~`)."""
    if not COMMITTED.exists():
        return []
    with COMMITTED.open("rb") as file:
        return [f"  obsolete: {key!r}" for key in read_po(file, locale="zh_Hans").obsolete]


def broken(kept: dict[Any, Message]) -> list[str]:
    """Translations whose placeholders are not those of the sentence; Chinese has one form for both numbers."""
    return [
        f"  other placeholders: {key[1]!r}"
        for key, message in kept.items()
        if chinese(message) and placeholders(message.id) != placeholders(chinese(message))
    ]


def placeholders(sentence: Any) -> set[str]:
    forms = [sentence] if isinstance(sentence, str) else sentence
    return {found for form in forms for found in PLACEHOLDER.findall(form)}


def write(wanted: dict[Any, Message], kept: dict[Any, Message]) -> None:
    catalog = Catalog(locale="zh_Hans", charset="utf-8")
    for key, message in wanted.items():
        string = chinese(kept.get(key))
        flags = [flag for flag in message.flags if flag != "fuzzy"]
        catalog.add(message.id, (string,) if message.pluralizable else string, context=message.context, flags=flags)
    with COMMITTED.open("wb") as file:
        file.write(HEADER.encode())
        write_po(file, catalog, width=120, no_location=True, sort_output=True, omit_header=True)
