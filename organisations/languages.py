"""The language of a page: the reader's own, and on a unit's forms that of the unit.

A reader's own is the account's, else the unit's, else the browser's, else French. What a unit sees
as a unit is in its official language (docs/adr/0027).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

from .models import Unit, User

#: What was asked for on a unit's pages, until one signs out.
ASKED = "unit_language"


def is_known(code: str) -> bool:
    return code in dict(settings.LANGUAGES)


def of_reader(request: HttpRequest, user: User) -> str:
    """The language of the pages of somebody who is signed in."""
    own = user.own_languages
    if len(own) == 1:
        return own[0]
    return preferred(request, own) if own else translation.get_language_from_request(request)


def preferred(request: HttpRequest, among: Sequence[str]) -> str:
    """Which of several languages the browser prefers: as chosen on it, else as it asks.

    French where it wants none of them, else the first.
    """
    header = parse_accept_lang_header(request.headers.get("Accept-Language", "").lower())
    asked = [request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""), *(code for code, _q in header)]
    wanted = (code[:2] for code in asked if code[:2] in among)
    return next(wanted, "fr" if "fr" in among else among[0])


@dataclass(frozen=True, slots=True)
class Spoken:
    """The language of a unit's page: the one shown, the unit's official ones, the reader's own."""

    shown: str
    official: Sequence[str]
    own: str

    @property
    def choices(self) -> list[str]:
        """In which languages the page can be had: the unit's, the reader's, and the one shown."""
        return list(dict.fromkeys([*self.official, self.own, self.shown]))


def of_unit(request: HttpRequest, unit: Unit) -> Spoken:
    """The language of a page that ``unit`` sees as a unit.

    What was asked for on such a page, or by the switch, holds until one signs out. Otherwise it is
    the reader's own if the unit speaks it, else the unit's.
    """
    own = translation.get_language() or "fr"
    shown = request.session.get(ASKED) or (own if own in unit.languages else unit.languages[0])
    return Spoken(shown, unit.languages, own)


def answer_to_unit(
    request: HttpRequest, unit: Unit, answer: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    """``answer()`` in the language of ``unit``; ``request.unit_language`` says which and why.

    A page asked for with ``?language=nl`` is given without it: the switch has its say later.
    """
    asked = request.GET.get("language", "")
    if is_known(asked):
        request.session[ASKED] = asked
        return HttpResponseRedirect(request.path)
    spoken = of_unit(request, unit)
    request.unit_language = spoken  # type: ignore[attr-defined]
    with translation.override(spoken.shown):
        response = answer()
    response["Content-Language"] = spoken.shown
    return response
