"""A backup is whole or says so; a restore is all or nothing; a drill sees what does not fit together."""

import hashlib
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from launcher import drill, restore
from launcher.archive import DUMP, MANIFEST, fingerprints, unpacked
from launcher.backup import make_backup
from launcher.database import Database
from launcher.places import ROOT, DataFolder
from launcher.speech import Stop
from tests.small_disk import fill, small_disk

KEYS = {"SECRET_KEY": "the secret of sessions", "FIELD_KEYS": "key two, key one"}
PHOTO = b"a photo of a microscope"
SHA = hashlib.sha256(PHOTO).hexdigest()
# As much of the portal as the drill asks for.
SMALL_PORTAL = """
    CREATE TABLE bookings_claim (id int, instrument_id int, unit int, starts_at timestamptz, ends_at timestamptz);
    INSERT INTO bookings_claim VALUES (1, 1, 1, '2026-11-25 09:00Z', '2026-11-25 10:00Z'),
                                      (2, 1, 1, '2026-11-25 10:00Z', '2026-11-25 11:00Z'),
                                      (3, 1, 2, '2026-11-25 10:00Z', '2026-11-25 11:00Z');
    CREATE TABLE billing_wallet (id int, balance numeric);
    INSERT INTO billing_wallet VALUES (1, 70);
    CREATE TABLE billing_ledgerleg (entry_id int, account text, currency text, wallet_id int, amount numeric);
    INSERT INTO billing_ledgerleg VALUES (1, 'wallet', 'CNY', 1, 70), (1, 'cash', 'CNY', NULL, -70);
    CREATE TABLE records_storedfile (id text, sha256 text);
    INSERT INTO records_storedfile VALUES ('photo', 'SHA');
    CREATE VIEW free AS SELECT id FROM bookings_claim;
    CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';
"""


def empty_database(name: str) -> Database:
    at = connection.settings_dict
    with connection._nodb_cursor() as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    return Database(f"postgres://{at['USER']}:{quote(at['PASSWORD'])}@{at['HOST']}:{at['PORT']}/{name}")


@pytest.fixture(scope="module")
def database(django_db_blocker) -> Iterator[Database]:
    with django_db_blocker.unblock():
        source = empty_database("jishi_backup_source")
        source.ask(SMALL_PORTAL.replace("SHA", SHA))
        yield source


@pytest.fixture
def target(django_db_blocker) -> Iterator[Database]:
    with django_db_blocker.unblock():
        yield empty_database("jishi_backup_target")


@pytest.fixture
def data(tmp_path) -> DataFolder:
    folder = DataFolder(tmp_path / "portal")
    folder.make()
    photo = folder.path / "files" / SHA[:2] / "photo"
    photo.parent.mkdir()
    photo.write_bytes(PHOTO)
    arriving = folder.path / "files" / "arriving" / "half"
    arriving.parent.mkdir()
    arriving.write_bytes(b"half a fi")
    return folder


def backed_up(data: DataFolder, database: Database, **keys: str) -> Path:
    return make_backup(data, {"DATABASE_URL": database.url, **KEYS, **keys}, to=data.path / "backups")


@pytest.fixture
def archive(data, database) -> Path:
    return backed_up(data, database)


def proved(archive: Path, target: Database, place: Path) -> dict[str, int]:
    place.mkdir()
    return {finding.what: finding.wrong for finding in drill.prove(archive, KEYS, place, target)}


def test_what_was_backed_up_is_there_again_row_for_row_and_byte_for_byte(archive, target, tmp_path):
    wrong = proved(archive, target, tmp_path / "drill")

    assert {what: count for what, count in wrong.items() if count} == {}
    assert {"no claims that overlap", "no ledger entries that do not balance", "rows of each table"} <= wrong.keys()
    assert (tmp_path / "drill" / "files" / SHA[:2] / "photo").read_bytes() == PHOTO
    assert not (tmp_path / "drill" / "files" / "arriving").exists()
    assert target.ask("SELECT one(), count(*) FROM free") == [["1", "3"]]


def test_a_backup_is_for_its_owners_eyes_and_holds_no_key(archive, tmp_path):
    manifest = unpacked(archive, tmp_path / "unpacked")
    held = archive.read_bytes()

    assert archive.stat().st_mode & 0o077 == 0
    assert not any(key.strip().encode() in held for given in KEYS.values() for key in given.split(","))
    assert manifest.keys == fingerprints(KEYS)
    assert not list(archive.parent.glob("*.partial*"))


@pytest.mark.parametrize(
    ("injected", "seen"),
    [
        ("UPDATE bookings_claim SET starts_at = starts_at - interval '1 s' WHERE id = 2", "no claims that overlap"),
        ("UPDATE billing_ledgerleg SET amount = amount + 0.01 WHERE account = 'cash'", "no ledger entries that do not"),
        ("UPDATE billing_wallet SET balance = balance - 0.01", "no wallets whose balance is not"),
        ("DELETE FROM bookings_claim WHERE id = 3", "rows of each table"),
        ("UPDATE records_storedfile SET sha256 = repeat('0', 64)", "stored files by their rows"),
    ],
)
def test_a_drill_sees_what_does_not_fit_together(archive, target, tmp_path, monkeypatch, injected, seen):
    def spoiled(dump: Path, database: Database, *, rights: bool) -> None:
        restore_dump(dump, database, rights=rights)
        database.ask(injected)

    restore_dump = restore.restore_dump
    monkeypatch.setattr(restore, "restore_dump", spoiled)

    wrong = proved(archive, target, tmp_path / "drill")

    assert [what[: len(seen)] for what, count in wrong.items() if count] == [seen]
    assert drill.told([drill.Finding(what, "", count) for what, count in wrong.items()]) == 1


