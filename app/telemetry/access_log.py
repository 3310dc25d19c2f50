"""The line that a request has in the log."""

import structlog

from app.telemetry.request_record import Record


class AccessLog:
    """Writes a line for an even ``share`` of the requests, and for each that failed with 5xx."""

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
        request_id: str,
        method: str,
        route: str,
        status: int,
        seconds: float,
        record: Record,
    ) -> None:
        """Write the line: what was asked, what was answered, milliseconds by stage."""
        line = {
            "request_id": request_id,
            "method": method,
            "route": route,
            "status": status,
            "total_ms": _milliseconds(seconds),
        }
        if record.answers:
            line |= _answers(record)
        if record.refusals:
            line["refused"] = record.refusals
        self._logger.info("request", **line)


def _answers(record: Record) -> dict[str, object]:
    decode = sum(seen.picture.decode_seconds for _, seen in record.answers)
    preprocess = sum(seen.picture.preprocess_seconds for _, seen in record.answers)
    decisions = [prediction.decision for prediction, _ in record.answers]
    answers: dict[str, object] = {
        "decode_ms": _milliseconds(decode),
        "preprocess_ms": _milliseconds(preprocess),
        "inference_ms": _milliseconds(record.inference_seconds),
        "model": record.model,
    }
    if len(decisions) == 1:
        return answers | {"decision": decisions[0]}
    return answers | {"images": len(decisions), "accepted": decisions.count("accept")}


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 3)
