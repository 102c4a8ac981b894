import pytest

from config import env as environment
from config.env import Environment, WrongEnvironment

HINT = "\nREADME.md lists the variables; LOCAL=1 is for a trial on this machine only."


def problems(env: Environment) -> list[str]:
    with pytest.raises(WrongEnvironment) as caught:
        env.check()
    return str(caught.value).removesuffix(HINT).split("\n  - ")[1:]


@pytest.mark.parametrize(
    ("raw", "flag"),
    [("1", True), ("TRUE", True), ("on", True), ("0", False), ("no", False), (" ", True)],
)
def test_flag(raw: str, flag: bool) -> None:
    env = Environment({"DEMO": raw})
    assert env.flag("DEMO", default=True) is flag
    env.check()


def test_wrong_flag_is_named_with_what_was_read() -> None:
    env = Environment({"DEMO": "maybe"})
    env.flag("DEMO", default=False)
    assert problems(env) == ["DEMO is wrong (read 'maybe'); expected 1 or 0"]


@pytest.mark.parametrize("raw", ["0", "65536", "80a", "8,000", "-1", "٨٠"])
def test_integer_outside_its_range(raw: str) -> None:
    env = Environment({"PORT": raw})
    assert env.integer("PORT", default=8000, minimum=1, maximum=65535) == 8000
    expected = f"PORT is wrong (read {raw!r}); expected a whole number from 1 to 65535"
    assert problems(env) == [expected]


def test_integer_read_and_absent() -> None:
    env = Environment({"PORT": "8080"})
    assert env.integer("PORT", default=1, minimum=1, maximum=65535) == 8080
    assert env.integer("OTHER", default=7, minimum=1, maximum=9) == 7
    env.check()


def test_choice() -> None:
    env = Environment({"LOG_LEVEL": "LOUD"})
    assert env.choice("LOG_LEVEL", default="INFO", choices=("INFO", "ERROR")) == "INFO"
    assert problems(env) == ["LOG_LEVEL is wrong (read 'LOUD'); expected one of INFO, ERROR"]


def test_items_leave_blanks_out() -> None:
    assert Environment({"HOSTS": " a.be, ,b.be,"}).items("HOSTS") == ["a.be", "b.be"]


@pytest.mark.parametrize("raw", ["mysql://u:hunter2@h/db", "postgresql://u:hunter2@h:port/db"])
def test_wrong_url_never_shows_its_password(raw: str) -> None:
    env = Environment({"DATABASE_URL": raw})
    url = env.url("DATABASE_URL", default="d://", schemes=("postgresql",), example="postgresql://h")
    assert url == "d://"
    (problem,) = problems(env)
    assert "hunter2" not in problem
    assert problem == (
        f"DATABASE_URL is wrong (read a value of {len(raw)} characters, not shown); "
        "expected a URL such as postgresql://h"
    )


def test_every_problem_is_told_at_once() -> None:
    env = Environment({"PORT": "x"})
    env.required("SECRET_KEY", expected="a secret")
    env.integer("PORT", default=1, minimum=1, maximum=2)
    assert problems(env) == [
        "SECRET_KEY is missing; expected a secret",
        "PORT is wrong (read 'x'); expected a whole number from 1 to 2",
    ]


#: Forms join more tables than PostgreSQL orders by itself; to order them must not take longer.
PLANNING = "-c join_collapse_limit=24 -c from_collapse_limit=24 -c geqo_effort=1"


def test_postgresql_address() -> None:
    entry = environment.postgresql("postgresql://u%40x:p%2Fw@db:5433/jalon?sslmode=require")
    assert entry == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "jalon",
        "USER": "u@x",
        "PASSWORD": "p/w",
        "HOST": "db",
        "PORT": "5433",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"sslmode": "require", "options": PLANNING},
    }


def test_postgresql_on_a_unix_socket() -> None:
    entry = environment.postgresql("postgresql:///jalon?host=/run/postgresql")
    assert (entry["HOST"], entry["PORT"]) == ("/run/postgresql", "")
    assert entry["OPTIONS"] == {"options": PLANNING}


def test_postgresql_without_user_and_port() -> None:
    entry = environment.postgresql("postgresql://:@:/jalon?host=/run/postgresql")
    assert (entry["USER"], entry["PASSWORD"], entry["PORT"]) == ("", "", "")


@pytest.mark.parametrize(
    ("url", "broker"),
    [
        ("redis://h:6379/2", "redis://h:6379/2"),
        ("unix:///run/store.sock?db=3", "redis+socket:///run/store.sock?virtual_host=3"),
        ("unix:///run/store.sock", "redis+socket:///run/store.sock?virtual_host=0"),
    ],
)
def test_broker_address(url: str, broker: str) -> None:
    assert environment.celery_broker(url) == broker
