"""The log: one JSON line for each fault, with its kind and place, never with its values.

An exception's message often quotes what was being worked on, and that can be a patient's.
"""

import logging
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any

import structlog

Fault = tuple[type[BaseException], BaseException, TracebackType | None]


def describe_fault(
    _logger: Any, _method: str, line: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Replace an exception by the chain of its types and the places it came through."""
    fault: Fault | tuple[None, None, None] | None = line.pop("exc_info", None)
    exception = fault[1] if fault else None
    if exception is not None:
        line["exception"] = []
    while exception is not None:
        frames = traceback.extract_tb(exception.__traceback__)
        places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        line["exception"].append({"type": type(exception).__qualname__, "through": places})
        exception = exception.__cause__ or exception.__context__
    return line


def formatter() -> logging.Formatter:
    """Return what turns a record of any library into such a line."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            describe_fault,
            structlog.processors.JSONRenderer(),
        ],
        use_get_message=True,
    )


LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "config.logs.formatter"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line"},
        "nowhere": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        "django.request": {"level": "ERROR"},  # what was refused is in the ledger
        "pydicom": {"handlers": ["nowhere"], "propagate": False},  # it quotes attribute values
    },
}
