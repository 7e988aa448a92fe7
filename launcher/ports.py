"""Ports on this machine's loopback address."""

import json
import socket
from pathlib import Path

LOOPBACK = "127.0.0.1"


def is_free(port: int) -> bool:
    """Whether a server could listen on this port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def any_free() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def next_free(after: int) -> int:
    """The first free port above one that is taken, to suggest it."""
    return next((port for port in range(after + 1, min(after + 100, 65536)) if is_free(port)), any_free())


def remembered(file: Path, name: str) -> int:
    """The port that a server had last time if it is free, else a new one; remembered for the next time."""
    try:
        ports: dict[str, int] = json.loads(file.read_text())
    except (OSError, ValueError):
        ports = {}
    if name not in ports or not is_free(ports[name]):
        ports[name] = any_free()
        file.write_text(json.dumps(ports))
    return ports[name]


def known(file: Path, name: str) -> int:
    """The port that a server was given."""
    ports: dict[str, int] = json.loads(file.read_text())
    return ports[name]
