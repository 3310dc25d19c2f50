"""What is counted."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import product
from typing import get_args

from app.errors import STATUS, kind
from app.inference.registry import Registry
from app.inference.types import PredictionResult
from app.telemetry.request_record import RequestRecord
from app.telemetry.shared_counters import Cells, Distribution, Number
from model_core.classifier import Decision

# Seconds; a small picture takes a fraction of a millisecond, the largest some seconds.
REQUEST_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
STAGE_SECONDS = (0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1, 5)
CONFIDENCES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 1)
INK_SHARES = (0.01, 0.025, 0.05, 0.075, 0.1, 0.125, 0.15, 0.2, 0.3, 0.5, 1)
PIXELS = (196, 784, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216)

# Every status that the service answers with; 499 is a client that went away before the answer.
STATUSES = (200, 304, 307, 400, 401, 403, 404, 405, 408, 413, 415, 422, 429, 431, 499, 500, 503)

# The label of what no route answers, and of a status that is not in the list.
OTHER = "other"

_REFUSED_UPLOAD = {400, 413, 415, 422}

Labels = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Family:
    """A metric: its children by the values of its labels."""

    name: str
    meaning: str
    kind: str
    labels: Labels = ()
    numbers: dict[Labels, Number] = field(default_factory=dict)
    distributions: dict[Labels, Distribution] = field(default_factory=dict)


class Metrics:
    """Everything that is counted, for so many processes; ``routes`` are their paths."""

    def __init__(self, registry: Registry, routes: Iterable[str], *, workers: int = 1) -> None:
        self.cells = Cells(workers)
        self.registry = registry
        self.families: list[Family] = []
        models = list(registry.models)

        self._requests = self._distributions(
            "digitserve_request_duration_seconds",
            "Time from a request's header to the end of its answer; probes are left out.",
            REQUEST_SECONDS,
            ("route", "status"),
            product([*routes, OTHER], [*map(str, STATUSES), OTHER]),
        )
        self.in_flight = self._number(
            "digitserve_requests_in_flight", "Requests that are not answered yet.", "gauge"
        )
        self._shed = self._number(
            "digitserve_shed_requests", "Requests answered 429, because there were too many."
        )
        self._stages = self._distributions(
            "digitserve_stage_duration_seconds",
            "Time of one image in decode and preprocess; a request's share of a pass in inference.",
            STAGE_SECONDS,
            ("stage",),
            [("decode",), ("preprocess",), ("inference",)],
        )
        self._predictions = self._numbers(
            "digitserve_predictions",
            "Images answered.",
            ("model", "digit", "decision"),
            [
                (name, str(digit), decision)
                for name, model in registry.models.items()
                for digit, decision in product(model.classifier.labels, get_args(Decision))
            ],
        )
        self._confidence = self._distributions(
            "digitserve_confidence",
            "Probability of the likeliest digit, accepted or not.",
            CONFIDENCES,
            ("model",),
            [(name,) for name in models],
        )
        self._refusals = self._numbers(
            "digitserve_rejected_uploads",
            "Uploads refused, and images of a batch.",
            ("reason",),
            [(kind(error),) for error, status in STATUS.items() if status in _REFUSED_UPLOAD],
        )
        self._ink = self._distributions(
            "digitserve_input_ink_share",
            "Mean grey of what the model saw: 0 is an empty picture, 1 is ink all over.",
            INK_SHARES,
        )
        self._pixels = self._distributions(
            "digitserve_input_pixels", "Width times height of an image as sent.", PIXELS
        )
        self.processes = Number(self.cells)
        self._starts = self._number(
            "digitserve_worker_starts", "Processes started, those that replace another, too."
        )
        self.cells.allocate()
        self._bind()

    def start(self, worker: int = 0) -> None:
        """Count for a process that begins, in the place of that number."""
        self.cells.claim(worker)
        self.in_flight.set(0)
        self.processes.set(os.getpid())
        self._starts.add()

    def count(self, record: RequestRecord, route: str, status: int, seconds: float) -> None:
        """Count a request that is over."""
        (self._by_route.get((route, status)) or self._other(route)).observe(seconds)
        if status == 429:
            self._shed.add()
        if record.results:
            self._inference.observe(record.inference_seconds)
            for result in record.results:
                self._count_prediction(str(record.model), result)
        for reason in record.refusals:
            if (reason,) in self._refusals:
                self._refusals[reason,].add()

    def _count_prediction(self, model: str, result: PredictionResult) -> None:
        prediction, upload = result.prediction, result.upload
        self._by_answer[model, prediction.digit, prediction.decision].add()
        self._confidence[model,].observe(prediction.confidence)
        self._decode.observe(upload.decode_seconds)
        self._preprocess.observe(upload.preprocess_seconds)
        self._pixels[()].observe(upload.source_pixels)
        self._ink[()].observe(result.ink_share)

    def _other(self, route: str) -> Distribution:
        return self._requests[route, OTHER]

    def _bind(self) -> None:
        """Find the children once, under what a request has at hand."""
        self._by_route = {
            (route, int(status)): child
            for (route, status), child in self._requests.items()
            if status != OTHER
        }
        self._by_answer = {
            (model, int(digit), decision): child
            for (model, digit, decision), child in self._predictions.items()
        }
        self._decode = self._stages["decode",]
        self._preprocess = self._stages["preprocess",]
        self._inference = self._stages["inference",]

    def _number(self, name: str, meaning: str, kind: str = "counter") -> Number:
        family = Family(name, meaning, kind, numbers={(): Number(self.cells)})
        self.families.append(family)
        return family.numbers[()]

    def _numbers(
        self, name: str, meaning: str, labels: Labels, values: Iterable[Labels]
    ) -> dict[Labels, Number]:
        numbers = {one: Number(self.cells) for one in values}
        self.families.append(Family(name, meaning, "counter", labels, numbers))
        return numbers

    def _distributions(
        self,
        name: str,
        meaning: str,
        bounds: tuple[float, ...],
        labels: Labels = (),
        values: Iterable[Labels] = ((),),
    ) -> dict[Labels, Distribution]:
        children = {one: Distribution(self.cells, bounds) for one in values}
        self.families.append(Family(name, meaning, "histogram", labels, {}, children))
        return children
