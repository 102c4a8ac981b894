"""python -m bench: measures in a database of its own, and prints one table.

``python -m bench incremental`` and ``python -m bench large`` print theirs.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

BUILT_IN = "the bench builds its world in an empty database; DATABASE_URL names one with figures"


def main() -> None:
    what = sys.argv[1:] or ["all"]
    if what == ["recompute"]:
        _recompute()
        return
    prepared({"all": run, "incremental": _incremental, "large": _large}[what[0]])


def _incremental() -> None:
    from . import incremental

    incremental.run()


def _large() -> None:
    from . import large

    large.run()


def _recompute() -> None:
    import django

    django.setup()
    from . import large

    large.recompute()


def prepared(work: Callable[[], None]) -> None:
    """Do the work in an empty, migrated database: in a folder of its own, or DATABASE_URL's."""
    with tempfile.TemporaryDirectory(prefix="jalon-bench-") as folder:
        os.environ |= {"JALON_VAR": folder, "LOCAL": "1", "DEMO": "0", "LOG_LEVEL": "ERROR"}
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        import django

        django.setup()
        from django.core.management import call_command

        from organisations.models import Unit

        call_command("migrate", verbosity=0)
        if Unit.objects.exists():
            sys.exit(BUILT_IN)
        with store():
            work()


@contextmanager
def store() -> Iterator[None]:
    """The embedded store, unless REDIS_URL names one: the product works with one."""
    from django.conf import settings

    from config import supervisor

    if not settings.STORE_IS_EMBEDDED:
        yield
        return
    silence = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(supervisor.store_command(), **silence) as process:  # noqa: S603
        deadline = time.monotonic() + 15
        while not supervisor.store_listens() and time.monotonic() < deadline:
            time.sleep(0.05)
        try:
            yield
        finally:
            process.terminate()


def run() -> None:
    from django.core.management import call_command

    from . import export, overview, recomputation, world
    from .measure import table

    call_command("collectstatic", interactive=False, verbosity=0)
    say("building the world")
    world.build()
    measures = []
    for name, measure in (
        ("recomputation", recomputation.measure),
        ("overview", overview.measure),
        ("export as XLSX", lambda: export.measure("xlsx")),
        ("export as CSV", lambda: export.measure("csv")),
    ):
        say(name)
        measures.append(measure())
    print(table(measures))


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}…", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
