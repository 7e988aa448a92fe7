"""The embedded PostgreSQL and Valkey of a data folder, or the servers that the person's environment names."""

import contextlib
import fcntl
import json
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass

from launcher import postgres, valkey
from launcher.places import DEFAULT_DATA, DataFolder
from launcher.processes import Service, end_noted, noted_process
from launcher.speech import Stop, say
from launcher.variables import environment_for, secrets_of

# In the order in which they are stopped, each with how it is asked to and how long it is given.
PROGRAMS = {
    "web": (signal.SIGTERM, 15.0),
    "beat": (signal.SIGTERM, 10.0),
    "worker": (signal.SIGTERM, 20.0),
    "valkey": (signal.SIGTERM, 20.0),
    "postgres": (signal.SIGINT, 30.0),
}


@dataclass
class Servers:
    """What runs for a data folder, and what programs have to know to use it."""

    data: DataFolder
    environment: dict[str, str]
    services: list[Service]
    embeds_database: bool


@contextlib.contextmanager
def claimed(data: DataFolder) -> Iterator[None]:
    """Hold the data folder for this launcher, or stop with one sentence when another holds it."""
    with data.claim.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Stop(already_running(data)) from None
        describe(data, address="")
        yield


def describe(data: DataFolder, *, address: str) -> None:
    """Write into the claim who holds it, and at which address the portal answers."""
    data.claim.write_text(json.dumps({"pid": os.getpid(), "address": address}))


def holder(data: DataFolder) -> tuple[int, str] | None:
    """The process id and address of the launcher that holds the data folder, or None."""
    try:
        with data.claim.open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        written = json.loads(data.claim.read_text() or "{}")
        return written.get("pid", 0), written.get("address", "")
    except OSError:
        return None
    return None


def already_running(data: DataFolder) -> str:
    """The sentence for a data folder that is in use."""
    pid, address = holder(data) or (0, "")
    where = f" at {address}" if address else ""
    return f"The portal is already running{where} (process {pid}, data in {data.path}): ./portal stop ends it."


def end_orphans(data: DataFolder) -> list[str]:
    """End, in order, what a killed launcher left running; returns the names."""
    ended = [
        name
        for name, (stop_signal, patience) in PROGRAMS.items()
        if end_noted(data.note(name), stop_signal=stop_signal, patience=patience)
    ]
    postgres.end_stray_server(data.postgres)
    return ended


@contextlib.contextmanager
def running(data: DataFolder, *, port: int = 8000, testing: bool = False, durable: bool = True) -> Iterator[Servers]:
    """The servers of a claimed data folder, started now and stopped at the end, Valkey first."""
    orphans = end_orphans(data)
    if orphans:
        say(f"Ended what an earlier start had left running: {', '.join(orphans)}.")
    servers = Servers(data, {}, [], embeds_database=not os.environ.get("DATABASE_URL"))
    try:
        _start(servers, testing=testing, durable=durable)
        servers.environment = environment_for(data, port=port, servers=addresses_of(data, testing=testing))
        yield servers
    finally:
        for service in reversed(servers.services):
            service.stop()


def attached(data: DataFolder) -> dict[str, str]:
    """The environment of the servers that another launcher runs for this data folder."""
    if not os.environ.get("DATABASE_URL") and noted_process(data.note("postgres")) is None:
        raise Stop("The portal is still starting: try again when it has said that it is ready.")
    return environment_for(data, port=8000, servers=addresses_of(data, testing=False))


def addresses_of(data: DataFolder, *, testing: bool) -> dict[str, str]:
    """The URLs of the embedded servers; none for what the person's own environment names."""
    addresses: dict[str, str] = {}
    secrets = secrets_of(data.secrets)
    if not os.environ.get("DATABASE_URL"):
        owner = postgres.address(data, role=postgres.OWNER, password=secrets["postgres_owner"])
        portal = postgres.address(data, role=postgres.PORTAL, password=secrets["postgres_portal"])
        # A test makes databases of its own, so it needs the role that may.
        addresses |= {"DATABASE_OWNER_URL": owner, "DATABASE_URL": owner if testing else portal}
    if not os.environ.get("REDIS_URL"):
        addresses["REDIS_URL"] = valkey.address(data, password=secrets["valkey"])
    return addresses


def _start(servers: Servers, *, testing: bool, durable: bool) -> None:
    data, secrets = servers.data, secrets_of(servers.data.secrets)
    if servers.embeds_database:
        passwords = {postgres.OWNER: secrets["postgres_owner"], postgres.PORTAL: secrets["postgres_portal"]}
        database = postgres.postgres_service(data, passwords=passwords, testing=testing, durable=durable)
        servers.services.append(database)
        database.start()
        postgres.wait_until_ready(data, database)
    if not os.environ.get("REDIS_URL"):
        queue = valkey.valkey_service(data, password=secrets["valkey"])
        servers.services.append(queue)
        queue.start()
        valkey.wait_until_ready(data, queue)


@contextlib.contextmanager
def for_development(name: str, *, durable: bool) -> Iterator[Servers]:
    """Servers apart from those of `up`, in a folder of their own; two runs at once take two folders."""
    with contextlib.ExitStack() as stack:
        for number in range(1, 20):
            data = DataFolder(DEFAULT_DATA / (name if number == 1 else f"{name}-{number}"))
            data.make()
            try:
                stack.enter_context(claimed(data))
            except Stop:
                continue
            yield stack.enter_context(running(data, testing=True, durable=durable))
            return
        raise Stop(f"Nineteen runs of ./portal {name} are under way already.")
