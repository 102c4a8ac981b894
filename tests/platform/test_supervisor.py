"""The supervisor on real processes, in a data folder of its own."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
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

    def offspring(self) -> dict[int, str]:
        """Commands of the supervisor's children and theirs: store, worker, beat, web…"""
        found = {}
        for process in psutil.Process(self.process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):  # What a child asks of the system is soon gone.
                found[process.pid] = " ".join(process.cmdline())
        return found


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


def alive(pids: set[int]) -> set[int]:
    """Those of `pids` that still run; who has ended and is not yet collected counts as ended."""
    return {process.pid for process in psutil.process_iter(["status"]) if is_alive(process)} & pids


def is_alive(process: psutil.Process) -> bool:
    return bool(process.info["status"] != psutil.STATUS_ZOMBIE)


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
    commands = " ".join(offspring.values())
    for part in ("valkey-server", "config.celery worker", "config.celery beat", "granian"):
        assert part in commands

    wait_until(lambda: b" ready." in (home / "log" / "worker.log").read_bytes())
    jalon.process.send_signal(signal.SIGTERM)
    assert jalon.process.wait(60) == 0
    assert jalon.text().endswith("Jalon s’arrête…\nJalon est arrêté.\n")
    assert alive(set(offspring)) == set()
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
    # Undertaker, store, worker and its two, beat, web and its one.
    wait_until(lambda: len(jalon.offspring()) == 8, seconds=30)
    offspring = jalon.offspring()
    jalon.process.kill()  # and left uncollected for now: who starts next must not take it for alive
    again = start(jalon.port)
    wait_until(lambda: not alive(set(offspring)), seconds=15)
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
    web = [pid for pid, command in jalon.offspring().items() if "granian" in command]
    for pid in web:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: "web s’est arrêté" in jalon.text())
    wait_until(lambda: answers_or_none(jalon.port) == 200, seconds=30)


def answers_or_none(port: int) -> int | None:
    try:
        return answers(port)
    except OSError:
        return None
