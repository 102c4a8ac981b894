"""Strict readers of CSV and YAML files that know on which line each value stands."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

import yaml
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LANGUAGES = ("fr", "nl", "de", "en")

Target = TypeVar("Target")


class DataFault(Exception):
    """A value that cannot be used; ``str()`` reads file:line: field: message."""

    def __init__(self, file: Path, line: int, field: str, message: str | Promise) -> None:
        super().__init__(file, line, field, str(message))
        self.file = file
        self.line = line
        self.field = field
        self.message = str(message)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.field}: {self.message}"


class Record:
    """A CSV row or a YAML mapping: named values, each with its line.

    The readers of values raise DataFault where a value has another type than the one asked for; an
    absent or empty value is ``""``, None, False or an empty list, for the model to refuse or allow.
    """

    def __init__(
        self, file: Path, line: int, values: Mapping[str, Any], lines: Mapping[str, int]
    ) -> None:
        self.file = file
        self.line = line
        self.values = values
        self.lines = lines

    def __contains__(self, field: str) -> bool:
        return field in self.values

    def fault(self, field: str, message: str | Promise) -> DataFault:
        return DataFault(self.file, self.lines.get(field, self.line), field, message)

    def only(self, required: Collection[str], optional: Collection[str] = ()) -> None:
        """Refuse a key that is neither required nor optional, and a required one that is absent."""
        for field in self.values:
            if field not in required and field not in optional:
                raise self.fault(field, _("unknown field"))
        for field in required:
            if field not in self.values:
                raise self.fault(field, _("missing field"))

    def text(self, field: str) -> str:
        value = self.values.get(field)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self.fault(field, _("text expected (in quotes)"))
        if value != value.strip():
            raise self.fault(field, _("space at the beginning or the end"))
        return value

    def integer(self, field: str) -> int | None:
        value = self.values.get(field)
        if value in (None, ""):
            return None
        if isinstance(value, str) and value.isascii() and value.isdigit():
            return int(value)
        if type(value) is int:
            return value
        raise self.fault(field, _("whole number expected"))

    def flag(self, field: str) -> bool:
        """True or false in YAML, yes or no in CSV; absent is False."""
        value = self.values.get(field, False)
        known = {True: True, False: False, "yes": True, "no": False}
        if type(value) is int or value not in known:
            raise self.fault(field, _("yes or no expected"))
        return known[value]

    def day(self, field: str) -> dt.date | None:
        value = self.values.get(field)
        if value in (None, ""):
            return None
        if type(value) is dt.date:
            return value
        try:
            return dt.datetime.strptime(str(value), "%Y-%m-%d").date()  # noqa: DTZ007
        except ValueError as error:
            raise self.fault(field, _("date expected, as 2026-12-31")) from error

    def number(self, field: str) -> Fraction | None:
        """An exact number, written as a whole number or as text: "0.8", "4/5"."""
        value = self.values.get(field)
        if value in (None, ""):
            return None
        if type(value) is int or isinstance(value, str):
            with suppress(ValueError, ZeroDivisionError):
                return Fraction(value)
        raise self.fault(field, _('exact number expected, in quotes: "0.8" or "4/5"'))

    def texts(self, field: str) -> list[str]:
        values = self._sequence(field)
        if not all(isinstance(value, str) for value in values):
            raise self.fault(field, _("list of texts expected"))
        return values

    def records(self, field: str) -> list[Record]:
        values = self._sequence(field)
        if not all(isinstance(value, Record) for value in values):
            raise self.fault(field, _("list of named values expected"))
        return values

    def record(self, field: str) -> Record | None:
        value = self.values.get(field)
        if value is not None and not isinstance(value, Record):
            raise self.fault(field, _("named values expected"))
        return value

    def translations(self, field: str, name: str | None = None) -> dict[str, str | None]:
        """``name_fr``, ``name_nl``…: a plain text is French, a mapping has languages."""
        value = self.values.get(field)
        if not isinstance(value, Record):
            value = Record(self.file, self.line, {"fr": self.text(field)}, {})
        value.only({"fr"}, LANGUAGES)
        prefix = name or field
        return {f"{prefix}_{language}": value.text(language) or None for language in LANGUAGES}

    def choice(self, field: str, known: Mapping[str, Target]) -> Target:
        """What the text of ``field`` names in ``known``."""
        return self.find(field, self.text(field), known)

    def find(self, field: str, key: str, known: Mapping[str, Target]) -> Target:
        if key not in known:
            raise self.fault(field, _("unknown: %(key)s") % {"key": key or "–"})
        return known[key]

    def _sequence(self, field: str) -> list[Any]:
        value = self.values.get(field)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.fault(field, _("list expected"))
        return value


def read_csv(path: Path, columns: Sequence[str]) -> list[Record]:
    """The rows of a UTF-8 file with exactly these columns, in any order. Raises DataFault."""
    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    try:
        header = next(reader, [])
        _header(path, header, columns)
        return [_row(path, reader.line_num, header, row) for row in reader]
    except csv.Error as error:
        raise DataFault(path, reader.line_num, "–", str(error)) from error


def _header(path: Path, header: list[str], columns: Sequence[str]) -> None:
    Record(path, 1, dict.fromkeys(header), {}).only(columns)
    for name in header:
        if header.count(name) > 1:
            raise DataFault(path, 1, name, _("stands twice"))


def _row(path: Path, line: int, header: list[str], row: list[str]) -> Record:
    if len(row) != len(header):
        message = _("%(found)s values for %(expected)s columns")
        found = {"found": len(row), "expected": len(header)}
        raise DataFault(path, line, header[min(len(row), len(header) - 1)], message % found)
    return Record(path, line, dict(zip(header, row, strict=True)), {})


def read_yaml(path: Path) -> Record:
    """The mapping that a YAML file holds. Raises DataFault, also for a key that stands twice."""
    text = _text(path)
    try:
        loader = yaml.SafeLoader(text)
    except yaml.YAMLError as error:
        raise DataFault(path, _line_of(text, error), "–", str(error).splitlines()[0]) from error
    try:
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            raise DataFault(path, 1, "–", _("named values expected"))
        return _mapping(path, loader, node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise DataFault(path, line, "–", str(error.problem or error.context)) from error
    except (RecursionError, yaml.YAMLError) as error:
        raise DataFault(path, 1, "–", _("values inside values without end")) from error
    finally:
        loader.dispose()


def _line_of(text: str, error: yaml.YAMLError) -> int:
    """The line of a character that YAML does not allow."""
    position = getattr(error, "position", 0)
    return text.count("\n", 0, position) + 1


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise DataFault(path, 1, "–", _("there is no such file")) from error
    except OSError as error:
        raise DataFault(path, 1, "–", error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise DataFault(path, line, "–", _("text in UTF-8 expected")) from error


def _mapping(path: Path, loader: yaml.SafeLoader, node: yaml.MappingNode) -> Record:
    values: dict[str, Any] = {}
    lines: dict[str, int] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        key = str(key_node.value)
        if key in values:
            raise DataFault(path, line, key, _("stands twice"))
        values[key], lines[key] = _value(path, loader, value_node, key), line
    return Record(path, node.start_mark.line + 1, values, lines)


def _value(path: Path, loader: yaml.SafeLoader, node: yaml.Node, key: str) -> Any:
    if isinstance(node, yaml.MappingNode):
        return _mapping(path, loader, node)
    if isinstance(node, yaml.SequenceNode):
        return [_value(path, loader, item, key) for item in node.value]
    try:
        return loader.construct_object(node)
    except (ValueError, yaml.YAMLError) as error:
        raise DataFault(path, node.start_mark.line + 1, key, str(error)) from error
