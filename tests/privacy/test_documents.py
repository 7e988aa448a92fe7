"""What the documents say of privacy and security is what the code does, and what they name is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from privacy.management.commands import privacy_current

ROOT = Path(__file__).parents[2]
ASVS = (ROOT / "docs" / "security" / "asvs.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([12]) \| (.+?) \| (.+) \|$", re.MULTILINE)
NAMED = re.compile(r"`([\w./-]+?\.(?:py|md|csv|yaml|conf|toml|json|html|js)|tests/\S+?|[a-z_]+/)(?:::(\w+))?`")
TAKES_FILES = 'enctype="multipart/form-data"'
# How many requirements of levels 1 and 2 each section of ASVS 5.0.0 has; those of level 3 come after them.
SECTIONS = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3,
    "2.3": 4, "2.4": 1, "3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2,
    "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4, "5.1": 1, "5.2": 3, "5.3": 2,
    "5.4": 3, "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3,
    "6.8": 4, "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2,
    "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1, "9.1": 3, "9.2": 4, "10.1": 2,
    "10.2": 2, "10.3": 4, "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3,
    "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1,
    "12.1": 3, "12.2": 2, "12.3": 4, "13.1": 1, "13.2": 5, "13.3": 2,
    "13.4": 5, "14.1": 2, "14.2": 4, "14.3": 3, "15.1": 3, "15.2": 3,
    "15.3": 7, "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3,
    "17.1": 1, "17.2": 4, "17.3": 2,
}  # fmt: skip


def test_the_tables_of_the_document_are_those_of_the_code(tmp_path, monkeypatch):
    call_command("privacy_current")

    changed = tmp_path / "privacy.md"
    text = privacy_current.DOCUMENT.read_text(encoding="utf-8")
    changed.write_text(text.replace("72 hours", "73 hours"), encoding="utf-8")
    monkeypatch.setattr(privacy_current, "DOCUMENT", changed)
    with pytest.raises(CommandError):
        call_command("privacy_current")


def test_each_requirement_of_both_levels_has_its_row():
    wanted = [f"{section}.{number}" for section, count in SECTIONS.items() for number in range(1, count + 1)]
    found = ROW.findall(ASVS)

    assert [number for number, *_rest in found] == wanted
    assert [sum(level == each for _no, level, *_rest in found) for each in "12"] == [70, 183]


def test_each_row_says_how_and_what_it_names_is_there():
    faults = []
    for number, _level, _what, how in ROW.findall(ASVS):
        if not re.match(r"\*\*(test|setting|n/a|open)\*\*", how):
            faults.append(f"{number}: how?")
        named = re.findall(
            r"`([\w./-]+?\.(?:py|md|csv|yaml|conf|toml|json|html|js)|tests/\S+?|[a-z_]+/)(?:::(\w+))?`", how
        )
        if how.startswith("**test**") and not any(file.startswith("tests/") for file, _test in named):
            faults.append(f"{number}: which test?")
        for file, test in named:
            path = ROOT / file
            if not path.exists() or (test and f"def {test}(" not in path.read_text(encoding="utf-8")):
                faults.append(f"{number}: {file} {test}")

    assert not faults, "\n".join(faults)


def test_every_form_that_takes_a_file_is_in_the_list_of_uploads():
    templates = ROOT / "templates"
    forms = {str(each.relative_to(templates)) for each in templates.rglob("*.html") if TAKES_FILES in each.read_text()}
    listed = set(re.findall(r"`([a-z_/]+\.html)`", (ROOT / "docs" / "security" / "uploads.md").read_text()))

    assert forms
    assert forms == listed
