"""Metric families: metrics with their labels, created before any process counts."""

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from app.telemetry.shared_counters import Columns, Counter, Gauge, Histogram

Labels = tuple[str, ...]

# The label of a value that is not in the list: a path, a status, a digit.
OTHER = "other"

# Labels of digits, and of a model's other labels.
DIGIT_LABELS = (*map(str, range(10)), OTHER)


class Family(NamedTuple):
    """Metric family: a child for each combination of values of the labels.

    ``help`` is the text that Prometheus shows for it.
    """

    name: str
    help: str
    kind: Literal["counter", "gauge", "histogram"]
    labels: Labels
    children: Mapping[Labels, Counter | Gauge | Histogram]


class Families:
    """Metric families whose numbers are in the same columns."""

    def __init__(self, shared: Columns) -> None:
        self.all: list[Family] = []
        self._shared = shared

    def counter(self, name: str, help_text: str) -> Counter:
        """Create a counter without labels."""
        return self.counters(name, help_text, (), [()])[()]

    def counters(
        self, name: str, help_text: str, labels: Labels, values: Iterable[Labels]
    ) -> dict[Labels, Counter]:
        """Create a counter for each combination of values of the labels."""
        children = {one: Counter(self._shared) for one in values}
        self.all.append(Family(name, help_text, "counter", labels, children))
        return children

    def gauge(self, name: str, help_text: str) -> Gauge:
        """Create a gauge without labels."""
        gauge = Gauge(self._shared)
        self.all.append(Family(name, help_text, "gauge", (), {(): gauge}))
        return gauge

    def histogram(self, name: str, help_text: str, bounds: tuple[float, ...]) -> Histogram:
        """Create a histogram without labels."""
        return self.histograms(name, help_text, bounds, (), [()])[()]

    def histograms(
        self,
        name: str,
        help_text: str,
        bounds: tuple[float, ...],
        labels: Labels,
        values: Iterable[Labels],
    ) -> dict[Labels, Histogram]:
        """Create a histogram for each combination of values of the labels."""
        children = {one: Histogram(self._shared, bounds) for one in values}
        self.all.append(Family(name, help_text, "histogram", labels, children))
        return children


def digit_label(digit: int) -> str:
    """Return the label of a model's digit."""
    return DIGIT_LABELS[digit] if 0 <= digit < 10 else OTHER
