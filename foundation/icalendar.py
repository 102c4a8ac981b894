"""Writing calendars of whole days as RFC 5545 says, for programs that subscribe to an address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

#: Octets of a line without its end (RFC 5545, 3.1).
WIDTH = 75
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})


@dataclass(frozen=True, slots=True)
class Day:
    """Something on one day. Its ``uid`` stays the same while it moves."""

    uid: str
    on: dt.date
    summary: str
    description: str = ""
    url: str = ""


def calendar(
    *, name: str, language: str, days: Iterable[Day], now: dt.datetime, refresh_hours: int = 6
) -> bytes:
    """A whole calendar as it is ``now`` (aware), in UTF-8, with lines that end in CRLF."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//Jalon//Jalon//{language.upper()}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME;LANGUAGE={language}:{_text(name)}",
        f"X-WR-CALNAME:{_text(name)}",
        f"REFRESH-INTERVAL;VALUE=DURATION:PT{refresh_hours}H",
        f"X-PUBLISHED-TTL:PT{refresh_hours}H",
        *(line for day in days for line in _event(day, language, now)),
        "END:VCALENDAR",
    ]
    return b"".join(folded(line) for line in lines)


def _event(day: Day, language: str, now: dt.datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(day.uid)}"
    yield f"DTSTAMP:{now.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{day.on:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{day.on + dt.timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY;LANGUAGE={language}:{_text(day.summary)}"
    if day.description:
        yield f"DESCRIPTION;LANGUAGE={language}:{_text(day.description)}"
    if day.url:
        yield f"URL:{day.url}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _text(text: str) -> str:
    return "".join(each for each in text if each >= " " or each == "\n").translate(_ESCAPED)


def folded(line: str) -> bytes:
    """The line cut after at most WIDTH octets, never inside a character, each next one indented."""
    pieces, piece = [], b""
    for character in line:
        encoded = character.encode()
        if len(piece) + len(encoded) > WIDTH:
            pieces.append(piece)
            piece = b" "
        piece += encoded
    return b"\r\n".join([*pieces, piece]) + b"\r\n"
