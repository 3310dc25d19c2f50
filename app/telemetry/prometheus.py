"""Prometheus exposition of the metrics; one scrape shows all worker processes."""

import os
from collections.abc import Iterable, Iterator
from typing import Any

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

from app.telemetry.families import Family
from app.telemetry.metrics import Metrics
from app.telemetry.shared_counters import Histogram
from app.version import VERSION

_PAGE = os.sysconf("SC_PAGE_SIZE")

_KINDS: dict[str, Any] = {
    "counter": CounterMetricFamily,
    "gauge": GaugeMetricFamily,
    "histogram": HistogramMetricFamily,
}


def expose(metrics: Metrics) -> bytes:
    """Return the metrics in Prometheus's text format."""
    registry = CollectorRegistry()
    registry.register(_Collector(metrics))
    return generate_latest(registry)


class _Collector:
    """Sums the counters of all processes; a labelled histogram without values is left out."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        """Yield every metric."""
        table = self._metrics.shared.table()
        totals = table.sum(axis=0)
        for family in self._metrics.families:
            yield _convert(family, totals)
        yield _memory(table[:, self._metrics.processes.column])
        yield _build()
        yield _models(self._metrics)


def _convert(family: Family, totals: NDArray[np.float64]) -> Metric:
    metric: Any = _KINDS[family.kind](family.name, family.help, labels=family.labels)
    for values, child in family.children.items():
        if not isinstance(child, Histogram):
            metric.add_metric(values, float(totals[child.column]))
            continue
        buckets, total = _buckets(child, totals)
        if buckets[-1][1] or not family.labels:
            metric.add_metric(values, buckets, total)
    converted: Metric = metric
    return converted


def _buckets(
    child: Histogram, totals: NDArray[np.float64]
) -> tuple[list[tuple[str, float]], float]:
    """Return the cumulative count of values up to each bound, and the sum of all values."""
    *counts, total = totals[child.column : child.column + len(child.bounds) + 2]
    bounds = [*map(str, map(float, child.bounds)), "+Inf"]
    return list(zip(bounds, map(float, np.cumsum(counts)), strict=True)), float(total)


def _memory(processes: Iterable[float]) -> Metric:
    meaning = "Resident memory of each worker process; 0 for one that does not run."
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
    return InfoMetricFamily("digitserve_build", "The version of the service.", {"version": VERSION})


def _models(metrics: Metrics) -> Metric:
    labels = ("model", "version", "sha256", "default")
    models = InfoMetricFamily("digitserve_model", "The loaded models.", labels=labels)
    for model in metrics.registry.models.values():
        card, default = model.pretrained.card, model is metrics.registry.default
        values = (model.name, card.version, model.pretrained.sha256, str(default).lower())
        models.add_metric(values, {})
    return models
