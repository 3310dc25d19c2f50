"""Log configuration: JSON lines on standard error, or readable lines if that is a terminal."""

import logging
import os
import sys
import time
from collections.abc import MutableMapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import structlog
from pydantic_core import to_json
from structlog.typing import Processor


def configure_logs(level: str) -> None:
    """Configure structlog, the standard library's loggers and warnings to write the same form.

    ``level`` is the least severity that is written.
    """
    number = logging.getLevelNamesMapping()[level.upper()]
    terminal = sys.stderr.isatty()
    shared: list[Processor] = [
        structlog.processors.add_log_level,
        add_timestamp,
    ]
    if not terminal:
        shared.append(structlog.processors.format_exc_info)
    structlog.configure(
        processors=[
            *shared,
            structlog.dev.ConsoleRenderer()
            if terminal
            else structlog.processors.JSONRenderer(serializer=_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr)
        if terminal
        else lambda *_: _Lines(),
        cache_logger_on_first_use=True,
    )
    _configure_others(number, shared, terminal)


def add_timestamp(_: object, __: str, event: MutableMapping[str, Any]) -> Any:
    """Add the time in UTC as ISO 8601 with microseconds (structlog processor)."""
    seconds, rest = divmod(time.time_ns(), 1_000_000_000)
    event["timestamp"] = f"{_second(seconds)}.{rest // 1000:06d}Z"
    return event


@lru_cache(maxsize=1)
def _second(seconds: int) -> str:
    """Return a second as text; cached, since many lines are written within one."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


class _Lines:
    """Writes each line with one system call, so that lines of several processes do not mix.

    A line that cannot be written is lost: a full disk, or a reader that is gone, ends no request.
    """

    def msg(self, line: bytes) -> None:
        """Write a line."""
        with suppress(OSError):
            os.write(sys.stderr.fileno(), line + b"\n")

    debug = info = warning = error = critical = msg


def _configure_others(level: int, shared: list[Processor], terminal: bool) -> None:
    """Configure the standard library's loggers to write the same form."""
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.dev.ConsoleRenderer()
                if terminal
                else structlog.processors.JSONRenderer(serializer=_json_text),
            ],
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(True)


def _json(event: Any, **_: object) -> bytes:
    return to_json(event, fallback=repr)


def _json_text(event: Any, **_: object) -> str:
    return _json(event).decode()
