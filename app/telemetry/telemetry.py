"""Metrics, traces and log of requests and connections, in one place."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from app.feedback.recent import RecentPictures
from app.telemetry.log.access_log import AccessLog
from app.telemetry.log.connection_log import CloseReason, ConnectionLog
from app.telemetry.metrics import Metrics
from app.telemetry.request_id import choose_request_id
from app.telemetry.request_record import RequestRecord
from app.telemetry.tracing import start_tracer

if TYPE_CHECKING:
    from app.telemetry.spans import RequestTracer

_NO_TRACE: Mapping[str, str] = {}


class Telemetry:
    """Begins the record of each request, and counts, traces and logs it at its end.

    ``recent`` remembers its pictures, if feedback is on.
    """

    def __init__(
        self, metrics: Metrics, access_log: AccessLog, recent: RecentPictures | None = None
    ) -> None:
        self.metrics = metrics
        self._recent = recent
        self._access_log = access_log
        self._connection_log = ConnectionLog()
        self._tracer: RequestTracer | None = None

    def start(self, worker: int = 0) -> None:
        """Start counting, and tracing if it is on, in the worker process of that number."""
        self.metrics.start(worker)
        if self._recent is not None:
            self._recent.claim(worker)
        self._tracer = start_tracer()

    def stop(self) -> None:
        """Send the traces that are left, at the end of the process."""
        if self._tracer is not None:
            self._tracer.stop()

    def begin(self, headers: Iterable[tuple[bytes, bytes]], path: str = "") -> RequestRecord:
        """Return the record of a request that has just come; header names are in lower case."""
        self.metrics.in_flight.add()
        record = RequestRecord(choose_request_id(headers), self._finish)
        if self._tracer is not None:
            record.path, record.headers = path, headers
        return record

    def begin_probe(self, headers: Iterable[tuple[bytes, bytes]]) -> RequestRecord:
        """Return the record of a request that is not counted, traced or logged."""
        return RequestRecord(choose_request_id(headers), lambda *_: None)

    def connection_closed(self, reason: CloseReason) -> None:
        """Count and log a connection that is refused or cut."""
        self.metrics.count_closed(reason)
        self._connection_log.write(reason)

    def _finish(
        self, record: RequestRecord, route: str, method: str, status: int, seconds: float
    ) -> None:
        self.metrics.in_flight.add(-1)
        self.metrics.count(record, route, status, seconds)
        if self._recent is not None and record.model is not None:
            self._recent.remember(record.request_id, record.model, record.results, record.places)
        trace = _NO_TRACE
        if self._tracer is not None:
            trace = self._tracer.trace(record, route, method, status, seconds)
        if self._access_log.wants(status):
            self._access_log.write(record, route, method, status, seconds, trace)
