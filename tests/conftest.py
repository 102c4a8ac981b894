"""Fixtures for every test: real parts only.

`store`              the embedded store (or REDIS_URL's), running; the settings point at it
`child_environment`  what a child process needs to work on this test's database and store
`worker`             starts a real Celery worker on them, and stops it at the end of the test
`live_server`, `page`, `context`  pytest-django's and Playwright's; mark such tests `browser`
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
import redis
from django.conf import settings
from django.db import connection
from django.utils import translation

from config import supervisor
from config.env import celery_broker

# Playwright keeps an event loop in the thread that also uses the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
#: Whoever asks for one of these, directly or not, may reach the database or the store.
SERVERS = {"django_db_setup", "db", "transactional_db", "live_server", "store_process"}
NO_CHROMIUM = "no Chromium here: apt-get install chromium, or CHROMIUM=/path/to/chromium make test"


def pytest_configure(config: pytest.Config) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if not settings.STORE_IS_EMBEDDED:
        use_own_part_of_the_store()


def use_own_part_of_the_store() -> None:
    """Processes of the suite that share a server take a database of it each."""
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) + 1
    settings.REDIS_URL = urlsplit(settings.REDIS_URL)._replace(path=f"/{number}").geturl()
    settings.CELERY_BROKER_URL = celery_broker(settings.REDIS_URL)
    settings.CACHES["default"]["LOCATION"] = settings.REDIS_URL


@pytest.hookimpl(tryfirst=True)  # Before -m chooses.
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if needs_servers(item):
            item.add_marker("servers")
    if CHROMIUM is None:
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason=NO_CHROMIUM))


def needs_servers(item: pytest.Item) -> bool:
    """Whether a test may reach the database or the store; pytest-django refuses it to others."""
    asked = SERVERS.intersection(getattr(item, "fixturenames", ()))
    return bool(asked) or any(map(item.get_closest_marker, ("django_db", "processes", "faults")))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove this run's data folder; one chosen with JALON_VAR stays."""
    if settings.VAR_DIR.name == f"test-{os.getpid()}":
        shutil.rmtree(settings.VAR_DIR, ignore_errors=True)


def wait_until(condition: Callable[[], object], *, seconds: float = 15.0) -> None:
    """Fail unless `condition` holds within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} seconds"
        time.sleep(0.05)


def kill(process: subprocess.Popen[bytes]) -> None:
    """kill -9 of a process that has a session of its own, and of all that it has begun."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(30)


# --- Language ---------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def default_language() -> Iterator[None]:
    """Each test begins in the default language: a reader's stays on the thread after a request."""
    with translation.override(settings.LANGUAGE_CODE):
        yield


# --- Database ---------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The test database; PostgreSQL plans for tables of unknown size, not for empty ones.

    Most rows of a test are rolled back: whoever counts them between tests finds none, and a join
    planned for no rows compares each with each. Before the database goes, what a browser's last
    request still holds of it is let go.
    """
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            for name in connection.introspection.table_names(cursor):
                table = connection.ops.quote_name(name)
                cursor.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = false)")
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


def remove_seals() -> None:
    """The last first: a seal that another follows is not deleted."""
    from foundation.models import AuditSeal

    for seal in AuditSeal.objects.order_by("-last_id"):
        seal.delete()


# --- Store and workers ------------------------------------------------------------------------


@pytest.fixture(scope="session")
def store_process() -> Iterator[str]:
    """The address of a running store; an embedded one is started for the session."""
    if not settings.STORE_IS_EMBEDDED:
        yield settings.REDIS_URL
        return
    log = (settings.LOG_DIR / "store.log").open("wb")
    with log:
        process = subprocess.Popen(supervisor.store_command(), stdout=log, stderr=log)
    try:
        wait_until(supervisor.store_listens)
        yield settings.REDIS_URL
    finally:
        process.kill()
        process.wait(30)


@pytest.fixture
def store(store_process: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A running and empty store."""
    from foundation import outbox
    from foundation.cache import QuietRedisCache

    # Nobody waits because of a store that an earlier test had away.
    monkeypatch.setattr(QuietRedisCache, "_away_until", 0.0)
    monkeypatch.setattr(outbox, "_rested_until", 0.0)
    with redis.Redis.from_url(store_process, socket_timeout=10) as client:
        client.flushdb()
    return store_process


@pytest.fixture
def child_environment(transactional_db: None) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": database_url(),
        "REDIS_URL": settings.REDIS_URL,
        "JALON_VAR": str(settings.VAR_DIR),
        "SECRET_KEY": settings.SECRET_KEY,
    }


def database_url() -> str:
    """The address of the database that this test uses."""
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{found['NAME']}"
    credentials = ":".join(quote(part, safe="") for part in (found["USER"], found["PASSWORD"]))
    options = urlencode({**found["OPTIONS"], "host": found["HOST"]})
    return f"postgresql://{credentials}@:{found['PORT']}/{found['NAME']}?{options}"


@pytest.fixture
def worker(
    store: str, child_environment: dict[str, str]
) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """`worker()` starts a real worker in a session of its own and returns once it takes tasks."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*options: str) -> subprocess.Popen[bytes]:
        path = settings.LOG_DIR / f"worker-{len(started)}.log"
        command = [sys.executable, "-m", "celery", "-A", "config.celery", "worker"]
        with path.open("wb") as log:
            process = subprocess.Popen(
                [*command, "--loglevel=INFO", "--concurrency=2", *options],
                env=child_environment,
                cwd=settings.BASE_DIR,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        started.append(process)
        wait_until(lambda: b" ready." in path.read_bytes(), seconds=30)
        return process

    yield start
    for process in started:
        kill(process)


# --- Browser ----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium, without the connections it makes by itself."""
    quiet = ("background-networking", "component-update", "sync", "gpu", "quic")
    flags = [f"--disable-{name}" for name in quiet]
    if os.geteuid() == 0:
        flags.append("--no-sandbox")
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": flags}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "fr-BE", "timezone_id": "Europe/Brussels"}
