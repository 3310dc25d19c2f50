"""Access log: one line per request."""

from collections.abc import Mapping

import structlog

from app.telemetry.request_record import RequestRecord


class AccessLog:
    """Access log of an evenly spread ``share`` of the requests, and of all that failed (5xx)."""

    def __init__(self, share: float) -> None:
        self._share = share
        self._owed = 0.0
        self._logger = structlog.get_logger("digitserve.access").bind()

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
        line: dict[str, object] = {
            "request_id": record.request_id,
            "method": method,
            "route": route,
            "status": status,
            "total_ms": _milliseconds(seconds),
        }
        if record.results:
            line |= _predictions(record)
        if record.refusals:
            line["refused"] = record.refusals
        if trace:
            line |= trace
        self._logger.info("request", **line)


def _predictions(record: RequestRecord) -> dict[str, object]:
    """Return the fields of a request with results; stages are summed over the images of a batch."""
    decode = preprocess = 0.0
    for result in record.results:
        decode += result.upload.decode_seconds
        preprocess += result.upload.preprocess_seconds
    fields: dict[str, object] = {
        "decode_ms": _milliseconds(decode),
        "preprocess_ms": _milliseconds(preprocess),
        "inference_ms": _milliseconds(record.inference_seconds),
        "model": record.model and record.model.name,
        "version": record.model and record.model.version,
    }
    if len(record.results) == 1:
        fields["decision"] = record.results[0].prediction.decision
    else:
        decisions = [result.prediction.decision for result in record.results]
        fields["images"], fields["accepted"] = len(decisions), decisions.count("accept")
    if warned := [one.upload.warning for one in record.results if one.upload.warning]:
        fields["decoder_warning"] = warned[0]
    return fields


def _milliseconds(seconds: float) -> float:
    """Return seconds as milliseconds, rounded to microseconds."""
    return round(seconds * 1e6) / 1000
