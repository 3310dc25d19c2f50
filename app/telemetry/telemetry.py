"""Metrics and access log of each request, in one place."""

from collections.abc import Iterable

from app.telemetry.access_log import AccessLog
from app.telemetry.metrics import Metrics
from app.telemetry.request_id import choose_request_id
from app.telemetry.request_record import RequestRecord


class Telemetry:
    """Begins the record of each request, and counts and logs it at its end."""

    def __init__(self, metrics: Metrics, access_log: AccessLog) -> None:
        self.metrics = metrics
        self._access_log = access_log

    def begin(self, headers: Iterable[tuple[bytes, bytes]]) -> RequestRecord:
        """Return the record of a request that has just come; header names are in lower case."""
        self.metrics.in_flight.add()
        return RequestRecord(choose_request_id(headers), self._finish)

    def begin_probe(self, headers: Iterable[tuple[bytes, bytes]]) -> RequestRecord:
        """Return the record of a request that is neither counted nor logged."""
        return RequestRecord(choose_request_id(headers), _ignore)

    def _finish(
        self, record: RequestRecord, route: str, method: str, status: int, seconds: float
    ) -> None:
        self.metrics.in_flight.add(-1)
        self.metrics.count(record, route, status, seconds)
        if self._access_log.wants(status):
            self._access_log.write(record, route, method, status, seconds)


def _ignore(*_: object) -> None:
    """Finish the record of a probe."""
