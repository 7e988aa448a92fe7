"""`./portal up`: from a clean checkout to a running portal, and back to nothing on Ctrl-C."""

import contextlib
import http
import http.client
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from types import FrameType

from launcher import ports
from launcher.environment import alone, provide_packages, tool
from launcher.frontend import collect_static_files, compile_translations, provide_vendor_files
from launcher.manage import manage
from launcher.places import DataFolder
from launcher.processes import Service, noted_process
from launcher.servers import Servers, claimed, describe, end_orphans, holder, running
from launcher.speech import Stop, say
from launcher.stamps import digest_of_contents, is_current, migration_sources, remember
from launcher.supervise import supervise
from launcher.variables import as_owner

READY_PATIENCE = 60.0
STOP_PATIENCE = 120.0
NAMES = {"worker": "The worker", "beat": "The schedule", "web": "The web server"}


def up(data: DataFolder, *, port: int, demo: bool) -> int:
    """Run the portal until it is told to stop."""
    data.make()
    with claimed(data), stopping_on_signals() as stopping:
        refuse_taken_port(data, port)
        with alone():
            provide_packages("prod")
            provide_vendor_files()
            compile_translations()
        say("Starting the database and the queue …")
        with running(data, port=port) as servers:
            with alone():
                collect_static_files(servers.environment)
            migrate(servers)
            has_demo = demo or servers.embeds_database
            if has_demo:
                load_demo(servers)
            serve(servers, port=port, has_demo=has_demo, stopping=stopping)
            say("Stopping …")
    say("Stopped.")
    return 0


@contextlib.contextmanager
def stopping_on_signals() -> Iterator[Callable[[], bool]]:
    """Turn Ctrl-C and SIGTERM into an orderly end: the first one stops, later ones do not hurry it."""
    received: list[int] = []

    def receive(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        if len(received) == 1:
            raise KeyboardInterrupt

    previous = {number: signal.signal(number, receive) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield lambda: bool(received)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def refuse_taken_port(data: DataFolder, port: int) -> None:
    """Stop with one sentence when another program listens on the port; our own orphans are ended first."""
    if not ports.is_free(port) and noted_process(data.note("web")):
        end_orphans(data)
    if not ports.is_free(port):
        other = ports.next_free(port)
        raise Stop(f"Port {port} is taken by another program: choose another, such as ./portal up --port {other}.")


def migrate(servers: Servers) -> None:
    """Bring the tables up to date; an embedded database that has seen these migrations is left alone."""
    stamp, digest = servers.data.path / "run" / "migrated", digest_of_contents(migration_sources())
    if servers.embeds_database and is_current(stamp, digest):
        return
    say("Bringing the database up to date …")
    manage("migrate", "--noinput", "--verbosity", "0", environment=as_owner(servers.environment))
    if servers.embeds_database:
        remember(stamp, digest)


def load_demo(servers: Servers) -> None:
    """Load the demo city into a database that is empty, once."""
    stamp = servers.data.path / "run" / "demo"
    if servers.embeds_database and stamp.exists():
        return
    say("Loading the demo city …")
    manage("demo", "--if-empty", environment=servers.environment)
    remember(stamp, "")


def own_programs(servers: Servers, *, port: int) -> list[Service]:
    """The three programs of the portal itself, in the order in which they start; all count into one folder."""
    data = servers.data
    shutil.rmtree(data.metrics, ignore_errors=True)
    data.metrics.mkdir(parents=True)
    environment = {**servers.environment, "PROMETHEUS_MULTIPROC_DIR": str(data.metrics)}
    worker = ["-A", "config", "worker", "-P", "threads", "-c", "4", "-l", "warning"]
    # Apart from the worker: were it the worker's child (-B), nobody would notice its death, and no mail left any more.
    beat = ["-A", "config", "beat", "-l", "warning", "--pidfile="]
    web = ["--config", "python:config.gunicorn", "config.wsgi"]
    web += ["--bind", f"{ports.LOOPBACK}:{port}", "--log-level", "warning"]
    commands = {
        "worker": [tool("celery"), *worker],
        "beat": [tool("celery"), *beat, "--schedule", str(data.path / "beat")],
        "web": [tool("gunicorn"), *web],
    }
    return [
        Service(
            name=NAMES[name],
            command=command,
            environment=environment,
            log=data.log(name),
            note=data.note(name),
            patience=15 if name == "web" else 20,
        )
        for name, command in commands.items()
    ]


def serve(servers: Servers, *, port: int, has_demo: bool, stopping: Callable[[], bool]) -> None:
    """Start web, worker and beat, announce the address when it answers, and keep all programs running."""
    address = f"http://{ports.LOOPBACK}:{port}/"
    describe(servers.data, address=address)
    say("Starting the web server and the worker …")
    programs = own_programs(servers, port=port)
    servers.services.extend(programs)
    with contextlib.suppress(KeyboardInterrupt):
        for program in programs:
            program.start()
        deadline = time.monotonic() + READY_PATIENCE

        def ready() -> bool:
            if time.monotonic() > deadline:
                words = "\n".join(program.last_words() for program in programs)
                raise Stop(f"The portal did not get ready in {READY_PATIENCE:.0f} seconds. Its logs end with:\n{words}")
            return stopping() or answers(port)

        supervise(servers.services, until=ready)
        announce(servers, address, has_demo=has_demo)
        supervise(servers.services, until=stopping)


def answers(port: int) -> bool:
    """Whether the portal says that it is ready."""
    connection = http.client.HTTPConnection(ports.LOOPBACK, port, timeout=2)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def announce(servers: Servers, address: str, *, has_demo: bool) -> None:
    """Say where the portal is, and who may sign in to its demo city."""
    accounts = manage("demo", "--accounts", environment=servers.environment) if has_demo else ""
    say(f"\nJishi is ready: {address}\n")
    if accounts.strip():
        say(accounts.strip() + "\n")
    say(f"Logs are in {servers.data.path / 'log'}. Stop with Ctrl-C.")


def stop(data: DataFolder) -> int:
    """Stop the portal of a data folder, or what is left of it; it is no failure when nothing runs."""
    found = holder(data)
    if found is None:
        ended = end_orphans(data) if data.path.exists() else []
        say(f"Stopped what was left running: {', '.join(ended)}." if ended else "Nothing is running.")
        return 0
    pid, _ = found
    say(f"Stopping the portal (process {pid}) …")
    try:
        os.kill(pid, signal.SIGTERM)
    except (ProcessLookupError, PermissionError) as problem:
        raise Stop(
            f"Process {pid} cannot be stopped ({problem.strerror}): stop it as the user who started it."
        ) from problem
    deadline = time.monotonic() + STOP_PATIENCE
    while holder(data):
        if time.monotonic() > deadline:
            raise Stop(
                f"Process {pid} has not stopped after {STOP_PATIENCE:.0f} seconds; its logs are in {data.path / 'log'}."
            )
        time.sleep(0.1)
    say("Stopped.")
    return 0
