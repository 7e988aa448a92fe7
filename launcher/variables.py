"""The environment that the portal's programs are given (docs/settings.md); what the person has set wins."""

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from launcher.places import DataFolder

SECRET_NAMES = ("secret_key", "field_key", "postgres_owner", "postgres_portal", "valkey")


def secrets_of(file: Path) -> dict[str, str]:
    """The generated secrets of a data folder, made on the first call."""
    try:
        known: dict[str, str] = json.loads(file.read_text())
    except (OSError, ValueError):
        known = {}
    missing = [name for name in SECRET_NAMES if name not in known]
    if missing:
        known |= {name: secrets.token_urlsafe(48) for name in missing}
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as out:
            json.dump(known, out, indent=1)
    return known


def merged_hosts(given: str) -> str:
    """The loopback names and whatever hosts the person allows, each once."""
    hosts = ["127.0.0.1", "localhost", *(host.strip() for host in given.split(","))]
    return ",".join(dict.fromkeys(host for host in hosts if host))


def environment_for(data: DataFolder, *, port: int, servers: Mapping[str, str]) -> dict[str, str]:
    """Everything a program of the portal needs to know, on top of the person's own environment."""
    own = dict(os.environ)
    defaults = {
        "SECRET_KEY": secrets_of(data.secrets)["secret_key"],
        "FIELD_KEYS": secrets_of(data.secrets)["field_key"],
        "DATA_DIR": str(data.path),
        "SITE_URL": f"http://127.0.0.1:{port}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONUNBUFFERED": "1",
        **servers,
    }
    hosts = merged_hosts(own.get("ALLOWED_HOSTS", ""))
    return {**defaults, **{name: value for name, value in own.items() if value}, "ALLOWED_HOSTS": hosts}


def as_owner(environment: Mapping[str, str]) -> dict[str, str]:
    """The same environment for the role that owns the tables: migrations run so."""
    owner = environment.get("DATABASE_OWNER_URL") or environment["DATABASE_URL"]
    return {**environment, "DATABASE_URL": owner}
