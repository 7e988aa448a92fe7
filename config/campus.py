"""The campuses whose sign-on opens this portal: read from the file that CAMPUS_SIGN_ON names (docs/running-it.md)."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,38}[a-z0-9]")
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
# What an institution calls those who belong to it (eduPerson); alumni, affiliates and library guests do not.
BELONGING = ["faculty", "staff", "employee", "student", "member"]
FOR_ALL = {"slug", "kind", "name_zh", "name_en", "organisation"}
NEEDED = {
    "oidc": {"issuer", "client_id", "client_secret"},
    "cas": {"server"},
    "saml": {"entity_id"},
}
MORE = {
    "oidc": {"affiliation_claim"},
    "cas": {"affiliation_attribute"},
    "saml": {"metadata_url", "sso_url", "x509cert", "sp_entity_id", "sp_certificate", "sp_key"},
}
ADDRESSES = ("issuer", "server", "metadata_url", "sso_url")


def campuses(file: str) -> list[dict[str, Any]]:
    """The entries of the file, each complete; none without a file. Raises ImproperlyConfigured with what is wrong."""
    if not file:
        return []
    try:
        entries = json.loads(Path(file).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ImproperlyConfigured(f"CAMPUS_SIGN_ON cannot be read: {error}") from error
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ImproperlyConfigured("CAMPUS_SIGN_ON must hold a list of campuses.")
    faults = [fault for entry in entries for fault in faults_of(entry)]
    slugs = [entry.get("slug") for entry in entries]
    faults += [f"{slug}: named twice" for slug in sorted({str(each) for each in slugs if slugs.count(each) > 1})]
    if faults:
        raise ImproperlyConfigured("CAMPUS_SIGN_ON: " + "; ".join(faults))
    return [{"affiliations": BELONGING, **entry} for entry in entries]


def faults_of(entry: dict[str, Any]) -> list[str]:
    """Everything that is wrong with an entry."""
    name, kind = entry.get("slug"), entry.get("kind")
    if not isinstance(name, str) or not SLUG.fullmatch(name) or name in NEEDED:
        return [f"{name}: slug must be 2 to 40 of a-z, 0-9 and -, and none of the kinds"]
    if kind not in NEEDED:
        return [f"{name}: kind must be oidc, cas or saml"]
    known = FOR_ALL | NEEDED[kind] | MORE[kind] | {"affiliations"}
    faults = [f"{name}: {each} is missing" for each in sorted((FOR_ALL | NEEDED[kind]) - entry.keys())]
    faults += [f"{name}: {each} is unknown" for each in sorted(entry.keys() - known)]
    faults += [f"{name}: {each} must be an https address" for each in ADDRESSES if not is_safe(entry.get(each))]
    by_hand = {"sso_url", "x509cert"} <= entry.keys()
    if kind == "saml" and not by_hand and "metadata_url" not in entry:
        faults.append(f"{name}: metadata_url, or sso_url and x509cert, is missing")
    return faults


def is_safe(address: Any) -> bool:
    """Whether what goes there is encrypted, or stays on this machine."""
    if address is None:
        return True
    parts = urlsplit(str(address))
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
