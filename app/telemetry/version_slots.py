"""Counters by model version, also for versions that are loaded while the service runs.

Shared memory is allocated before the fork, so each process has a number of slots there, all with
the same columns. A process names a slot when it first counts for a version. Only that process
writes to its slots and their names, so it needs no lock.
"""

import json
import mmap
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.inference.registry import LoadedModel
from app.telemetry.shared_counters import Columns, SharedCounters

# Versions that a process counts separately, from its start to its end.
SLOTS = 64

# Bytes for the name of a slot: its length in two bytes, then JSON.
_NAME_BYTES = 512


class VersionName(NamedTuple):
    """Name of a slot: the model, its version and its labels."""

    model: str
    version: str
    labels: tuple[int, ...]


# Name of the slot for all versions that have none of their own.
OTHER_VERSIONS = VersionName("other", "other", ())


class VersionTotals(NamedTuple):
    """What was counted of a model's version: images, and number and seconds of the stages.

    ``inputs`` are images that were decoded and preprocessed, ``requests`` those with predictions.
    """

    images: int
    inputs: int
    input_seconds: float
    requests: int
    inference_seconds: float


class VersionSlots(Columns):
    """Columns that exist once for each model version; ``row`` is that of the selected version.

    Columns are reserved first, then the slots in ``shared``, then the memory of both is allocated.
    """

    def __init__(self, shared: SharedCounters) -> None:
        super().__init__()
        self._shared = shared

    def reserve_slots(self) -> None:
        """Reserve the columns of all slots, and one for further versions."""
        self._first = self._shared.reserve((SLOTS + 1) * self.columns)
        self._names = mmap.mmap(-1, self._shared.processes * SLOTS * _NAME_BYTES)

    def claim(self, process: int) -> None:
        """Let this process count in its slots, after it has claimed its row of the table."""
        self._process = process
        self._rows: dict[tuple[str, str], memoryview[float]] = {}
        for slot, name in enumerate(self._read_names(process)):
            self._rows[name.model, name.version] = self._row(slot)
        self._free = len(self._rows)

    def select(self, model: LoadedModel) -> None:
        """Count in the slot of a version; take a free one if it has none."""
        row = self._rows.get((model.name, model.version))
        if row is None:
            row = self._take(VersionName(model.name, model.version, model.classifier.labels))
        self.row = row

    def select_name(self, model: str, version: str) -> None:
        """Count in the slot of a version that this process may not have loaded."""
        row = self._rows.get((model, version))
        self.row = self._take(VersionName(model, version, ())) if row is None else row

    def totals(self, table: NDArray[np.float64]) -> dict[VersionName, NDArray[np.float64]]:
        """Return the sums over all processes of a copy of the shared table, by version.

        Shapes: each (columns,) float64.
        """
        stop = self._first + (SLOTS + 1) * self.columns
        slots = table[:, self._first : stop].reshape(len(table), SLOTS + 1, self.columns)
        names: dict[tuple[str, str], VersionName] = {}
        sums: dict[tuple[str, str], NDArray[np.float64]] = {}
        for process, rows in enumerate(slots):
            for name, row in zip(self._read_names(process), rows, strict=False):
                key = name.model, name.version
                names.setdefault(key, name)
                sums[key] = sums[key] + row if key in sums else row
        totals = {names[key]: sums[key] for key in sorted(sums)}
        others = slots[:, SLOTS].sum(axis=0)
        return totals | {OTHER_VERSIONS: others} if others.any() else totals

    def total(self, model: LoadedModel, table: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the sums over all processes for one version; zeros if nothing is counted.

        Shapes: (columns,) float64.
        """
        totals = {name[:2]: total for name, total in self.totals(table).items()}
        return totals.get((model.name, model.version), np.zeros(self.columns))

    def _take(self, name: VersionName) -> "memoryview[float]":
        """Name a free slot after a version and return its row, or the row of further versions."""
        text = json.dumps(name).encode()
        if self._free == SLOTS or len(text) > _NAME_BYTES - 2:
            return self._row(SLOTS)
        start = (self._process * SLOTS + self._free) * _NAME_BYTES
        self._names[start + 2 : start + 2 + len(text)] = text
        self._names[start : start + 2] = len(text).to_bytes(2, "big")
        row = self._rows[name.model, name.version] = self._row(self._free)
        self._free += 1
        return row

    def _row(self, slot: int) -> "memoryview[float]":
        start = self._first + slot * self.columns
        return self._shared.row[start : start + self.columns]

    def _read_names(self, process: int) -> list[VersionName]:
        """Return the names of a process's slots, in order."""
        names: list[VersionName] = []
        for slot in range(SLOTS):
            start = (process * SLOTS + slot) * _NAME_BYTES
            length = int.from_bytes(self._names[start : start + 2], "big")
            if not length:
                break
            model, version, labels = json.loads(self._names[start + 2 : start + 2 + length])
            names.append(VersionName(model, version, tuple(labels)))
        return names
