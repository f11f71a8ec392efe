"""The log says what went wrong and where, and quotes nobody's data."""

import json
import logging
import sys

import pytest
from django.conf import settings
from django.test import RequestFactory

from config import logs
from config.refusals import server_error


def line_of(record: logging.LogRecord) -> dict[str, object]:
    parsed: dict[str, object] = json.loads(logs.formatter().format(record))
    return parsed


def test_a_fault_is_one_line_without_values() -> None:
    try:
        try:
            int("Doe^Jane")
        except ValueError as error:
            raise KeyError("Doe^Jane") from error
    except KeyError:
        record = logging.LogRecord(
            "django.request", logging.ERROR, __file__, 1, "Fault: %s", ("/x/",), sys.exc_info()
        )

    text = logs.formatter().format(record)

    assert "\n" not in text
    assert "Doe^Jane" not in text
    line = json.loads(text)
    assert [fault["type"] for fault in line["exception"]] == ["KeyError", "ValueError"]
    assert "test_a_fault_is_one_line_without_values" in line["exception"][0]["through"][0]


def test_a_line_says_when_who_and_how_grave() -> None:
    record = logging.LogRecord("ledger", logging.WARNING, __file__, 1, "Seal is late", (), None)

    line = line_of(record)

    assert line["event"] == "Seal is late"
    assert line["logger"] == "ledger"
    assert line["level"] == "warning"
    assert str(line["timestamp"]).endswith("Z")


def test_libraries_that_quote_attribute_values_are_silent() -> None:
    assert settings.LOGGING["loggers"]["pydicom"]["propagate"] is False


@pytest.mark.parametrize(
    ("path", "kind"), [("/", "text/html"), ("/api/x/", "application/json")]
)
def test_a_fault_of_ours_is_answered_without_details(path: str, kind: str) -> None:
    answer = server_error(RequestFactory().get(path))

    assert answer.status_code == 500
    assert answer["Content-Type"].startswith(kind)
    assert "fault on our side" in answer.content.decode().lower()
