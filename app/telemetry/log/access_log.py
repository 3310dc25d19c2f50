"""Access log: one line per request."""

from collections.abc import Mapping

import structlog

from app.inference.types import TensorResult
from app.telemetry.request_record import RequestRecord
from model_core.classifier import Decision


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
        elif record.tensor:
            line |= _tensor(record, record.tensor)
        if record.pages:
            line["pages"] = len(record.pages)
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
    }
    fields |= _version(record) | _decisions(
        [result.prediction.decision for result in record.results]
    )
    if warned := [one.upload.warning for one in record.results if one.upload.warning]:
        fields["decoder_warning"] = warned[0]
    return fields


def _tensor(record: RequestRecord, tensor: TensorResult) -> dict[str, object]:
    """Return the fields of a request with a tensor, which has no other stage than inference."""
    fields: dict[str, object] = {
        "inference_ms": _milliseconds(record.inference_seconds),
    }
    return fields | _version(record) | _decisions(tensor.batch.decisions)


def _version(record: RequestRecord) -> dict[str, object]:
    model = record.model
    return {} if model is None else {"model": model.name, "version": model.version}


def _decisions(decisions: list[Decision]) -> dict[str, object]:
    if len(decisions) == 1:
        return {"decision": decisions[0]}
    return {"images": len(decisions), "accepted": decisions.count("accept")}


def _milliseconds(seconds: float) -> float:
    """Return seconds as milliseconds, rounded to microseconds."""
    return round(seconds * 1e6) / 1000
