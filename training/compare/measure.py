"""Interleaved measurement: the systems take turns, one epoch each, under the same load."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from training.compare.runner import Runner
from training.compare.systems import DIGITSERVE, System, import_seconds
from training.compare.workload import Task
from training.data.dataset import Dataset

ProgressCallback = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Row:
    """Measurements of one system on one workload; all None if it is not installed.

    Units: ``accuracy`` in 0..1; ``startup_seconds`` is the sum of import, building the network, and
    the first epoch's excess over the median; ``ratio`` is ``epoch_seconds`` divided by
    digitserve's.
    """

    work: str
    system: str
    how: str
    accuracy: float | None = None
    epoch_seconds: float | None = None
    startup_seconds: float | None = None
    ratio: float | None = None


@dataclass(slots=True)
class _SystemRun:
    """A system during the measurement; ``seconds`` are the durations of its epochs so far."""

    system: System
    runner: Runner
    how: str
    build_seconds: float
    rng: np.random.Generator
    seconds: list[float]

    def train_epoch(self) -> None:
        started = time.perf_counter()
        self.runner.train_epoch(self.rng)
        self.seconds.append(time.perf_counter() - started)

    def median(self) -> float:
        """Return the median duration of an epoch, without the first one, which compiles."""
        return statistics.median(self.seconds[1:] or self.seconds)

    def startup(self) -> float:
        late = max(0.0, self.seconds[0] - self.median())
        return import_seconds(self.system) + self.build_seconds + late

    def accuracy(self, test: Dataset) -> float:
        digits = self.runner.logits(test.images).argmax(axis=1)
        return float(np.mean(digits == test.classes))


def measure(
    task: Task,
    test: Dataset,
    systems: Sequence[System],
    *,
    repeat: int,
    notice: ProgressCallback = lambda _: None,
) -> list[Row]:
    """Return a row per system, in order, after ``repeat`` epochs of each installed system.

    ``notice`` receives a progress text before each epoch.
    """
    runs = {system.name: _begin(system, task) for system in systems if system.installed()}
    for epoch in range(repeat):
        for name, run in runs.items():
            notice(f"{name}, epoch {epoch + 1} of {repeat}: {task.work.title}")
            run.train_epoch()
    ours = runs[DIGITSERVE.name].median() if DIGITSERVE.name in runs else None
    return [_row(task, test, system, runs.get(system.name), ours) for system in systems]


def _begin(system: System, task: Task) -> _SystemRun:
    make = system.start()
    started = time.perf_counter()
    runner = make(task)
    seconds = time.perf_counter() - started
    return _SystemRun(system, runner, runner.settle(), seconds, task.order(), [])


def _row(
    task: Task, test: Dataset, system: System, run: _SystemRun | None, ours: float | None
) -> Row:
    if run is None:
        return Row(task.work.title, system.name, "not installed")
    median = run.median()
    return Row(
        work=task.work.title,
        system=system.name,
        how=run.how,
        accuracy=run.accuracy(test),
        epoch_seconds=median,
        startup_seconds=run.startup(),
        ratio=median / ours if ours else None,
    )
