"""Brings tables in line with reference files: in sets, and only where a file says something new.

Each row of a file leaves a digest of what it said. While it says the same, its database row is left
alone, so that a correction made there stands; a row that is gone is made again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .datafiles import DataFault, Record
from .models import ReferenceRow

Entity = TypeVar("Entity", bound=models.Model)


@dataclass(frozen=True, slots=True)
class Row:
    """What a file says about a database row.

    ``values`` are the model's attributes, its key among them. ``links`` are its references to the
    same model, by key, so that rows may stand in any order. ``named`` tells the file's name of a
    field where it is another one.
    """

    record: Record
    values: Mapping[str, Any]
    links: Mapping[str, str] = field(default_factory=dict)
    named: Mapping[str, str] = field(default_factory=dict)

    def fault(self, name: str, message: str | Promise) -> DataFault:
        own = self.named.get(name, name)
        if own not in self.record and own[-3:-2] == "_":
            own = own[:-3]
        return self.record.fault(own, message)

    def digest(self) -> str:
        said = sorted((name, _plain(value)) for name, value in self.values.items())
        return hashlib.sha256(repr((said, sorted(self.links.items()))).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows of a table a load created, changed, removed and left as they were."""

    model: type[models.Model]
    created: int
    changed: int
    removed: int
    unchanged: int

    @property
    def changes(self) -> int:
        return self.created + self.changed + self.removed


@dataclass(frozen=True, slots=True)
class Loaded(Generic[Entity]):
    """The rows that a file names, by key, and what loading them changed."""

    rows: Mapping[str, Entity]
    count: Count


def key_of(*values: object) -> str:
    """The text by which a row is known: the values of its key, a referenced row by its id."""
    return "|".join(str(each.pk if isinstance(each, models.Model) else each) for each in values)


def load_rows(
    model: type[Entity],
    key: Sequence[str],
    rows: Iterable[Row],
    *,
    prune: bool = False,
    lasting: bool = False,
) -> Loaded[Entity]:
    """Create and update the rows that ``key`` tells apart, in a fixed number of queries.

    With ``prune``, rows that the file once named and names no longer are deleted; with ``lasting``,
    they are refused. Raises DataFault for a value that the model refuses and for a key that stands
    twice.
    """
    said = _by_key(key, rows)
    entities = _present(model, key)
    known = _known(model)
    if lasting:
        _refuse_gone(key, said, {name: known[name] for name in known if name in entities})
    digests = {name: row.digest() for name, row in said.items()}
    due = {
        name: row
        for name, row in said.items()
        if name not in entities or name not in known or known[name].digest != digests[name]
    }
    created, changed = _write(model, due, entities) if due else (0, 0)
    _remember(model, said, digests, known)
    gone = set(known) - set(said) if prune else set()
    if gone:
        try:
            _remove(model, [entities[name].pk for name in gone if name in entities], gone)
        except models.ProtectedError as error:
            raise _still_used(key, said, known[min(gone)]) from error
    count = Count(model, created, changed, len(gone), len(said) - created - changed)
    return Loaded({name: entities[name] for name in said}, count)


def _write(
    model: type[Entity], due: Mapping[str, Row], entities: dict[str, Entity]
) -> tuple[int, int]:
    """Write what is due, adding new rows to ``entities``; how many were created and changed."""
    before = {name: _state(entities[name], row) for name, row in due.items() if name in entities}
    created = {name: model() for name in due if name not in entities}
    entities |= created
    for name, row in due.items():
        _assign(entities[name], row)
    # What there is comes first: a definition ends before the next one begins.
    plain = [
        name
        for name in before
        if not due[name].links and _state(entities[name], due[name]) != before[name]
    ]
    with _located(due, entities):
        _update(model, {name: due[name] for name in plain}, entities)
        _all(model).bulk_create(created.values())
    for name, row in due.items():
        _link(entities[name], row, entities)
    changed = [name for name in before if _state(entities[name], due[name]) != before[name]]
    linked = [name for name in [*changed, *created] if due[name].links]
    with _located(due, entities):
        _update(model, {name: due[name] for name in linked}, entities)
    return len(created), len(changed)


def _by_key(key: Sequence[str], rows: Iterable[Row]) -> dict[str, Row]:
    found: dict[str, Row] = {}
    for row in rows:
        name = key_of(*(row.values[each] for each in key))
        if name in found:
            first = found[name].record
            message = _("stands twice (first in %(file)s, line %(line)s)")
            raise row.fault(key[-1], message % {"file": first.file.name, "line": first.line})
        found[name] = row
    return found


