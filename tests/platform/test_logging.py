import json
import logging
import sys

from foundation.logging import JsonFormatter, RequestIdFilter, request_id


def formatted(record: logging.LogRecord) -> dict[str, object]:
    RequestIdFilter().filter(record)
    line: dict[str, object] = json.loads(JsonFormatter().format(record))
    return line


def make_record(message: str, *args: object, **extra: object) -> logging.LogRecord:
    record = logging.LogRecord("jalon", logging.INFO, "f.py", 1, message, args, None)
    record.__dict__.update(extra)
    return record


def test_line_has_the_request_and_the_fields() -> None:
    token = request_id.set("abc")
    line = formatted(make_record("saved %s", "zone", fields={"status": 200}))
    request_id.reset(token)
    assert {key: line[key] for key in ("level", "logger", "message", "request_id", "status")} == {
        "level": "INFO",
        "logger": "jalon",
        "message": "saved zone",
        "request_id": "abc",
        "status": 200,
    }


def test_exception_is_told_without_its_words() -> None:
    try:
        raise ValueError("123 personnes: Dupont")
    except ValueError as error:
        record = make_record("task failed: %r", error)
        record.exc_info = sys.exc_info()
    line = formatted(record)
    assert line["message"] == "task failed: ValueError"
    assert line["exception"] == "ValueError"
    assert "Dupont" not in json.dumps(line)
    assert "test_exception_is_told_without_its_words" in str(line["frames"])
