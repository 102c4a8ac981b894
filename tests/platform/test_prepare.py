"""What a start says of a database or a store that cannot be reached, and of the accounts."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings

from config.prepare import tell_accounts
from organisations.enums import Role
from organisations.models import User
from tests.factories import make_user, make_zone


@pytest.mark.parametrize(
    ("name", "address", "said"),
    [
        (
            "DATABASE_URL",
            "postgresql://jalon:hunter2@127.0.0.1:1/jalon",
            "La base de données indiquée par DATABASE_URL est inaccessible : ",
        ),
        (
            "REDIS_URL",
            "redis://127.0.0.1:1/0",
            "Le serveur Redis indiqué par REDIS_URL est inaccessible : ",
        ),
    ],
)
def test_what_cannot_be_reached_is_named_in_one_line(
    tmp_path: Path, name: str, address: str, said: str
) -> None:
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "config.supervisor"],
        cwd=settings.BASE_DIR,
        env={
            "PATH": os.environ["PATH"],
            "LOCAL": "1",
            "PORT": "18971",
            "JALON_VAR": str(tmp_path),
            name: address,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert time.monotonic() - started < 20
    assert done.returncode == 1
    reason, end = done.stderr.splitlines()
    assert reason.startswith(said)
    assert "hunter2" not in reason
    assert end == "La préparation a échoué ; la raison est indiquée ci-dessus."


def test_a_long_address_keeps_its_distance(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    user = make_user(Role.REPORTER, make_zone())
    address = f"{'a' * 60}@demo.invalid"
    User.objects.filter(pk=user.pk).update(email=address, name="Saisie", is_demo=True)
    tell_accounts()
    assert f"  {address}  Saisie" in capsys.readouterr().out.splitlines()
