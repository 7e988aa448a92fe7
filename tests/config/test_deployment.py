"""What an institution's IT department relies on: settings that refuse, an example of every variable, services."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from contextlib import nullcontext
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from common.limits import PER_TOKEN
from config.given import SECRETS
from launcher import development
from records.checks import talk_between_machines_is_sealed

ROOT = Path(__file__).parents[2]
SETTINGS = ROOT / "config" / "settings.py"
PRODUCTION = {
    "SECRET_KEY": "kq3mTz8wVx1nRb7yLd5sGh2jPf9cXa4eUo6iWtMvBnQrZyKs0D",
    "FIELD_KEYS": "Zy7kq3mTz8wVx1nRb7yLd5sGh2jPf9cXa4eUo6iWtMvBnQrKs1",
    "SITE_URL": "https://portal.example",
    "ALLOWED_HOSTS": "portal.example",
}
MADE_BY_THE_IMAGE = {"DATA_DIR"}
BESIDE_THE_PORTAL = {"TLS_DIR", "POSTGRES_PASSWORD", "OWNER_PASSWORD", "PORTAL_PASSWORD", "VALKEY_PASSWORD"}


def settings_with(patch, **environment: str):
    """What config/settings.py makes of production's environment with these changes."""
    for name, value in {**PRODUCTION, **environment}.items():
        patch.setenv(name, value)
    return runpy.run_path(str(SETTINGS))


@pytest.mark.parametrize(
    "unsafe",
    [
        {"SECRET_KEY": ""},
        {"SECRET_KEY": "change-me"},
        {"SECRET_KEY": "x" * 64},
        {"SECRET_KEY": "django-insecure-" + PRODUCTION["SECRET_KEY"]},
        {"DEBUG": "1"},
        {"ALLOWED_HOSTS": "*"},
        {"ALLOWED_HOSTS": "portal.example,*"},
    ],
)
def test_production_does_not_start_with_a_guessable_secret_debug_or_any_host(monkeypatch, unsafe):
    with pytest.raises(ImproperlyConfigured, match=next(iter(unsafe))):
        settings_with(monkeypatch, **unsafe)


