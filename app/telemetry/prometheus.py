"""The metrics as Prometheus reads them; one scrape shows all processes of the service."""

import os
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)

from app.telemetry.metrics import Family, Metrics
from app.telemetry.shared_counters import Distribution
from app.version import VERSION

_PAGE = os.sysconf("SC_PAGE_SIZE")


def expose(metrics: Metrics) -> bytes:
    """Return the metrics in Prometheus's text format."""
    registry = CollectorRegistry()
    registry.register(_Collector(metrics))
    return generate_latest(registry)


class _Collector:
    """Adds up what the processes have counted; what never happened has no line of its own."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        """Yield every metric."""
        table = self._metrics.cells.table()
        totals = table.sum(axis=0)
        for family in self._metrics.families:
            yield _histogram(family, totals) if family.distributions else _numbers(family, totals)
        yield _memory(table[:, self._metrics.processes.column])
        yield _build()
        yield _models(self._metrics)


def _numbers(family: Family, totals: NDArray[np.float64]) -> Metric:
    metric = GaugeMetricFamily if family.kind == "gauge" else CounterMetricFamily
    numbers = metric(family.name, family.meaning, labels=family.labels)
    for values, child in family.numbers.items():
        numbers.add_metric(values, float(totals[child.column]))
    return numbers


def _histogram(family: Family, totals: NDArray[np.float64]) -> Metric:
    histogram = HistogramMetricFamily(family.name, family.meaning, labels=family.labels)
    for values, child in family.distributions.items():
        buckets, total = _buckets(child, totals)
        if buckets[-1][1] or not family.labels:
            histogram.add_metric(values, buckets, total)
    return histogram


def _buckets(
    child: Distribution, totals: NDArray[np.float64]
) -> tuple[list[tuple[str, float]], float]:
    """Return how many values were at most each bound, and the sum of all."""
    *counts, total = totals[child.column : child.column + len(child.bounds) + 2]
    bounds = [*map(str, map(float, child.bounds)), "+Inf"]
    return list(zip(bounds, map(float, np.cumsum(counts)), strict=True)), float(total)


def _memory(processes: Iterable[float]) -> Metric:
    meaning = "Memory of each process, as the system counts it; 0 if it is not there."
    memory = GaugeMetricFamily(
        "digitserve_worker_resident_memory_bytes", meaning, labels=("worker",)
    )
    for worker, process in enumerate(processes):
        memory.add_metric((str(worker),), _resident_bytes(int(process)))
    return memory


def _resident_bytes(process: int) -> float:
    try:
        with open(f"/proc/{process}/statm") as file:
            return float(file.read().split()[1]) * _PAGE
    except OSError:
        return 0.0


def _build() -> Metric:
    return InfoMetricFamily("digitserve_build", "The service.", {"version": VERSION})


def _models(metrics: Metrics) -> Metric:
    labels = ("model", "version", "sha256", "default")
    models = InfoMetricFamily("digitserve_model", "The models in memory.", labels=labels)
    for model in metrics.registry.models.values():
        card, default = model.pretrained.card, model is metrics.registry.default
        values = (model.name, card.version, model.pretrained.sha256, str(default).lower())
        models.add_metric(values, {})
    return models
