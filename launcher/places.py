"""Where things are: the checkout, its virtual environment, and the folder of one running portal."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from launcher.speech import Stop

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
DEFAULT_DATA = ROOT / ".data"


def site_packages() -> Path | None:
    """The folder of the installed packages, or None before there is one."""
    return next(VENV.glob("lib/python3*/site-packages"), None)


@dataclass(frozen=True)
class DataFolder:
    """Everything that one running portal keeps: its database, files, logs and secrets."""

    path: Path

    @property
    def postgres(self) -> Path:
        """The database cluster."""
        return self.path / "postgres"

    @property
    def valkey(self) -> Path:
        """The queue's snapshots and configuration."""
        return self.path / "valkey"

    @property
    def secrets(self) -> Path:
        """The generated secrets, readable by their owner only."""
        return self.path / "secrets"

    @property
    def ports(self) -> Path:
        """The ports of the embedded servers, kept so that a restart uses them again."""
        return self.path / "ports.json"

    @property
    def claim(self) -> Path:
        """The file that a running launcher keeps locked."""
        return self.path / "portal.lock"

    @property
    def metrics(self) -> Path:
        """What the processes of the portal count, a file each."""
        return self.path / "run" / "metrics"

    def log(self, name: str) -> Path:
        """The log of one program."""
        return self.path / "log" / f"{name}.log"

    def note(self, name: str) -> Path:
        """The note of which process is running one program."""
        return self.path / "run" / f"{name}.json"

    def make(self) -> None:
        """Create the folder, or say in one sentence why it cannot be used."""
        try:
            for folder in (self.path, self.path / "log", self.path / "run", self.path / "files"):
                folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.path):
                pass
        except OSError as problem:
            raise Stop(
                f"The data folder {self.path} cannot be written to ({problem.strerror}): "
                "give one that you own with --data DIR."
            ) from problem


def named_path(given: str | None) -> Path | None:
    """A path that a person named, relative to where they stood when they called ./portal."""
    return None if given is None else Path(os.environ.get("PORTAL_FROM", "."), Path(given).expanduser()).resolve()


def data_folder(given: str | None) -> DataFolder:
    """The data folder that a person named."""
    return DataFolder(named_path(given) or DEFAULT_DATA)
