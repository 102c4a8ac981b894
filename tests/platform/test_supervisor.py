"""The supervisor on real processes, in a data folder of its own."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings

from tests.conftest import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("supervisor")]

READY = "Jalon est prêt : http://127.0.0.1:{port}. Arrêter : Ctrl-C."


@dataclass
class Start:
    """A `config.supervisor` process, what it printed, and the processes it has begun."""

    process: subprocess.Popen[bytes]
    output: Path
    port: int

    def text(self) -> str:
        return self.output.read_text()

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.text()
        return READY.format(port=self.port) in self.text()

    def offspring(self) -> set[int]:
        """The supervisor's children and theirs: store, worker, beat, web, the undertaker…"""
        return descendants(self.process.pid)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that the tests of this module share, so that it is prepared once."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def start(home: Path) -> Iterator[Callable[..., Start]]:
    started: list[Start] = []

    def begin(port: int, folder: Path = home) -> Start:
        output = folder / f"output-{len(started)}"
        inherited = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG"}}
        with output.open("wb") as stream:
            process = subprocess.Popen(
                [sys.executable, "-m", "config.supervisor"],
                cwd=settings.BASE_DIR,
                env={**inherited, "LOCAL": "1", "PORT": str(port), "JALON_VAR": str(folder)},
                stdout=stream,
                stderr=stream,
                start_new_session=True,
            )
        started.append(Start(process, output, port))
        return started[-1]

    yield begin
    for each in started:
        each.process.terminate()
        each.process.wait(60)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def processes() -> dict[int, tuple[int, str]]:
    """Parent and command of every process that has not ended."""
    command = ["ps", "-A", "-ww", "-o", "pid=,ppid=,stat=,args="]
    listing = subprocess.run(command, capture_output=True, text=True, check=True)
    rows = (line.split(None, 3) for line in listing.stdout.splitlines())
    return {int(r[0]): (int(r[1]), r[3]) for r in rows if len(r) == 4 and r[2][0] != "Z"}


def descendants(pid: int) -> set[int]:
    known = processes()
    found = {child for child, (parent, _) in known.items() if parent == pid}
    return found.union(*(descendants(child) for child in found)) if found else found


def answers(port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status
    finally:
        connection.close()


def test_starts_whole_and_stops_in_order(start: Callable[..., Start], home: Path) -> None:
    jalon = start(free_port())
    wait_until(jalon.is_ready, seconds=90)
    assert answers(jalon.port) == 200
    offspring = jalon.offspring()
    commands = " ".join(processes()[pid][1] for pid in offspring)
    for part in ("valkey-server", "config.celery worker", "config.celery beat", "granian"):
        assert part in commands

    wait_until(lambda: b" ready." in (home / "log" / "worker.log").read_bytes())
    jalon.process.send_signal(signal.SIGTERM)
    assert jalon.process.wait(60) == 0
    assert jalon.text().endswith("Jalon s’arrête…\nJalon est arrêté.\n")
    assert offspring & set(processes()) == set()
    assert (home / "log" / "store.log").read_text().endswith("bye bye...\n")


def test_interrupt_stops_too_and_second_start_is_quick(start: Callable[..., Start]) -> None:
    jalon = start(free_port())
    wait_until(jalon.is_ready, seconds=15)
    jalon.process.send_signal(signal.SIGINT)
    assert jalon.process.wait(60) == 0


def test_killed_supervisor_leaves_no_orphan_and_can_start_again(
    start: Callable[..., Start],
) -> None:
    jalon = start(free_port())
    wait_until(jalon.is_ready, seconds=60)
    offspring = jalon.offspring()
    assert len(offspring) >= 6
    jalon.process.kill()
    jalon.process.wait()
    again = start(jalon.port)
    wait_until(lambda: offspring & set(processes()) == set(), seconds=15)
    wait_until(again.is_ready, seconds=60)


def test_second_start_in_the_same_folder_points_to_the_first(
    start: Callable[..., Start],
) -> None:
    jalon = start(free_port())
    wait_until(jalon.is_ready, seconds=60)
    second = start(free_port())
    assert second.process.wait(30) == 0
    assert second.text() == f"Jalon tourne déjà dans ce dossier : http://127.0.0.1:{jalon.port}\n"
    assert answers(jalon.port) == 200


def test_taken_port_names_the_way_out(start: Callable[..., Start], tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        jalon = start(port, tmp_path)
        assert jalon.process.wait(30) == 1
    assert jalon.text().startswith(f"Le port {port} est déjà pris par un autre programme.")
    assert f"make run PORT={port + 1}" in jalon.text()


def test_dead_web_process_comes_back(start: Callable[..., Start]) -> None:
    jalon = start(free_port())
    wait_until(jalon.is_ready, seconds=60)
    web = {pid for pid in jalon.offspring() if "granian" in processes()[pid][1]}
    for pid in web:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: "web s’est arrêté" in jalon.text())
    wait_until(lambda: answers_or_none(jalon.port) == 200, seconds=30)


def answers_or_none(port: int) -> int | None:
    try:
        return answers(port)
    except OSError:
        return None
