import csv
import json
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState

LISTED = Path(settings.BASE_DIR) / "docs" / "migrations.csv"
COLUMNS = ["migration", "rules", "reason"]


class Command(BaseCommand):
    help = "Asks squawk whether each migration that docs/migrations.csv does not list is safe on full tables."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--update", action="store_true", help="list them, with what squawk says; reasons are yours")

    def handle(self, *args: Any, **options: Any) -> None:
        with LISTED.open(encoding="utf-8", newline="") as file:
            listed = {row["migration"]: row for row in csv.DictReader(file)}
        found = {name: complaints_of(name, sql, atomic=atomic) for name, sql, atomic in new_ones(set(listed))}
        if options["update"]:
            for name, complaints in found.items():
                rules = " ".join(sorted({each["rule_name"] for each in complaints}))
                listed[name] = {"migration": name, "rules": rules, "reason": ""}
            with LISTED.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
                writer.writeheader()
                writer.writerows(listed[name] for name in sorted(listed))
            return
        lines = [
            f"{name}: excused without a reason" for name, row in listed.items() if row["rules"] and not row["reason"]
        ]
        lines += [
            f"{name}: {each['rule_name']}: {each['message']} {each.get('help') or ''}".rstrip()
            for name, complaints in found.items()
            for each in complaints
        ]
        if lines:
            raise CommandError("\n".join([*lines, "Mend it, or list it with a reason in docs/migrations.csv."]))


def new_ones(listed: set[str]) -> Iterator[tuple[str, str, bool]]:
    """(name, SQL, whether in a transaction) of each of our migrations that is not listed, in their order."""
    executor = MigrationExecutor(connection)
    plan: list[tuple[Migration, bool]] = executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True)
    ours = {each.label for each in apps.get_app_configs() if Path(each.path).parent == Path(settings.BASE_DIR)}
    wanted = {each for each, _backwards in plan if each.app_label in ours and name_of(each) not in listed}
    state = ProjectState(real_apps=executor.loader.unmigrated_apps)
    for migration, _backwards in plan:
        if not wanted:
            return
        if migration not in wanted:
            state = migration.mutate_state(state, preserve=False)
            continue
        wanted.discard(migration)
        with connection.schema_editor(collect_sql=True, atomic=migration.atomic) as editor:
            state = migration.apply(state, editor, collect_sql=True)
        yield name_of(migration), "\n".join(editor.collected_sql), migration.atomic


def name_of(migration: Migration) -> str:
    return f"{migration.app_label}.{migration.name}"


def complaints_of(name: str, sql: str, *, atomic: bool) -> list[dict[str, Any]]:
    """What squawk has against it."""
    command = [str(Path(sys.executable).with_name("squawk")), "--reporter", "json", "--stdin-filepath", f"{name}.sql"]
    command += ["--assume-in-transaction"] if atomic else []
    # What it need not ask is in .squawk.toml.
    done = subprocess.run(command, cwd=settings.BASE_DIR, input=sql, capture_output=True, text=True, check=False)
    try:
        found: list[dict[str, Any]] = json.loads(done.stdout)
    except ValueError:
        raise CommandError(done.stderr or done.stdout) from None
    return found