def test_production_starts_with_cookies_links_and_addresses_for_https_only(monkeypatch):
    found = settings_with(monkeypatch)

    assert [found[name] for name in ("DEBUG", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE")] == [False, True, True]
    assert found["SECURE_SSL_REDIRECT"] is True
    assert found["SECURE_HSTS_SECONDS"] >= 31_536_000
    assert found["SECURE_HSTS_INCLUDE_SUBDOMAINS"] is True
    assert settings_with(monkeypatch, HSTS_SUBDOMAINS="no")["SECURE_HSTS_INCLUDE_SUBDOMAINS"] is False
    assert all(found[f"{name}_COOKIE_NAME"].startswith("__Host-") for name in ("SESSION", "CSRF"))


def test_secrets_may_lie_in_files_that_a_vault_keeps(monkeypatch, tmp_path):
    file = tmp_path / "secret_key"
    file.write_text(PRODUCTION["SECRET_KEY"][::-1] + "\n")

    found = settings_with(monkeypatch, SECRET_KEY="", SECRET_KEY_FILE=str(file))
    assert found["SECRET_KEY"] == PRODUCTION["SECRET_KEY"][::-1]
    with pytest.raises(ImproperlyConfigured, match="both set"):
        settings_with(monkeypatch, SECRET_KEY_FILE=str(file))
    with pytest.raises(ImproperlyConfigured, match="cannot be read"):
        settings_with(monkeypatch, SECRET_KEY="", SECRET_KEY_FILE=str(tmp_path / "gone"))
    assert {f"{name}_FILE" for name in SECRETS} <= documented()


def test_djangos_own_deployment_checks_have_nothing_to_say():
    # Playwright, in the same process of the tests, leaves behind what only development may have.
    mine = {name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"}
    environment = {**mine, **PRODUCTION}
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("host", "options", "redis", "warned"),
    [
        ("127.0.0.1", {}, "redis://127.0.0.1:6379/0", 0),
        ("db", {}, "redis://valkey:6379/0", 0),  # containers beside this one
        ("/run/postgresql", {}, "redis://[::1]:6379/0", 0),
        ("10.0.0.5", {"sslmode": "require"}, "redis://valkey.example:6379/0", 2),
        ("", {"host": "db.example"}, "rediss://valkey.example:6379/0?ssl_cert_reqs=none", 2),
        ("db.example", {"sslmode": "verify-full"}, "rediss://valkey.example:6379/0?ssl_cert_reqs=required", 0),
    ],
)
def test_who_leads_to_another_machine_without_tls_is_warned(monkeypatch, settings, host, options, redis, warned):
    monkeypatch.setitem(connection.settings_dict, "HOST", host)
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", options)
    settings.REDIS_URL = redis

    assert [each.id for each in talk_between_machines_is_sealed()] == ["jishi.W001"] * warned


def known_to_settings() -> set[str]:
    return set(re.findall(r'(?:said|flag|listed)\(\s*"([A-Z_]+)"', SETTINGS.read_text()))


def documented() -> set[str]:
    return set(re.findall(r"`([A-Z][A-Z_]+)`", (ROOT / "docs" / "settings.md").read_text()))


def exemplified() -> set[str]:
    return set(re.findall(r"^(?:# )?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


def without_a_word_of_their_own() -> list[str]:
    """The variables of the example with no comment right above that is theirs alone."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    named = re.compile(r"(?:# )?([A-Z_]+)=")
    return [
        found[1]
        for before, line in pairwise(lines)
        if (found := named.match(line)) and (not before.startswith("# ") or named.match(before))
    ]


def services() -> dict:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_every_variable_that_the_portal_reads_is_explained_and_in_the_example():
    asked = known_to_settings()

    assert asked - documented() == set()
    assert {f"{name}_FILE" for name in SECRETS} - exemplified() == set()
    assert asked - exemplified() == set()
    assert without_a_word_of_their_own() == []
    assert asked - set(services()["x-settings"]) - MADE_BY_THE_IMAGE == set()


def test_the_example_names_nothing_that_nobody_reads():
    composed = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))

    assert exemplified() - documented() == set()
    assert composed - exemplified() == set()
    assert exemplified() >= BESIDE_THE_PORTAL
    assert BESIDE_THE_PORTAL & set(services()["x-settings"]) == set()  # the portal learns no password but its own


def test_every_service_of_ours_runs_read_only_without_rights_that_it_does_not_need():
    for name, service in services()["services"].items():
        if service.get("image") == "jishi" or name in {"nginx", "mailcatcher"}:
            assert service["read_only"], name
            assert service["cap_drop"] == ["ALL"], name
            assert service["security_opt"] == ["no-new-privileges:true"], name
    assert "USER 10001" in (ROOT / "Dockerfile").read_text()


def test_nginx_sends_stored_files_only_where_the_portal_says_so():
    configuration = (ROOT / "deploy" / "nginx.conf").read_text()
    prefix = services()["x-settings"]["X_ACCEL_PREFIX"].removeprefix("${X_ACCEL_PREFIX:-").rstrip("}")
    place = re.search(rf"location {prefix}/ {{(.*?)}}", configuration, re.DOTALL)

    assert place
    assert "internal;" in place[1]
    assert "alias /data/files/;" in place[1]
    for header in ("Content-Security-Policy", "X-Content-Type-Options", "Strict-Transport-Security"):
        assert f"add_header {header} $upstream_http_{header.lower().replace('-', '_')} always;" in place[1]


def blocks_of_nginx() -> list[str]:
    """Its two servers: the one for http, the one for https."""
    return re.split(r"\n    server \{", (ROOT / "deploy" / "nginx.conf").read_text())[1:]


def test_nginx_leads_pages_to_https_and_refuses_the_api_over_http():
    plain, _safe = blocks_of_nginx()
    api = re.search(r"location /api/ \{(.*?)\n        \}", plain, re.DOTALL)
    pages = re.search(r"location / \{(.*?)\}", plain, re.DOTALL)

    assert "listen 8080;" in plain
    assert api
    assert pages
    assert "return 301 https://$host$request_uri;" in pages[1]
    # The portal refuses what nginx says came by http: tests/common/test_https.py.
    assert "proxy_pass http://portal;" in api[1]
    assert "return" not in api[1]


def test_nginx_says_of_each_request_whence_and_how_it_came():
    whole = (ROOT / "deploy" / "nginx.conf").read_text()
    before, servers = whole.split("\n    server {", 1)

    for header in ("Host $host", "X-Forwarded-For $remote_addr", "X-Forwarded-Proto $scheme", 'Forwarded ""'):
        assert f"    proxy_set_header {header};" in before
    assert "proxy_set_header" not in servers  # one of their own would switch off all that are inherited


def test_nginx_writes_no_address_down():
    whole = (ROOT / "deploy" / "nginx.conf").read_text()
    (written,) = re.findall(r"log_format json (.*?);\n", whole, re.DOTALL)

    assert set(re.findall(r"\$(\w+)", written)) == {
        "time_iso8601", "request_method", "status", "body_bytes_sent", "request_time", "request_id",
    }  # fmt: skip
    assert "access_log /dev/stdout json;" in whole
    assert re.findall(r"error_log (.*?);", whole) == ["/dev/stderr crit"]


def test_nginx_holds_up_who_asks_for_pages_like_a_robot():
    whole, (_plain, safe) = (ROOT / "deploy" / "nginx.conf").read_text(), blocks_of_nginx()
    zone, rate = re.search(r"limit_req_zone \$binary_remote_addr zone=(\w+):10m rate=(\d+)r/s;", whole).groups()
    pages = re.search(r"location / \{(.*?)\}", safe, re.DOTALL)

    assert f"limit_req zone={zone} " in pages[1]
    assert "limit_req_status 429;" in whole
    assert int(rate) * 60 > PER_TOKEN  # the API's own limit is met first


def test_the_image_holds_no_tests_and_only_the_packages_of_production(monkeypatch, tmp_path):
    asked_for = []
    for name in ("provide_vendor_files", "compile_translations", "collect_static_files", "write_inventory"):
        monkeypatch.setattr(development, name, lambda *_given: None)
    monkeypatch.setattr(development, "alone", nullcontext)
    monkeypatch.setattr(development, "environment_for", lambda *_given, **_more: {})
    monkeypatch.setattr(development, "DEFAULT_DATA", tmp_path)
    monkeypatch.setattr(development, "provide_packages", asked_for.append)

    development.assets()

    assert asked_for == ["prod"]
    assert "./portal assets" in (ROOT / "Dockerfile").read_text()
    assert "tests" in (ROOT / ".dockerignore").read_text().splitlines()
