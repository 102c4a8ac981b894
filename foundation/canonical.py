"""Plain values as JSON whose text is the same on every machine, and back again.

A dataclass is written as an object of its fields, a Fraction as "n/d", a day or moment in ISO 8601,
a member of an enumeration as its value. What is read back is built from the annotations of the
dataclass, so the text names no types.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import types
from collections.abc import Collection, Mapping
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import cache
from hashlib import sha256
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")


def dump(value: Any) -> str:
    """The canonical text: keys sorted, no spaces. TypeError for what has no plain form."""
    return json.dumps(
        plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def load(text: str, wanted: type[T]) -> T:
    """What ``dump`` wrote, as ``wanted``. ValueError or KeyError where it is something else."""
    return cast(T, built(json.loads(text), wanted))


def digest(text: str) -> str:
    """SHA-256 of a text, 64 hex digits."""
    return sha256(text.encode()).hexdigest()


def plain(value: Any) -> Any:
    """``value`` in the types of JSON."""
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | int):
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in dataclasses.fields(value)}
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return _gathered(value)


def _gathered(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {_key(key): plain(each) for key, each in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(plain(each) for each in value)
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    raise TypeError(f"no plain form: {type(value).__name__}")


def _key(key: Any) -> str:
    text = plain(key)
    if not isinstance(text, str):
        raise TypeError(f"no plain key: {type(key).__name__}")
    return text


def built(data: Any, wanted: Any) -> Any:
    """The value of type ``wanted`` that ``plain`` made ``data`` of."""
    origin = get_origin(wanted)
    if origin in (Union, types.UnionType):
        return _one_of(data, get_args(wanted))
    if origin is not None:
        return _collection(data, origin, get_args(wanted))
    if wanted is type(None) or wanted is Any:
        return data
    if dataclasses.is_dataclass(wanted):
        make = cast(type, wanted)
        return make(**{name: built(data[name], hint) for name, hint in _hints(make).items()})
    if issubclass(wanted, dt.date):
        return wanted.fromisoformat(data)
    return wanted(data)


def _one_of(data: Any, choices: Collection[Any]) -> Any:
    """None, or the first of the other types that has such a form: a number is no text."""
    if data is None:
        return None
    fits = [each for each in choices if each is not type(None)]
    if isinstance(data, int) and int in fits:
        return data
    return built(data, next(each for each in fits if each is not int))


def _collection(data: Any, origin: Any, args: tuple[Any, ...]) -> Any:
    if issubclass(origin, Mapping):
        key, value = args
        return {built(each, key): built(data[each], value) for each in data}
    if origin is tuple and args[-1:] != (Ellipsis,):
        return tuple(built(each, one) for each, one in zip(data, args, strict=True))
    found = (built(each, args[0]) for each in data)
    return frozenset(found) if issubclass(origin, frozenset) else tuple(found)


@cache
def _hints(wanted: type) -> dict[str, Any]:
    """The annotations of the fields, in order."""
    hints = get_type_hints(wanted)
    return {each.name: hints[each.name] for each in dataclasses.fields(wanted) if each.init}
