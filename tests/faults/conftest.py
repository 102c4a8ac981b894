"""`machine`: a Jalon of its own for a test, process by process, to be killed at will.

Its store is not the session's, its times are short (settings, apps), and its data folder goes with
the test. Each process is in a session of its own and is ended by its id.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from django.conf import settings
from django.db import connection

from config import supervisor
from tests.conftest import kill, remove_seals, wait_until

Process = subprocess.Popen[bytes]


class Machine:
    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.socket = folder / "store.sock"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.environment = {
            **environment,
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "JALON_VAR": str(folder),
            "REDIS_URL": f"unix://{self.socket}?db=0",
            "LOCAL": "1",
            "PORT": str(self.port),
        }
        self.started: list[Process] = []

    def store(self) -> Process:
        """What it keeps is in ``folder``/store."""
        kept = self.folder / "store"
        kept.mkdir(exist_ok=True)
        options = [f"--port 0 --unixsocket {self.socket}", f"--dir {kept}", "--appendonly yes"]
        command = [supervisor.store_binary(), *" ".join([*options, "--save"]).split(), ""]
        return self._start("store", command, lambda _log: self._listens(self.socket))

    def worker(self) -> Process:
        options = ["worker", "--loglevel=INFO", "--concurrency=2", "--without-gossip"]
        return self._start("worker", self._celery(*options), lambda log: b" ready." in log)

    def beat(self) -> Process:
        schedule = f"--schedule={self.folder / f'schedule-{len(self.started)}'}"
        command = self._celery("beat", "--loglevel=INFO", schedule, "--pidfile=")
        return self._start("beat", command, lambda _log: True)  # it says nothing when it begins

    def web(self) -> Process:
        options = [f"--port={self.port}", "--interface=wsgi", "--blocking-threads=4", "--no-ws"]
        command = [sys.executable, "-m", "granian", *options, "config.wsgi:application"]
        return self._start("web", command, lambda _log: self._listens(("127.0.0.1", self.port)))

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            env=self.environment,
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def begin(self, *arguments: str) -> Process:
        """A command of ``manage.py``, which goes on."""
        command = [sys.executable, "manage.py", *arguments]
        return self._start(arguments[0], command, lambda _log: True)

    def run(self, name: str, *arguments: str) -> Process:
        """A script of this folder, which writes "ready" once it is."""
        command = [sys.executable, "-m", f"tests.faults.{name}", *arguments]
        return self._start(name, command, lambda log: b"ready" in log)

    def end(self) -> None:
        for process in self.started:
            kill(process)

    def _celery(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "celery", "-A", "config.celery", *arguments]

    def _start(self, name: str, command: list[str], ready: Callable[[bytes], bool]) -> Process:
        path = self.folder / f"{name}-{len(self.started)}.log"
        with path.open("wb") as log:
            process = subprocess.Popen(
                command,
                env=self.environment,
                cwd=settings.BASE_DIR,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.started.append(process)
        wait_until(lambda: ready(path.read_bytes()) or _died(process, path), seconds=40)
        return process

    @staticmethod
    def _listens(address: Path | tuple[str, int]) -> bool:
        family = socket.AF_UNIX if isinstance(address, Path) else socket.AF_INET
        with socket.socket(family) as probe:
            return probe.connect_ex(str(address) if isinstance(address, Path) else address) == 0


def _died(process: Process, log: Path) -> bool:
    if process.poll() is not None:
        pytest.fail(log.read_text())
    return False


def kill_child(process: Process) -> bool:
    """kill -9 of one of the processes that a worker works in, if it has one now."""
    with suppress(psutil.NoSuchProcess, IndexError):
        psutil.Process(process.pid).children()[-1].kill()
        return True
    return False


@pytest.fixture
def machine(child_environment: dict[str, str]) -> Iterator[Machine]:
    # A socket's path is short.
    folder = Path(tempfile.mkdtemp(prefix="jalon-faults-"))
    machine = Machine(folder, child_environment)
    yield machine
    machine.end()
    shutil.rmtree(folder, ignore_errors=True)
    remove_seals()
    connection.close()
