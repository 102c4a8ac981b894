"""Starts of real processes with right, wrong and missing variables."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

PRODUCTION = {
    "SECRET_KEY": "k3y-" + "0123456789abcdef" * 4,
    "ALLOWED_HOSTS": "jalon.example.be",
    "CSRF_TRUSTED_ORIGINS": "https://jalon.example.be",
    "EMAIL_URL": "smtp://jalon:secret@mail.example.be:587",
}


def manage(tmp_path: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """`manage.py` in an environment of these variables only."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "JALON_VAR": str(tmp_path), **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def value(tmp_path: Path, expression: str, **variables: str) -> object:
    """What `expression` about the settings is, as JSON, in that environment."""
    code = f"import json; from config import settings as s; print(json.dumps({expression}))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "JALON_VAR": str(tmp_path), **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return json.loads(done.stdout)


def test_production_is_the_default_and_names_all_that_is_missing(tmp_path: Path) -> None:
    done = manage(tmp_path, "check")
    assert done.returncode == 1
    assert [line.split()[1] for line in done.stderr.splitlines()[1:5]] == list(PRODUCTION)
    assert "Traceback" not in done.stderr


def test_production_passes_every_deployment_check(tmp_path: Path) -> None:
    done = manage(tmp_path, "check", "--deploy", "--fail-level=WARNING", **PRODUCTION)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "System check identified no issues (0 silenced).\n"


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"SECRET_KEY": "short"}, "SECRET_KEY is wrong (read a value of 5 characters, not shown)"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS is wrong (read '*')"),
        ({"CSRF_TRUSTED_ORIGINS": "http://x.be"}, "CSRF_TRUSTED_ORIGINS is wrong"),
        ({"ALLOWED_HOSTS": "a.be,."}, "ALLOWED_HOSTS is wrong (read 'a.be,.')"),
        ({"ALLOWED_HOSTS": ".", "LOCAL": "1"}, "ALLOWED_HOSTS is wrong (read '.')"),
        ({"CSRF_TRUSTED_ORIGINS": "https://x.be/path"}, "CSRF_TRUSTED_ORIGINS is wrong"),
        ({"CSRF_TRUSTED_ORIGINS": "https://"}, "CSRF_TRUSTED_ORIGINS is wrong"),
        ({"CSRF_TRUSTED_ORIGINS": "x.be", "LOCAL": "1"}, "CSRF_TRUSTED_ORIGINS is wrong"),
        ({"EMAIL_URL": "smtp:mail.example.be"}, "EMAIL_URL is wrong"),
        ({"CONTACT_EMAIL": "contact"}, "CONTACT_EMAIL is wrong (read 'contact')"),
        ({"SECRETARIAT_TELEPHONE": "call"}, "SECRETARIAT_TELEPHONE is wrong (read 'call')"),
        ({"CONTACT_EMAIL": "J <j@x.be>"}, "CONTACT_EMAIL is wrong (read 'J <j@x.be>')"),
        ({"DEFAULT_FROM_EMAIL": "Jalon <x.be>"}, "DEFAULT_FROM_EMAIL is wrong"),
        ({"JALON_VAR": "/dev/null/jalon"}, "JALON_VAR is wrong (read '/dev/null/jalon')"),
        ({"EMAIL_URL": "mail.example.be"}, "EMAIL_URL is wrong (read a value of 15 characters"),
        ({"DEMO": "1", "LOCAL": "0"}, "DEMO is wrong (read '1'); expected 0 where LOCAL=0"),
        ({"DEBUG": "1", "LOCAL": "0"}, "DEBUG is wrong (read '1'); expected 0 where LOCAL=0"),
        ({"DATABASE_URL": "oracle://h/db"}, "DATABASE_URL is wrong"),
        ({"REDIS_URL": "localhost:6379"}, "REDIS_URL is wrong"),
        ({"PORT": "99999"}, "PORT is wrong (read '99999'); expected a whole number"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL is wrong (read 'loud')"),
        ({"TRUSTED_PROXIES": "many"}, "TRUSTED_PROXIES is wrong (read 'many')"),
    ],
)
def test_wrong_value_stops_the_start(tmp_path: Path, variables: dict[str, str], said: str) -> None:
    done = manage(tmp_path, "check", **(PRODUCTION | variables))
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_local_start_keeps_one_secret_for_itself(tmp_path: Path) -> None:
    first = value(tmp_path, "s.SECRET_KEY", LOCAL="1")
    assert first == value(tmp_path, "s.SECRET_KEY", DEMO="1")
    assert stat.S_IMODE((tmp_path / "run" / "secret_key").stat().st_mode) == 0o600
    assert len(str(first)) > 50


def test_local_start_serves_loopback_only(tmp_path: Path) -> None:
    hosts = value(tmp_path, "s.ALLOWED_HOSTS", LOCAL="1")
    assert hosts == ["localhost", "127.0.0.1", "[::1]"]


def test_production_cookies_are_bound_to_the_host(tmp_path: Path) -> None:
    names = "[s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.LANGUAGE_COOKIE_NAME]"
    assert value(tmp_path, names, **PRODUCTION) == [
        "__Host-session",
        "__Host-csrf",
        "__Host-language",
    ]


def test_mail_address_is_taken_apart(tmp_path: Path) -> None:
    parts = "[s.EMAIL_HOST, s.EMAIL_PORT, s.EMAIL_HOST_USER, s.EMAIL_USE_TLS, s.EMAIL_USE_SSL]"
    assert value(tmp_path, parts, **PRODUCTION) == [
        "mail.example.be",
        587,
        "jalon",
        True,
        False,
    ]
    safe = PRODUCTION | {"EMAIL_URL": "smtps://mail.example.be"}
    assert value(tmp_path, parts, **safe) == ["mail.example.be", 465, "", False, True]


def test_sender_may_have_a_name(tmp_path: Path) -> None:
    named = PRODUCTION | {"DEFAULT_FROM_EMAIL": "Jalon <jalon@example.be>"}
    assert value(tmp_path, "[s.DEFAULT_FROM_EMAIL, s.CONTACT_EMAIL]", **named) == [
        "Jalon <jalon@example.be>",
        "jalon@example.be",
    ]


def test_long_folder_still_gets_a_socket_short_enough(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 90)
    socket = value(deep, "str(s.STORE_SOCKET)", LOCAL="1")
    assert len(str(socket)) < 100
