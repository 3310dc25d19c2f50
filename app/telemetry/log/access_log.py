"""Access log: one line of JSON per request."""

import json
import time
from collections.abc import Callable, Mapping
from functools import partial

import structlog
from pydantic_core import to_json

from app.telemetry.log.log_config import is_terminal
from app.telemetry.log.log_writer import LogWriter
from app.telemetry.log.request_line import format_request
from app.telemetry.request_record import RequestRecord

WriteLine = Callable[[Callable[[], bytes]], None]

logger = structlog.get_logger("digitserve.access")


def request_writer(writer: LogWriter, level: str) -> WriteLine:
    """Return what writes the lines of requests, which have the level info.

    They are written as they are, or in the form for people if standard error is a terminal.
    """
    if is_terminal():
        return log_event
    return writer.write if level in ("debug", "info") else lambda _: None


def log_event(line: Callable[[], bytes]) -> None:
    """Log a line as an event of structlog, which has its own level and time."""
    event = json.loads(line())
    del event["level"], event["timestamp"]
    logger.info(**event)


class AccessLog:
    """Access log of an evenly spread ``share`` of the requests, and of all that failed (5xx).

    ``write_line`` gets a function for each line, which formats it.
    """

    def __init__(self, share: float, write_line: WriteLine = log_event) -> None:
        self._share = share
        self._owed = 0.0
        self._write_line = write_line

    def wants(self, status: int) -> bool:
        """Return whether a request with this status has a line."""
        self._owed += self._share
        if self._owed >= 1:
            self._owed -= 1
            return True
        return status >= 500

    def write(
        self,
        record: RequestRecord,
        route: str,
        method: str,
        status: int,
        seconds: float,
        trace: Mapping[str, str],
    ) -> None:
        """Write the line: request, response, milliseconds by stage, ids of the ``trace``."""
        model, more = record.model, b""
        if record.refusals or record.pages or record.warnings or trace:
            more = _more(record, trace)
        # only plain values: a picture would stay in memory until the line is written
        self._write_line(
            partial(
                format_request,
                record.request_id,
                method,
                route,
                status,
                seconds,
                record.decode_seconds,
                record.preprocess_seconds,
                record.inference_seconds,
                record.decisions,
                "" if model is None else model.name,
                "" if model is None else model.version,
                more,
                time.time_ns(),
            )
        )


def _more(record: RequestRecord, trace: Mapping[str, str]) -> bytes:
    """Return what few requests have, as JSON with a comma before each field."""
    found: dict[str, object] = {}
    if record.warnings:
        found["decoder_warning"] = record.warnings[0]
    if record.pages:
        found["pages"] = len(record.pages)
    if record.refusals:
        found["refused"] = record.refusals
    return b"," + to_json(found | dict(trace))[1:-1]
