"""Programs that the launcher starts, recognises again, and ends."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from launcher.places import DataFolder
from launcher.processes import Service, birth_of, end_noted, noted_process, write_note
from launcher.servers import PROGRAMS, claimed, describe, end_orphans, holder
from launcher.speech import Stop
from launcher.supervise import DEATHS_ALLOWED, Watch, look_after, pause_after, supervise
from tests.small_disk import fill, small_disk

DIARY_KEEPER = """
import signal, sys, time
name, diary = sys.argv[1:]
def end(*_):
    with open(diary, "a") as out:
        out.write(name + "\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
print("here", flush=True)
while True:
    time.sleep(0.05)
"""
FORKS_AND_SLEEPS = """
import os, time
if os.fork() == 0:
    print("child", os.getpid(), flush=True)
time.sleep(60)
"""
FAILS_AT_ONCE = "import sys; print('no such table'); sys.exit(3)"


@pytest.fixture
def data(tmp_path: Path) -> DataFolder:
    """A data folder that is ready to be used."""
    folder = DataFolder(tmp_path / "data")
    folder.make()
    return folder


@pytest.fixture
def stand_in(data: DataFolder) -> Iterator[Callable[[str], Service]]:
    """Makes programs that write their name into `diary` when they are asked to end; killed after the test."""
    made: list[Service] = []

    def make(name: str, program: str = DIARY_KEEPER) -> Service:
        command = [sys.executable, "-c", program, name, str(data.path / "diary")]
        service = Service(name, command, os.environ, log=data.log(name), note=data.note(name), patience=2)
        made.append(service)
        return service

    yield make
    for service in made:
        if service.process and service.process.poll() is None:
            os.killpg(service.process.pid, signal.SIGKILL)
            service.process.wait()


def started(service: Service) -> Service:
    """The service once it has said that it is there."""
    service.start()
    deadline = time.monotonic() + 5
    while not service.log.read_text() and time.monotonic() < deadline:
        time.sleep(0.02)
    return service


def gone(pid: int) -> bool:
    """Whether a process ends within three seconds."""
    deadline = time.monotonic() + 3
    while birth_of(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return birth_of(pid) is None


def test_what_a_killed_launcher_left_behind_is_ended_in_order(
    data: DataFolder, stand_in: Callable[..., Service]
) -> None:
    for name in reversed(PROGRAMS):
        started(stand_in(name, DIARY_KEEPER.replace("SIGTERM", PROGRAMS[name][0].name)))

    ended = end_orphans(data)

    assert ended == ["web", "beat", "worker", "valkey", "postgres"]
    assert (data.path / "diary").read_text().split() == ended
    assert end_orphans(data) == []


def test_a_note_of_a_process_whose_number_another_one_has_is_not_believed(data: DataFolder) -> None:
    note = data.note("web")
    write_note(note, os.getpid())
    assert noted_process(note) == os.getpid()

    note.write_text(json.dumps({"pid": os.getpid(), "birth": "1"}))

    assert noted_process(note) is None
    assert end_noted(note, stop_signal=signal.SIGKILL, patience=1) is False


def test_the_children_of_a_killed_program_are_killed_too(stand_in: Callable[..., Service]) -> None:
    service = started(stand_in("web", FORKS_AND_SLEEPS))
    child = int(service.log.read_text().split()[1])
    assert service.process
    service.process.kill()
    service.process.wait()

    service.clear_remains()

    assert gone(child)


def test_a_program_that_does_not_want_to_end_is_killed(stand_in: Callable[..., Service]) -> None:
    stubborn = stand_in(
        "worker", "import signal, time; signal.signal(15, signal.SIG_IGN); print('x', flush=True); time.sleep(60)"
    )
    stubborn.patience = 0.2
    started(stubborn)

    stubborn.stop()

    assert stubborn.how_it_ended() == "was ended by SIGKILL"
    assert not stubborn.note.exists()


def test_a_killed_program_is_started_again(stand_in: Callable[..., Service]) -> None:
    service = started(stand_in("web"))
    assert service.process
    first = service.process.pid
    os.kill(first, signal.SIGKILL)
    deadline = time.monotonic() + 5

    def is_another() -> bool:
        return (service.process is not None and service.process.pid != first) or time.monotonic() > deadline

    supervise([service], until=is_another)

    assert service.process.pid != first
    assert service.how_it_ended() is None


def test_a_program_that_dies_six_times_in_a_minute_ends_everything_with_a_sentence(
    stand_in: Callable[..., Service],
) -> None:
    watch = Watch(stand_in("web", FAILS_AT_ONCE))
    now = 1000.0

    def die() -> None:
        watch.service.start()
        assert watch.service.process
        watch.service.process.wait()
        watch.start_at = None
        look_after(watch, now=now)

    for _ in range(DEATHS_ALLOWED):
        die()
    with pytest.raises(Stop, match=r"web ended with status 3, for the 6th time in a minute(?s:.)*no such table"):
        die()


def test_deaths_of_long_ago_are_forgiven(stand_in: Callable[..., Service]) -> None:
    watch = Watch(stand_in("web", FAILS_AT_ONCE))
    watch.deaths = [1000.0] * DEATHS_ALLOWED
    watch.service.start()
    assert watch.service.process
    watch.service.process.wait()

    look_after(watch, now=1061.0)

    assert watch.deaths == [1061.0]


def test_each_death_makes_the_next_start_wait_longer_up_to_a_limit() -> None:
    assert [pause_after(deaths) for deaths in (1, 2, 3, 10)] == [0.2, 0.4, 0.8, 8.0]


def test_a_second_launcher_of_the_same_folder_is_told_who_has_it(data: DataFolder) -> None:
    program = (
        "import sys, time; from launcher.places import DataFolder; from launcher.servers import claimed, describe\n"
        "from pathlib import Path\n"
        "data = DataFolder(Path(sys.argv[1]))\n"
        "with claimed(data):\n"
        "    describe(data, address='http://127.0.0.1:8000/'); print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(data.path)], stdout=subprocess.PIPE) as other:
        assert other.stdout
        other.stdout.readline()
        with pytest.raises(Stop, match=rf"already running at http://127.0.0.1:8000/ \(process {other.pid}, "):
            claimed(data).__enter__()
        other.kill()

    assert holder(data) is None
    with claimed(data):
        describe(data, address="")


def test_where_the_disk_is_full_a_program_that_dies_waits_until_there_is_room(
    stand_in: Callable[..., Service], data: DataFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    with small_disk(data.path / "log", megabytes=50) as disk:
        watch = Watch(stand_in("postgres", FAILS_AT_ONCE))
        ballast, now = fill(disk, leaving=1 << 20), 1000.0
        for _turn in range(2 * DEATHS_ALLOWED):
            started(watch.service)
            assert watch.service.process
            watch.service.process.wait()
            watch.start_at = None
            look_after(watch, now=now)  # would stop everything at the sixth
            first = watch.service.process
            look_after(watch, now=now + 60)
            assert watch.service.process is first

        ballast.unlink()
        look_after(watch, now=now + 60)

        assert watch.service.process is not first
        assert watch.service.process
        watch.service.process.wait()
        assert "is full: it waits until there is room." in capsys.readouterr().out
        assert len(watch.deaths) == 0
        look_after(watch, now=now + 61)
        assert len(watch.deaths) == 1  # with room it is its own fault again
