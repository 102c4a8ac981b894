"""Logs that an operator can search and that carry no figures and no names."""

import json
import logging
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime

NO_REQUEST = "-"
request_id: ContextVar[str] = ContextVar("request_id", default=NO_REQUEST)


class RequestIdFilter(logging.Filter):
    """Adds the id of the request being answered to every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, request and `extra={"fields": {…}}`.

    An exception is told by its type and its frames. Its own words may repeat what a person
    typed, so they are left out, of the message too.
    """

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": getattr(record, "request_id", NO_REQUEST),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[1]:
            line |= _told_without_words(record.exc_info[1], record.getMessage())
        return json.dumps(line, ensure_ascii=False, default=str)


def _told_without_words(error: BaseException, message: str) -> dict[str, object]:
    name = type(error).__qualname__
    for words in filter(None, (repr(error), str(error))):
        message = message.replace(words, name)
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "message": message,
        "exception": name,
        "frames": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
