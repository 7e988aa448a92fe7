"""What the portal is made of, as CycloneDX 1.6, and whether its licences are ones that we may ship. Asks no network."""

import base64
import hashlib
import importlib.metadata
import json
import re
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from launcher.places import ROOT, site_packages

FILE = ROOT / "sbom.cdx.json"
# Licences under which we ship a package unchanged, as their names are spelled. Another one is a decision:
# docs/dependencies.md. The GPL and the AGPL are not among them; the LGPL is, for Python imports it as a library.
ALLOWED = re.compile(
    r"MIT(-CMU|-0)?( License)?|0BSD|BSD-0-Clause|(New )?BSD([ -][23]-Clause)?( License)?|"
    r"Apache([ -]2\.0| Software License)|"
    r"MPL-2\.0|Mozilla Public License 2\.0 \(MPL 2\.0\)|PSF-2\.0|Python Software Foundation License|"
    r"LGPL-3\.0(-only|-or-later)|GNU Library or Lesser General Public License \(LGPL\)|"
    r"GNU Lesser General Public License v3 or later \(LGPLv3\+\)|SIL Open Font License 1\.1 \(OFL-1\.1\)|OFL-1\.1|ISC"
)


@dataclass(frozen=True)
class Part:
    """One package; `licence` is '' where it is not installed on this system (a marker leaves it out)."""

    kind: str  # pypi or npm
    name: str
    version: str
    licence: str
    is_expression: bool
    digests: tuple[str, ...]

    @property
    def purl(self) -> str:
        """Its address in the language of package URLs."""
        return f"pkg:{self.kind}/{quote(self.name, safe='/')}@{quote(self.version)}"


def parts() -> list[Part]:
    """All packages of the running portal, from the two lists that pin them."""
    return sorted([*_of_python(), *_of_the_pages()], key=lambda part: (part.kind, part.name))


def _of_python() -> list[Part]:
    installed = {}
    for found in importlib.metadata.distributions(path=[str(site_packages())]):
        if name := found.metadata["Name"]:  # a package that is being installed has none yet
            installed[_plain(name)] = found.metadata
    made = []
    text = (ROOT / "requirements" / "prod.txt").read_text().replace("\\\n", " ")
    for line in text.splitlines():
        if pinned := re.match(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)", line):
            licence, is_expression = _licence_in(installed.get(_plain(pinned[1])))
            digests = tuple(re.findall(r"--hash=sha256:([0-9a-f]{64})", line))
            made.append(Part("pypi", _plain(pinned[1]), pinned[2], licence, is_expression, digests))
    return made


def _licence_in(metadata: Any) -> tuple[str, bool]:
    """As the package states it: its SPDX expression, else its classifiers, else the word that it has."""
    if metadata is None:
        return "", False
    if expression := metadata.get("License-Expression"):
        return str(expression), True
    classifiers = [word for word in metadata.get_all("Classifier") or [] if word.startswith("License :: ")]
    names = [word.rpartition(" :: ")[2] for word in classifiers]
    stated = " OR ".join(names) or str(metadata.get("License") or "none stated").partition("\n")[0]
    return stated, False


def _of_the_pages() -> list[Part]:
    made = []
    for place, about in json.loads((ROOT / "package-lock.json").read_text())["packages"].items():
        if place and not about.get("dev"):
            name = place.rpartition("node_modules/")[2]
            licence = about.get("license", "none stated")
            made.append(
                Part("npm", name, about["version"], licence, is_expression=False, digests=(about.get("integrity", ""),))
            )
    return made


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def objections() -> str:
    """Packages whose licence is not one that we ship under, a line each."""
    lines = [f"{part.name} {part.version}: {part.licence}" for part in parts() if not may_ship(part.licence)]
    return "\n".join(lines and [*lines, "Not among the allowed licences of launcher/inventory.py."])


def may_ship(licence: str) -> bool:
    """Whether each licence in what a package states is allowed; one that is not installed is not shipped."""
    words = re.split(r"\s+(?:AND|OR)\s+", licence.replace("(Apache-2.0 OR MIT)", "Apache-2.0 OR MIT"))
    return not licence or all(ALLOWED.fullmatch(word.strip()) for word in words)


def write_inventory() -> Path:
    """The inventory as a file; the same lists make the same file, to the byte."""
    components = [_component(part) for part in parts()]
    digest = hashlib.sha256(json.dumps(components, sort_keys=True).encode()).hexdigest()
    bill = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, digest)}",
        "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": "jishi", "name": "jishi", "version": "0.1.0"}},
        "components": components,
    }
    FILE.write_text(json.dumps(bill, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
    return FILE


def _component(part: Part) -> dict[str, Any]:
    licence = {"expression": part.licence} if part.is_expression else {"license": {"name": part.licence}}
    made: dict[str, Any] = {
        "type": "library",
        "bom-ref": part.purl,
        "name": part.name,
        "version": part.version,
        "purl": part.purl,
        **({"licenses": [licence]} if part.licence else {}),
    }
    if part.kind == "npm" and part.digests[0].startswith("sha512-"):
        content = base64.b64decode(part.digests[0].removeprefix("sha512-")).hex()
        return {**made, "hashes": [{"alg": "SHA-512", "content": content}]}
    # A Python package has a file for each system: any of these is accepted.
    return {**made, "properties": [{"name": "jishi:sha256", "value": digest} for digest in part.digests]}