@pytest.mark.parametrize("where", [0.1, 0.5, 0.9])
def test_a_damaged_backup_is_refused_before_anything_is_done(archive, target, tmp_path, where):
    held = bytearray(archive.read_bytes())
    with tarfile.open(archive) as tar:  # somewhere in the dump: what follows it is padding
        dump = tar.getmember(DUMP)
    held[dump.offset_data + int(dump.size * where)] ^= 1
    archive.write_bytes(held)

    with pytest.raises(Stop, match=r"is damaged: database\.dump is not as it was written\. Nothing was done\."):
        proved(archive, target, tmp_path / "drill")
    assert target.tables() == []


def test_a_backup_that_was_cut_off_is_refused(archive, tmp_path):
    held = archive.read_bytes()
    with tarfile.open(archive) as tar:
        parts = [tar.getmember(name) for name in (DUMP, MANIFEST)]
    cuts = [cut for part in parts for cut in (part.offset, part.offset + 100, part.offset_data + part.size // 2)]
    for number, cut in enumerate(cuts):
        archive.write_bytes(held[:cut])
        with pytest.raises(Stop, match="Nothing was done"):
            unpacked(archive, tmp_path / f"unpacked-{number}")


def test_a_file_from_elsewhere_writes_nothing_outside_its_folder(tmp_path):
    foreign = tmp_path / "foreign.tar"
    with tarfile.open(foreign, "w") as tar:
        tar.addfile(tarfile.TarInfo("files/../../outside"))

    with pytest.raises(Stop, match="is not a backup of the portal"):
        unpacked(foreign, tmp_path / "unpacked")
    assert not (tmp_path / "outside").exists()


def test_keys_that_do_not_fit_are_refused_and_more_keys_than_needed_are_not(archive, tmp_path):
    manifest = unpacked(archive, tmp_path / "unpacked")

    assert restore.refuse_wrong_keys(manifest, {**KEYS, "FIELD_KEYS": "key three,key one,key two"}) == []
    assert "signs in anew" in restore.refuse_wrong_keys(manifest, {**KEYS, "SECRET_KEY": "another"})[0]
    with pytest.raises(Stop, match="FIELD_KEYS here are not those of the backup"):
        restore.refuse_wrong_keys(manifest, {**KEYS, "FIELD_KEYS": "key one"})


def test_a_database_that_is_not_empty_is_replaced_only_by_its_name(archive, target, tmp_path):
    target.ask("CREATE TABLE precious (id int); CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 2'")

    for word in (None, "yes", "jishi"):
        with pytest.raises(Stop, match="is not empty"):
            restore.refuse_what_is_there(target, replace=word)
    restore.refuse_what_is_there(target, replace=target.name)
    proved(archive, target, tmp_path / "drill")

    assert "precious" not in target.tables()
    assert target.ask("SELECT one()") == [["1"]]


def test_a_dump_that_breaks_in_the_middle_leaves_the_database_as_it_was(archive, target, tmp_path):
    unpacked(archive, tmp_path / "unpacked")
    target.ask("CREATE TABLE precious (id int)")
    dump = tmp_path / "unpacked" / DUMP
    dump.write_bytes(dump.read_bytes()[: dump.stat().st_size - 60])

    with pytest.raises(Stop, match="as it was"):
        restore.restore_dump(dump, target, rights=True)
    assert target.tables() == ["precious"]


def test_a_database_in_use_is_not_restored_into(target, database):
    with target.talking("psql", stdin=-1) as session:
        session.ask("SELECT 1")
        with pytest.raises(Stop, match="programs are connected"):
            restore.refuse_what_is_there(target, replace=None)


def test_what_the_drill_asks_is_asked_of_tables_that_the_portal_has(db):
    """A table that was renamed would silently be asked no more."""
    with connection.cursor() as cursor:
        for what, table, sql in drill.NEVER:
            cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f"public.{table}"] if table else ["pg_class"])
            assert cursor.fetchone() == (True,), table
            cursor.execute(sql)
            assert cursor.fetchone() == (0,), what
        cursor.execute(drill.STORED)


def test_a_backup_that_finds_no_room_says_so_and_leaves_nothing(data, database, tmp_path):
    with small_disk(tmp_path / "small", megabytes=1) as disk:
        fill(disk, leaving=8192)
        known = {"DATABASE_URL": database.url, "REDIS_URL": settings.REDIS_URL}
        environment = {**os.environ, **known, "DATABASE_OWNER_URL": database.url, "SECRET_KEY": KEYS["SECRET_KEY"]}
        command = [sys.executable, "-m", "launcher", "backup", "--data", str(data.path), "--to", str(disk)]

        done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)

        assert (done.returncode, "Traceback" in done.stderr) == (1, False)
        assert done.stderr.startswith("There is no room left on the disk"), done.stderr
        assert [each.name for each in disk.iterdir()] == ["ballast"]


def test_a_restore_that_finds_no_room_blames_the_disk_and_not_the_backup(archive, tmp_path):
    with small_disk(tmp_path / "small", megabytes=1) as disk:
        fill(disk)
        with pytest.raises(OSError, match="No space left"):
            unpacked(archive, disk / "here")
