"""Prometheus exposition of the metrics; one scrape shows all worker processes."""

import re
from collections.abc import Callable, Container, Iterator
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
from prometheus_client.openmetrics import exposition as openmetrics

from app.telemetry.families import Family, Labels
from app.telemetry.metrics import Metrics
from app.telemetry.model_metrics import model_metrics
from app.telemetry.runtime_metrics import runtime_metrics
from app.telemetry.shared_counters import Histogram
from app.version import VERSION

_KINDS: dict[str, Any] = {
    "counter": CounterMetricFamily,
    "gauge": GaugeMetricFamily,
    "histogram": HistogramMetricFamily,
}


_TEXT = "text/plain; version=0.0.4; charset=utf-8"

# The library has no types for it.
_generate_openmetrics: Callable[[CollectorRegistry], bytes] = openmetrics.generate_latest


def expose(metrics: Metrics, accept: str = "") -> tuple[bytes, str]:
    """Return the metrics and their media type: OpenMetrics if ``accept`` prefers it, else text.

    Source: OpenMetrics 1.0.0, and Prometheus's text format 0.0.4.
    """
    registry = CollectorRegistry()
    registry.register(_Collector(metrics))
    if _quality(accept, "application/openmetrics-text") > _quality(accept, "text/plain"):
        return _generate_openmetrics(registry), openmetrics.CONTENT_TYPE_LATEST
    return generate_latest(registry), _TEXT


def _quality(accept: str, media_type: str) -> float:
    """Return how much an Accept header prefers a media type, 0 to 1 (RFC 9110, section 12.5.1)."""
    best = 0.0
    for one in accept.lower().split(","):
        if one.partition(";")[0].strip() == media_type:
            weight = re.search(r";\s*q=([01](?:\.\d*)?)\s*(?:;|$)", one)
            best = max(best, float(weight[1]) if weight else 1.0)
    return best


class _Collector:
    """Sums the counters of all processes; a labelled histogram without values is left out."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        """Yield every metric."""
        self._metrics.name_versions()
        table = self._metrics.shared.table()
        totals = table.sum(axis=0)
        for family in self._metrics.families:
            metric = _create(family)
            _add_children(metric, family, totals)
            yield metric
        yield from self._version_metrics(table)
        yield InfoMetricFamily(
            "digitserve_build", "The version of the service.", {"version": VERSION}
        )
        yield from model_metrics(self._metrics.plan)
        yield from runtime_metrics(table[:, self._metrics.processes.column].astype(int).tolist())

    def _version_metrics(self, table: NDArray[np.float64]) -> Iterator[Metric]:
        """Yield the metrics by model version; zeros only for digits that are labels of it."""
        versions = self._metrics.versions.totals(table)
        for family in self._metrics.version_families:
            metric = _create(family, ("model", "version"))
            for (model, version, digits), totals in versions.items():
                by_digit = "digit" in family.labels
                known = {str(digit) for digit in digits} if by_digit else None
                _add_children(metric, family, totals, (model, version), known)
            yield metric


def _create(family: Family, more_labels: Labels = ()) -> Any:
    return _KINDS[family.kind](family.name, family.help, labels=(*family.labels, *more_labels))


def _add_children(
    metric: Any,
    family: Family,
    totals: NDArray[np.float64],
    more_values: Labels = (),
    digits: Container[str] | None = None,
) -> None:
    """Add the values of a family; a zero is left out for a digit that is not in ``digits``."""
    for values, child in family.children.items():
        if isinstance(child, Histogram):
            buckets, total = _buckets(child, totals)
            if buckets[-1][1] or not (family.labels or more_values):
                metric.add_metric((*values, *more_values), buckets, total)
        elif totals[child.column] or digits is None or values[0] in digits:
            metric.add_metric((*values, *more_values), float(totals[child.column]))


def _buckets(
    child: Histogram, totals: NDArray[np.float64]
) -> tuple[list[tuple[str, float]], float]:
    """Return the cumulative count of values up to each bound, and the sum of all values."""
    *counts, total = totals[child.column : child.column + len(child.bounds) + 2]
    bounds = [*map(str, map(float, child.bounds)), "+Inf"]
    return list(zip(bounds, map(float, np.cumsum(counts)), strict=True)), float(total)
