"""What we ship is listed with its licence, and no secret gets into a commit."""

import json
from pathlib import Path

import pytest

from launcher import inventory, repository


def test_the_inventory_lists_every_pinned_package_and_is_the_same_each_time(monkeypatch, tmp_path):
    monkeypatch.setattr(inventory, "FILE", tmp_path / "sbom.cdx.json")
    first = inventory.write_inventory().read_bytes()
    bill = json.loads(first)
    named = {component["name"]: component for component in bill["components"]}

    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert {"django", "psycopg2-binary", "htmx.org", "@event-calendar/build"} <= named.keys()
    assert "axe-core" not in named  # never served
    assert named["@event-calendar/build"]["purl"].startswith("pkg:npm/%40event-calendar/build@")
    assert named["django"]["licenses"] == [{"expression": "BSD-3-Clause"}]
    assert len({component["bom-ref"] for component in bill["components"]}) == len(bill["components"]) > 60
    assert inventory.write_inventory().read_bytes() == first


def test_every_licence_is_one_that_we_may_ship():
    assert inventory.objections() == ""


@pytest.mark.parametrize(
    "licence",
    ["GPL-3.0-only", "AGPL-3.0-or-later", "GNU General Public License v3 (GPLv3)", "MIT AND GPL-2.0-only", "SSPL-1.0",
     "none stated", "Proprietary", "MIT License with Commons Clause"],
)  # fmt: skip
def test_another_licence_is_a_decision(licence):
    assert not inventory.may_ship(licence)


@pytest.mark.parametrize(
    "secret",
    [
        "-----BEGIN RSA " + "PRIVATE KEY-----",
        "AKIA" + "ABCDEFGHIJKLMNOP",
        "ghp_" + "a1B2" * 9,
        "jishi_" + "abcd1234_" + "x" * 43,
        "postgres://jishi:" + "p4ss" * 8 + "@db/jishi",
    ],
)
def test_what_looks_like_a_secret_is_refused_with_its_line(tmp_path, secret):
    (tmp_path / "notes.md").write_text(f"first\nkey = {secret}\n")

    assert repository.objections_to_texts(["notes.md"], tmp_path) == [
        "notes.md: holds what looks like a secret, in line 2"
    ]


def test_files_for_secrets_are_not_committed_and_an_example_gives_them_no_value(tmp_path):
    (tmp_path / ".env.example").write_text("VALKEY_PASSWORD=hunter2\n")

    assert repository.objections_to_texts([".env.example"], tmp_path) == [".env.example: gives a secret a value"]
    assert len(repository.objections_to_names([".env", "deploy/tls/privkey.pem", ".env.example"])) == 2


def test_this_repository_holds_none():
    root = Path(repository.ROOT)
    assert [each for each in repository.objections_to_texts(repository.tracked_files(), root) if "secret" in each] == []
