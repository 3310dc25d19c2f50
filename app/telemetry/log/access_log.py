"""Access log: one line of JSON per request, formatted from prepared parts."""

import json
from collections.abc import Callable, Mapping
from functools import lru_cache

import structlog
from pydantic_core import to_json

from app.telemetry.log.log_config import is_terminal, timestamp
from app.telemetry.log.log_writer import LogWriter
from app.telemetry.request_record import RequestRecord
from model_core.classifier import Decision

WriteLine = Callable[[bytes], None]

# The id, the head, milliseconds, further fields with a comma before them, and the time.
_LINE = b'{"request_id":"%b",%b,"total_ms":%.3f%b,"event":"request","level":"info",'
_LINE += b'"timestamp":"%b"}\n'

logger = structlog.get_logger("digitserve.access")


def request_writer(writer: LogWriter, level: str) -> WriteLine:
    """Return what writes the lines of requests, which have the level info.

    They are written as they are, or in the form for people if standard error is a terminal.
    """
    if is_terminal():
        return log_event
    return writer.write if level in ("debug", "info") else lambda _: None


def log_event(line: bytes) -> None:
    """Log a line of JSON as an event of structlog, which has its own level and time."""
    event = json.loads(line)
    del event["level"], event["timestamp"]
    logger.info(**event)


class AccessLog:
    """Access log of an evenly spread ``share`` of the requests, and of all that failed (5xx).

    ``write_line`` gets each line of JSON, with a newline at its end.
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
        fields = b""
        if record.results:
            fields = _predictions(record)
        elif record.tensor:
            fields = _inference(record) + _decisions(record.tensor.batch.decisions)
        if record.pages:
            fields += b',"pages":%d' % len(record.pages)
        if record.refusals:
            fields += b',"refused":%b' % to_json(record.refusals)
        if trace:
            fields += b",%b" % to_json(trace)[1:-1]
        request_id = record.request_id.encode()  # it has no character that JSON escapes
        head, total = _head(method, route, status), seconds * 1000
        self._write_line(_LINE % (request_id, head, total, fields, timestamp().encode()))


def _predictions(record: RequestRecord) -> bytes:
    """Return the fields of a request with results; stages are summed over the images of a batch."""
    decode = preprocess = 0.0
    warning = ""
    for result in record.results:
        upload = result.upload
        decode += upload.decode_seconds
        preprocess += upload.preprocess_seconds
        warning = warning or upload.warning
    stages = b',"decode_ms":%.3f,"preprocess_ms":%.3f' % (decode * 1000, preprocess * 1000)
    decisions = _decisions([result.prediction.decision for result in record.results])
    warned = b',"decoder_warning":%b' % to_json(warning) if warning else b""
    return b"%b%b%b%b" % (stages, _inference(record), decisions, warned)


def _inference(record: RequestRecord) -> bytes:
    model = record.model
    version = b"" if model is None else _version(model.name, model.version)
    return b',"inference_ms":%.3f%b' % (record.inference_seconds * 1000, version)


def _decisions(decisions: list[Decision]) -> bytes:
    if len(decisions) == 1:
        return b',"decision":"%b"' % decisions[0].encode()
    return b',"images":%d,"accepted":%d' % (len(decisions), decisions.count("accept"))


@lru_cache(256)
def _head(method: str, route: str, status: int) -> bytes:
    return to_json({"method": method, "route": route, "status": status})[1:-1]


@lru_cache(64)
def _version(model: str, version: str) -> bytes:
    return b"," + to_json({"model": model, "version": version})[1:-1]