def _all(model: type[Entity]) -> models.QuerySet[Entity]:
    """Every row, by a queryset that leaves the names of translated fields as they are."""
    return models.QuerySet(model)


def _field(model: models.Model | type[models.Model], name: str) -> models.Field[Any, Any]:
    found = model._meta.get_field(name)
    if not isinstance(found, models.Field):
        raise TypeError(f"{name} is not a field of {model._meta.label}")
    return found


def _present(model: type[Entity], key: Sequence[str]) -> dict[str, Entity]:
    names = [_field(model, each).attname for each in key]
    return {key_of(*(getattr(entity, name) for name in names)): entity for entity in _all(model)}


def _known(model: type[models.Model]) -> dict[str, ReferenceRow]:
    rows = ReferenceRow.objects.filter(table=model._meta.label_lower).order_by("pk")
    return {row.key: row for row in rows}


def _refuse_gone(
    key: Sequence[str], said: Mapping[str, Row], known: Mapping[str, ReferenceRow]
) -> None:
    """Refuse that a file no longer names a row that it named; the row is still in use."""
    for name, row in known.items():
        if name not in said:
            raise _still_used(key, said, row)


def _still_used(key: Sequence[str], said: Mapping[str, Row], row: ReferenceRow) -> DataFault:
    folder = next((each.record.file.parent for each in said.values()), Path())
    message = _("loaded from here before and no longer there: %(key)s")
    told = message % {"key": row.key.rpartition("|")[2]}
    return DataFault(folder / (row.file or "–"), 1, key[-1], told)


def _plain(value: object) -> str:
    return repr(value.pk if isinstance(value, models.Model) else value)


def _state(entity: models.Model, row: Row) -> list[object]:
    names = [*row.values, *row.links]
    return [getattr(entity, _field(entity, name).attname) for name in names]


def _assign(entity: models.Model, row: Row) -> None:
    """Set the values that a row gives, each after the model's own checks of that field."""
    for name, value in row.values.items():
        try:
            setattr(entity, name, _checked(entity, name, value))
        except ValidationError as error:
            raise row.fault(name, " ".join(error.messages)) from error


def _checked(entity: models.Model, name: str, value: object) -> object:
    model_field = _field(entity, name)
    is_default = model_field.has_default() and value == model_field.get_default()
    return value if is_default or model_field.is_relation else model_field.clean(value, entity)


def _link(entity: models.Model, row: Row, entities: Mapping[str, models.Model]) -> None:
    for name, target in row.links.items():
        if target and target not in entities:
            raise row.fault(name, _("unknown: %(key)s") % {"key": target})
        setattr(entity, name, entities[target] if target else None)


@contextmanager
def _located(rows: Mapping[str, Row], entities: Mapping[str, models.Model]) -> Iterator[None]:
    """Tell the row and the rule when the database refuses a set of rows."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        for name, row in rows.items():
            try:
                entities[name].validate_constraints()
            except ValidationError as refusal:
                raise row.fault("–", " ".join(refusal.messages)) from refusal
        raise next(iter(rows.values())).fault("–", str(error)) from error


def _update(model: type[Entity], rows: Mapping[str, Row], entities: Mapping[str, Entity]) -> None:
    names = {name for row in rows.values() for name in (*row.values, *row.links)}
    # A translated field has a column per language and one of its own, which keeps step.
    names |= {
        original.name
        for name in names
        if (original := getattr(_field(model, name), "translated_field", None))
    }
    if names:
        _all(model).bulk_update([entities[name] for name in rows], sorted(names), batch_size=200)


def _remove(model: type[models.Model], ids: Sequence[int], gone: set[str]) -> None:
    _all(model).filter(pk__in=ids).delete()
    ReferenceRow.objects.filter(table=model._meta.label_lower, key__in=gone).delete()


def _remember(
    model: type[models.Model],
    said: Mapping[str, Row],
    digests: Mapping[str, str],
    known: Mapping[str, ReferenceRow],
) -> None:
    """Keep what is said and where. A row that only moves to another file is no change of it."""
    label = model._meta.label_lower
    told = [
        ReferenceRow(table=label, key=name, digest=digests[name], file=row.record.file.name)
        for name, row in said.items()
    ]
    kept = {(row.key, row.digest, row.file) for row in known.values()}
    ReferenceRow.objects.bulk_create(
        [row for row in told if (row.key, row.digest, row.file) not in kept],
        update_conflicts=True,
        unique_fields=["table", "key"],
        update_fields=["digest", "file"],
    )
