"""Metrics of processes and of Python, ``process_*`` and ``python_*``, from prometheus_client.

Worker processes share one address, and each scrape is answered by one of them. Memory, processor
time and files are read from the system for all of them. Statistics of garbage collection are known
to their own process alone, so a scrape has those of the worker that answers it. The label
``worker`` keeps the time series of different processes apart.
"""

import os
from collections.abc import Iterator, Sequence
from functools import partial

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.core import Metric


def runtime_metrics(processes: Sequence[int]) -> Iterator[Metric]:
    """Yield the metrics; ``processes`` are the process ids of the workers, 0 if there is none."""
    families: dict[str, Metric] = {}
    for worker, process in enumerate(processes):
        if process:
            collector = ProcessCollector(pid=partial(str, process), registry=None)
            for family in collector.collect():
                merged = families.setdefault(family.name, _of(family, "of each worker process"))
                _extend(merged, family, worker)
    yield from families.values()
    yield from PlatformCollector(registry=None).collect()
    if os.getpid() in processes:
        yield from _garbage_collection(processes.index(os.getpid()))


def _garbage_collection(worker: int) -> Iterator[Metric]:
    registry = CollectorRegistry()
    GCCollector(registry)  # registers itself, if this Python has statistics
    for family in registry.collect():
        labelled = _of(family, "of the worker process that answers the scrape")
        _extend(labelled, family, worker)
        yield labelled


def _of(family: Metric, whose: str) -> Metric:
    """Return a metric family without samples, whose description says of which process they are."""
    return Metric(family.name, f"{family.documentation.rstrip('.')}, {whose}.", family.type)


def _extend(family: Metric, source: Metric, worker: int) -> None:
    """Add the samples of a worker."""
    for sample in source.samples:
        labels = {**sample.labels, "worker": str(worker)}
        family.samples.append(sample._replace(labels=labels))
