"""Registries through which a higher app adds to a lower one without being imported by it.

Each registry is filled in an ``AppConfig.ready()``. Registration order is the floor order of
``INSTALLED_APPS``, which is also the order of display and of execution.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from django.utils.functional import Promise

from .words import plain

Label = str | Promise


class Named(Protocol):
    @property
    def name(self) -> str: ...


Item = TypeVar("Item", bound=Named)


class Registry(Generic[Item]):
    """An ordered set of items with unique names; a name registered twice is a programming error."""

    def __init__(self) -> None:
        self._items: dict[str, Item] = {}

    def register(self, item: Item) -> Item:
        if item.name in self._items:
            raise ValueError(f"{item.name!r} is registered twice")
        self._items[item.name] = item
        return item

    def __iter__(self) -> Iterator[Item]:
        return iter(tuple(self._items.values()))

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, name: str) -> bool:
        return name in self._items

    def get(self, name: str) -> Item | None:
        return self._items.get(name)


@dataclass(frozen=True, slots=True)
class Panel:
    """A block that a higher app shows on a lower app's page.

    ``select`` takes the ids of the page's subjects and the user and returns a context per id, in a
    number of queries that does not depend on the number of ids; an id without a context has no
    such panel. A page about nothing in particular (the sign-in page) asks for id 0. ``order``
    places it: lower comes first, then floor order.
    """

    name: str
    slot: str
    title: Label
    template: str
    select: Callable[[Sequence[int], Any], Mapping[int, Mapping[str, Any]]]
    permission: str | None = None
    order: int = 50


@dataclass(frozen=True, slots=True)
class HomeSection:
    """A block of the home page. ``select`` returns its context, or None to leave the block out.

    ``order`` places it: lower comes first, then floor order.
    """

    name: str
    template: str
    select: Callable[[Any], Mapping[str, Any] | None]
    order: int = 50


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """An entry of the main navigation, for who holds ``permission`` (None: everybody signed in).

    ``order`` places it: lower comes first.
    """

    name: str
    label: Label
    url_name: str
    permission: str | None = None
    order: int = 50


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One line of the search page; ``where`` is its place, in a few words."""

    title: str
    url: str
    kind: Label
    excerpt: str = ""
    where: str = ""

    def is_named(self, words: str) -> bool:
        """Whether the title begins with exactly these words: a code, an abbreviation, a name."""
        named, wanted = plain(self.title), plain(words)
        return bool(wanted) and (named == wanted or named.startswith(f"{wanted} "))


@dataclass(frozen=True, slots=True)
class SearchSource:
    """Finds what a user may see: ``find`` takes the user, the words and the most hits wanted."""

    name: str
    label: Label
    find: Callable[[Any, str, int], Sequence[SearchHit]]


Succession = TypeVar("Succession", contravariant=True)


class SuccessionHandler(Named, Protocol[Succession]):
    """What an app must do when units merge or split, all of them in one transaction.

    ``preview`` says in sentences what ``apply`` would do; ``undo`` takes it back, or raises
    ValidationError. They run in floor order, ``undo`` in reverse.
    """

    def preview(self, succession: Succession) -> Sequence[str]: ...

    def apply(self, succession: Succession, *, actor: Any) -> None: ...

    def undo(self, succession: Succession, *, actor: Any) -> None: ...


@dataclass(frozen=True, slots=True)
class Permission:
    """A thing that a role may do, declared by the app that checks it."""

    name: str
    label: Label


@dataclass(frozen=True, slots=True)
class OutboxTopic:
    """What the relay does with a topic's entries: ``send`` queues one by its id.

    A topic whose work is better done together takes up to ``most`` at a time: its ``send`` queues a
    list of ids.
    ``reconcile`` owes what should have been owed and was not; it returns how many entries.
    ``renew`` takes the key of an entry that an administrator has tried again.
    """

    name: str
    send: Callable[[Any], Any]
    reconcile: Callable[[], int] | None = None
    renew: Callable[[str], None] | None = None
    most: int = 1


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """A kind of mail, for who holds ``permission``; ``why`` ends each mail: why one gets it.

    ``help`` says on the page of preferences when it comes. Users may turn it off, unless it is
    ``always`` sent.
    """

    name: str
    label: Label
    permission: str
    help: Label
    why: Label
    always: bool = False


panels: Registry[Panel] = Registry()
home_sections: Registry[HomeSection] = Registry()
navigation: Registry[NavigationItem] = Registry()
search_sources: Registry[SearchSource] = Registry()
succession_handlers: Registry[SuccessionHandler[Any]] = Registry()
permissions: Registry[Permission] = Registry()
outbox_topics: Registry[OutboxTopic] = Registry()
notice_kinds: Registry[NoticeKind] = Registry()
