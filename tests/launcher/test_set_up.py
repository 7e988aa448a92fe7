"""Setting up: what is done once is not done again, and what changed is done anew."""

import json
import os
import stat
from pathlib import Path

import pytest

from launcher import postgres, valkey
from launcher.frontend import copy_without_map, files_to_copy, sprite_of, stale_translations
from launcher.places import ROOT, DataFolder
from launcher.ports import is_free, remembered
from launcher.repository import objections_to_names, objections_to_texts
from launcher.speech import Stop
from launcher.stamps import digest_of_contents, is_current, remember
from launcher.variables import as_owner, environment_for, merged_hosts, secrets_of

PASSWORDS = {postgres.OWNER: "one", postgres.PORTAL: "two"}


@pytest.fixture
def data(tmp_path: Path) -> DataFolder:
    """A data folder that is ready to be used."""
    folder = DataFolder(tmp_path / "data")
    folder.make()
    return folder


def test_a_step_is_left_out_until_what_it_was_made_from_changes(tmp_path: Path) -> None:
    source, made, stamp = tmp_path / "requirements.txt", tmp_path / "made", tmp_path / "stamps" / "packages"
    source.write_text("one")
    made.touch()
    remember(stamp, digest_of_contents([source]))
    assert is_current(stamp, digest_of_contents([source]), needs=[made])

    source.write_text("two")
    assert not is_current(stamp, digest_of_contents([source]), needs=[made])

    source.write_text("one")
    made.unlink()
    assert not is_current(stamp, digest_of_contents([source]), needs=[made])


def test_only_translations_newer_than_what_was_compiled_are_compiled(tmp_path: Path) -> None:
    folder = tmp_path / "zh_Hans" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    source, compiled = folder / "django.po", folder / "django.mo"
    source.touch()
    assert stale_translations(tmp_path) == [source]

    compiled.touch()
    os.utime(source, (1, 1))
    assert stale_translations(tmp_path) == []

    os.utime(compiled, (0, 0))
    assert stale_translations(tmp_path) == [source]


def test_a_server_gets_its_old_port_unless_another_has_taken_it(tmp_path: Path) -> None:
    file = tmp_path / "ports.json"
    port = remembered(file, "postgres")
    assert is_free(port)
    assert remembered(file, "postgres") == port

    file.write_text(json.dumps({"postgres": 1, "valkey": port}))
    if os.geteuid():
        assert remembered(file, "postgres") != 1
    assert remembered(file, "valkey") == port


def test_secrets_are_made_once_and_are_nobody_elses_business(data: DataFolder) -> None:
    made = secrets_of(data.secrets)

    assert secrets_of(data.secrets) == made
    assert len(set(made.values())) == len(made)
    assert stat.S_IMODE(data.secrets.stat().st_mode) == 0o600


def test_what_the_person_has_set_wins(data: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SITE_URL", "https://jishi.example")
    monkeypatch.setenv("ALLOWED_HOSTS", "jishi.example, localhost")
    monkeypatch.setenv("DATABASE_URL", "")
    for name in ("DATA_DIR", "SECRET_KEY", "DATABASE_OWNER_URL"):
        monkeypatch.delenv(name, raising=False)

    given = environment_for(data, port=8123, servers={"DATABASE_URL": "postgres://portal", "DATABASE_OWNER_URL": "x"})

    assert given["SITE_URL"] == "https://jishi.example"
    assert given["ALLOWED_HOSTS"] == "127.0.0.1,localhost,jishi.example"
    assert given["DATABASE_URL"] == "postgres://portal"
    assert given["DATA_DIR"] == str(data.path)
    assert as_owner(given)["DATABASE_URL"] == "x"
    assert as_owner({"DATABASE_URL": "only"})["DATABASE_URL"] == "only"
    assert merged_hosts("") == "127.0.0.1,localhost"


def test_neither_role_of_the_database_is_superuser_and_only_tests_make_databases() -> None:
    usual = "\n".join(postgres.statements_for(PASSWORDS, may_create=False))
    testing = "\n".join(postgres.statements_for(PASSWORDS, may_create=True))

    assert " SUPERUSER" not in usual + testing
    assert " CREATEDB" not in usual
    assert " CREATEDB" in testing


def test_valkey_asks_for_a_password_and_bears_a_folder_with_spaces() -> None:
    said = valkey.configuration_for(Path("/a place"), port=7000, password="secret")

    assert "requirepass secret\n" in said
    assert "bind 127.0.0.1\n" in said
    assert 'dir "/a place"\n' in said


def test_a_lock_file_of_another_program_does_not_keep_postgresql_from_starting(tmp_path: Path) -> None:
    lock = tmp_path / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n{tmp_path}\n")

    postgres.remove_stale_lock(tmp_path)

    assert not lock.exists()


def test_front_end_files_lose_their_pointer_to_a_source_map(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("b{}\n/*# sourceMappingURL=a.css.map */\n")

    copy_without_map(tmp_path / "a.css", tmp_path / "vendor" / "a.css")

    assert (tmp_path / "vendor" / "a.css").read_text() == "b{}\n"


def test_icons_become_one_file_and_an_unknown_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "bell.svg").write_text('<svg width="16" viewBox="0 0 16 16">\n  <path d="M8 16"/>\n</svg>')
    assert '<symbol id="bell" viewBox="0 0 16 16"><path d="M8 16"/></symbol>' in sprite_of(["bell"], tmp_path)
    with pytest.raises(Stop, match="gong"):
        sprite_of(["gong"], tmp_path)


def test_every_front_end_file_comes_from_a_package_that_is_pinned() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]

    for source in files_to_copy(ROOT / "package.json"):
        scoped = source.startswith("@")
        assert f"node_modules/{'/'.join(source.split('/')[: 2 if scoped else 1])}" in packages


def test_a_commit_holds_no_generated_file_no_registry_and_no_long_module(tmp_path: Path) -> None:
    key = "resolved"
    (tmp_path / "long.py").write_text("\n" * 301)
    (tmp_path / "package-lock.json").write_text(json.dumps({key: "https://registry.example/a.tgz"}))
    (tmp_path / "README.md").write_text(f"cd {tmp_path}/x")

    assert objections_to_names(["static/vendor/a.css", "locale/a.mo", "uv.lock", "a.py"]) == [
        "static/vendor/a.css: is generated, so it is not committed",
        "locale/a.mo: is generated, so it is not committed",
        "uv.lock: holds registry addresses, so it is not committed",
    ]
    assert objections_to_texts(["long.py", "package-lock.json", "README.md"], tmp_path) == [
        "long.py: has 301 lines, and 300 is the limit",
        'package-lock.json: names a package registry ("resolved": ' + '"http)',
        "README.md: holds the path of this checkout",
    ]
