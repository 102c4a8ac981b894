"""A typed reader of environment variables.

Every reader returns a usable value and notes what is wrong; `Environment.check` then stops the
start once, naming each variable, what was read and what is expected. Secrets are never repeated.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parseaddr
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

from foundation.telephones import is_telephone

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off"})


class WrongEnvironment(ImproperlyConfigured):
    """One or more environment variables are missing or wrong; the message names them all."""


@dataclass
class Environment:
    """Reads `variables`; an empty value counts as absent."""

    variables: Mapping[str, str]
    problems: list[str] = field(default_factory=list)

    def check(self) -> None:
        """Raise `WrongEnvironment` with one line per problem noted so far."""
        if self.problems:
            lines = "\n".join(f"  - {problem}" for problem in self.problems)
            raise WrongEnvironment(
                f"Jalon cannot start, its environment is wrong:\n{lines}\n"
                "README.md lists the variables; LOCAL=1 is for a trial on this machine only."
            )

    def refuse(self, name: str, *, expected: str, secret: bool = False) -> None:
        """Note that `name` is missing or wrong; `secret` hides what was read."""
        raw = self._read(name)
        if not raw:
            found = "is missing"
        elif secret:
            found = f"is wrong (read a value of {len(raw)} characters, not shown)"
        else:
            found = f"is wrong (read {raw!r})"
        self.problems.append(f"{name} {found}; expected {expected}")

    def text(self, name: str, *, default: str = "") -> str:
        return self._read(name) or default

    def required(self, name: str, *, expected: str) -> str:
        """The text of `name`; its absence is a problem."""
        raw = self._read(name)
        if not raw:
            self.refuse(name, expected=expected)
        return raw

    def flag(self, name: str, *, default: bool) -> bool:
        raw = self._read(name).lower()
        if raw and raw not in TRUE | FALSE:
            self.refuse(name, expected="1 or 0")
        return raw in TRUE if raw in TRUE | FALSE else default

    def integer(self, name: str, *, default: int, minimum: int, maximum: int) -> int:
        raw = self._read(name)
        if not raw:
            return default
        if raw.isascii() and raw.isdigit() and minimum <= int(raw) <= maximum:
            return int(raw)
        self.refuse(name, expected=f"a whole number from {minimum} to {maximum}")
        return default

    def choice(self, name: str, *, default: str, choices: Sequence[str]) -> str:
        raw = self._read(name) or default
        if raw in choices:
            return raw
        self.refuse(name, expected=f"one of {', '.join(choices)}")
        return default

    def items(self, name: str) -> list[str]:
        """A comma-separated list, without blanks."""
        return [item.strip() for item in self._read(name).split(",") if item.strip()]

    def hosts(self, name: str) -> list[str]:
        """A list of host names; one that begins with a dot stands for its subdomains too."""
        hosts = self.items(name)
        if not all(host.strip(".") for host in hosts):
            self.refuse(name, expected="host names such as jalon.example.be")
        return hosts

    def origins(self, name: str, *, schemes: Sequence[str]) -> list[str]:
        """A list of scheme://host, without anything behind."""
        origins = self.items(name)
        if not all(_is_origin(origin, schemes) for origin in origins):
            self.refuse(name, expected="origins such as https://jalon.example.be")
        return origins

    def address(self, name: str, *, default: str, named: bool = False) -> str:
        """An e-mail address; with `named`, also in the form Name <a@b>."""
        raw = self._read(name)
        if raw and not _is_address(parseaddr(raw)[1] if named else raw):
            self.refuse(name, expected="an e-mail address such as jalon@example.be")
        return raw or default

    def telephone(self, name: str, *, default: str = "") -> str:
        """A telephone number as people write it."""
        raw = self._read(name)
        if raw and not is_telephone(raw):
            self.refuse(name, expected="a telephone number such as 02 000 00 00")
        return raw or default

    def url(
        self,
        name: str,
        *,
        default: str,
        schemes: Sequence[str],
        example: str,
        needs_host: bool = False,
    ) -> str:
        """A URL with one of `schemes`; it may carry a password, so it is never repeated."""
        raw = self._read(name) or default
        if _is_url(raw, schemes) and (urlsplit(raw).hostname or not needs_host):
            return raw
        self.refuse(name, expected=f"a URL such as {example}", secret=True)
        return default

    def _read(self, name: str) -> str:
        return self.variables.get(name, "").strip()


def _is_url(text: str, schemes: Sequence[str]) -> bool:
    """Whether `text` has one of `schemes`, a port that is a number, and a host or a path."""
    try:
        parts = urlsplit(text)
        return parts.scheme in schemes and parts.port != 0 and bool(parts.hostname or parts.path)
    except ValueError:
        return False


def _is_origin(text: str, schemes: Sequence[str]) -> bool:
    try:
        parts = urlsplit(text)
        authority = f"{parts.scheme}://{parts.netloc}"
        bare = text == authority and "@" not in text
        return bare and bool(parts.hostname) and _is_url(text, schemes)
    except ValueError:
        return False


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def postgresql(url: str) -> dict[str, Any]:
    """Django's database entry for postgresql://user:password@host:port/name?option=value.

    A `host` option that is a folder reaches a Unix socket.
    """
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    # A form joins its figures with their definitions: beyond eight tables PostgreSQL would join
    # them in the order of writing, whole tables first. From twelve on it looks for an order by
    # chance; its usual effort takes a hundred times as long as such a query itself.
    planning = "-c join_collapse_limit=24 -c from_collapse_limit=24 -c geqo_effort=1"
    options["options"] = f"{planning} {options.get('options', '')}".rstrip()
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def sqlite(path: str) -> dict[str, Any]:
    """Django's database entry for a SQLite file that several processes write to.

    Immediate transactions take the write lock at once instead of failing at the first write;
    `foundation.sqlite` asserts that they are in force, since a misplaced option is ignored.
    A cache of 64 MB holds the pages among which the figures of an indicator lie, of millions: the
    next indicator's are on the same.
    """
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;"
                "PRAGMA busy_timeout=20000;PRAGMA cache_size=-65536"
            ),
        },
    }


def celery_broker(redis_url: str) -> str:
    """The same store as kombu names it: it spells a Unix socket `redis+socket://`."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    database = dict(parse_qsl(parts.query)).get("db", "0")
    return f"redis+socket://{parts.path}?virtual_host={database}"
