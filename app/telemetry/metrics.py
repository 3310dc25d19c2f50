"""The metrics of the service: their names, labels and buckets, and how a request is counted."""

import os
from collections.abc import Iterable
from itertools import product
from typing import get_args

from app.errors import STATUS, kind
from app.inference.registry import LoadedModel, Registry
from app.inference.registry.change_log import Outcome
from app.inference.registry.shared_plan import SharedPlan
from app.setting_types import VersionShare
from app.telemetry.families import OTHER, Families
from app.telemetry.features.feedback_metrics import FeedbackMetrics
from app.telemetry.features.shadow_counters import ShadowCounters
from app.telemetry.features.sheet_metrics import SheetMetrics
from app.telemetry.log.connection_log import CloseReason
from app.telemetry.log.log_writer import LossReason
from app.telemetry.request_record import RequestRecord
from app.telemetry.shared_counters import Gauge, Histogram, SharedCounters
from app.telemetry.version_metrics import VersionMetrics
from app.telemetry.version_slots import VersionSlots, VersionTotals

# Upper bounds of buckets. Seconds; a small picture takes a fraction of a millisecond, the largest
# some seconds.
REQUEST_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
WAIT_SECONDS = (0, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
INK_SHARES = (0.01, 0.025, 0.05, 0.075, 0.1, 0.125, 0.15, 0.2, 0.3, 0.5, 1)
PIXELS = (196, 784, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216)

# Statuses of responses without an AppError; 499 is a client that disconnected before the response.
_OTHER_STATUSES = {200, 202, 204, 304, 307, 403, 404, 405, 499, 500}
STATUSES = tuple(sorted(_OTHER_STATUSES | set(STATUS.values())))

_REFUSED_UPLOAD = {400, 413, 415, 422}


class Metrics:
    """Everything that is counted, by all processes; ``routes`` are the paths of routes."""

    def __init__(
        self,
        registry: Registry,
        routes: Iterable[str],
        plan: SharedPlan,
        *,
        shadow: VersionShare | None = None,
        feedback: bool = False,
    ) -> None:
        self.registry = registry
        self.plan = plan
        workers = plan.workers
        self.shared = SharedCounters(workers + 1)  # the last one for the parent process
        families = Families(self.shared)
        self.families = families.all
        self._create_for_requests(families, routes)
        self._create_for_inputs(families)
        self._create_for_connections_and_log(families)
        self.shadow = ShadowCounters(families, shadow)
        self.sheets = SheetMetrics(families)
        self.processes = Gauge(self.shared)
        self._starts = families.counter(
            "digitserve_worker_starts", "Worker processes started, replacements included."
        )
        self.versions = VersionSlots(self.shared)
        version_families = Families(self.versions)
        self.version_families = version_families.all
        self._by_version = VersionMetrics(version_families)
        self.feedback = FeedbackMetrics(families, version_families, self.versions, on=feedback)
        self.versions.reserve_slots()
        self.shared.allocate()
        self._claim(workers)

    def _create_for_requests(self, families: Families, routes: Iterable[str]) -> None:
        requests = families.histograms(
            "digitserve_request_duration_seconds",
            "Time from a request's header to the end of its response; probes are left out.",
            REQUEST_SECONDS,
            ("route", "status"),
            product([*routes, OTHER], [*map(str, STATUSES), OTHER]),
        )
        # Under the key that a request has at hand.
        self._by_route: dict[tuple[str, int | str], Histogram] = {
            (route, status if status == OTHER else int(status)): child
            for (route, status), child in requests.items()
        }
        self.in_flight = families.gauge(
            "digitserve_requests_in_flight", "Requests without a complete response yet."
        )
        self._shed = families.counter(
            "digitserve_shed_requests", "Requests answered 429 because of too many at once."
        )
        self.admission_wait = families.histogram(
            "digitserve_admission_wait_seconds",
            "Time that a prediction waited for admission, whether or not it was admitted in time.",
            WAIT_SECONDS,
        )
        self.decoder_wait = families.histogram(
            "digitserve_decoder_wait_seconds",
            "Time that a large image waited for the decoder process.",
            WAIT_SECONDS,
        )
        self.decoder_kills = families.counter(
            "digitserve_decoder_kills", "Decoder processes that ended while they decoded an image."
        )
        self._refusals = families.counters(
            "digitserve_rejected_uploads",
            "Uploads rejected, and images of a batch.",
            ("reason",),
            [(kind(error),) for error, status in STATUS.items() if status in _REFUSED_UPLOAD],
        )

    def _create_for_inputs(self, families: Families) -> None:
        self._ink = families.histogram(
            "digitserve_input_ink_share",
            "Mean grey of the model's input: 0 is an empty picture, 1 is ink all over.",
            INK_SHARES,
        )
        self._pixels = families.histogram(
            "digitserve_input_pixels", "Width times height of an image as sent.", PIXELS
        )

    def _create_for_connections_and_log(self, families: Families) -> None:
        self._closed = families.counters(
            "digitserve_connections_closed",
            "Connections that were refused or cut, by reason.",
            ("reason",),
            [(reason,) for reason in get_args(CloseReason)],
        )
        self._loads = families.counters(
            "digitserve_model_loads",
            "Versions of models that were loaded while the service runs, and files refused.",
            ("outcome",),
            [(outcome,) for outcome in get_args(Outcome)],
        )
        self._lost_lines = families.counters(
            "digitserve_log_lines_lost",
            "Log lines that could not be written, by reason.",
            ("reason",),
            [(reason,) for reason in get_args(LossReason)],
        )

    def start(self, worker: int = 0) -> None:
        """Count for a process that starts as the worker of that number."""
        self._claim(worker)
        self.name_versions()
        self.in_flight.set(0)
        self.processes.set(os.getpid())
        self._starts.add()

    def _claim(self, process: int) -> None:
        self.shared.claim(process)
        self.versions.claim(process)

    def name_versions(self) -> None:
        """Begin to count all loaded versions, so that a scrape has their zeros before the ones."""
        for model in self.registry.models.values():
            for version in model.versions:
                self.versions.select(version)

    def count(self, record: RequestRecord, route: str, status: int, seconds: float) -> None:
        """Count a request that is over."""
        (self._by_route.get((route, status)) or self._by_route[route, OTHER]).observe(seconds)
        if status == 429:
            self._shed.add()
        if record.model is not None and (record.results or record.tensor):
            self.versions.select(record.model)
            self._by_version.count(record)
            self._count_inputs(record)
        if record.pages:
            self.sheets.count(record.pages)
        for reason in record.refusals:
            if (reason,) in self._refusals:
                self._refusals[reason,].add()

    def count_closed(self, reason: CloseReason) -> None:
        """Count a connection that was refused or cut."""
        self._closed[reason,].add()

    def count_loads(self, outcome: Outcome, count: int) -> None:
        """Count versions that were loaded, or files that were refused."""
        self._loads[outcome,].add(count)

    def count_lost_lines(self, count: int, reason: LossReason) -> None:
        """Count lines of the log that were lost."""
        self._lost_lines[reason,].add(count)

    def version_totals(self, model: LoadedModel) -> VersionTotals:
        """Return what all processes have counted of a model's version."""
        return self._by_version.totals(self.versions.total(model, self.shared.table()))

    def _count_inputs(self, record: RequestRecord) -> None:
        self._pixels.observe_all([result.upload.source_pixels for result in record.results])
        self._ink.observe_all([result.ink_share for result in record.results])
        if record.tensor:
            self._ink.observe_all(record.tensor.ink_shares)
