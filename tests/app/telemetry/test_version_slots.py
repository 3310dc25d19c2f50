"""Counters by model version, of versions that are there at the fork and of later ones."""

import subprocess
import sys

import pytest

from app.inference.batcher import MicroBatcher
from app.inference.registry import LoadedModel
from app.telemetry.shared_counters import Counter, SharedCounters
from app.telemetry.version_slots import OTHER_VERSIONS, SLOTS, VersionName, VersionSlots
from tests.support.models import untrained

# In a process of its own: other tests import libraries with threads, which must not be forked.
FORKS = """
import os
from tests.app.telemetry.test_version_slots import Counted, loaded

counted = Counted(3)
for process, versions in enumerate(["1", "23", "21"]):  # the second one is replaced
    number = min(process, 1)
    child = os.fork()
    if child == 0:
        counted.claim(number)
        for version in versions:
            counted.add(loaded(version))
        os._exit(0)
    os.waitpid(child, 0)
print(counted.totals())
"""


def loaded(version: str, name: str = "cnn") -> LoadedModel:
    """Return a version of a model with its initial weights."""
    return LoadedModel(name, version, MODEL, MicroBatcher(MODEL.classifier))


MODEL = untrained()


class Counted:
    """A counter of each version, and one of all together."""

    def __init__(self, processes: int = 1) -> None:
        self._shared = SharedCounters(processes)
        self._before = Counter(self._shared)
        self._slots = VersionSlots(self._shared)
        self._first, self._second = Counter(self._slots), Counter(self._slots)
        self._slots.reserve_slots()
        self._after = Counter(self._shared)
        self._shared.allocate()
        self.claim(0)

    def claim(self, process: int) -> None:
        """Count in the row of that number."""
        self._shared.claim(process)
        self._slots.claim(process)

    def add(self, model: LoadedModel) -> None:
        """Count one for a version, in the second column, and check that no other changes."""
        self._slots.select(model)
        self._second.add()

    def totals(self) -> dict[tuple[str, str], float]:
        """Return the counts by name and version."""
        table = self._shared.table()
        assert not table[:, [self._before.column, self._after.column]].any()
        totals = self._slots.totals(table)
        assert not any(total[self._first.column] for total in totals.values())
        return {name[:2]: float(total[self._second.column]) for name, total in totals.items()}


def test_each_version_is_counted_by_itself() -> None:
    """Also one that appears later; a version with the same number of another model is another."""
    counted = Counted()

    for model in (loaded("2"), loaded("1"), loaded("2"), loaded("1", "dnn")):
        counted.add(model)

    assert counted.totals() == {("cnn", "1"): 1, ("cnn", "2"): 2, ("dnn", "1"): 1}


def test_processes_are_added_by_version() -> None:
    """Each names its slots itself, and a replaced one counts on in those of the one before."""
    done = subprocess.run(
        [sys.executable, "-c", FORKS], capture_output=True, text=True, check=True, timeout=60
    )

    expected = {("cnn", "1"): 2.0, ("cnn", "2"): 2.0, ("cnn", "3"): 1.0}
    assert done.stdout == f"{expected}\n"


def test_further_versions_are_counted_together() -> None:
    """When all slots are taken, further versions are `other`; those before are counted on."""
    counted = Counted()
    for number in range(SLOTS + 3):
        counted.add(loaded(str(number)))

    counted.add(loaded("0"))
    totals = counted.totals()

    assert len(totals) == SLOTS + 1
    assert totals["cnn", "0"] == 2
    assert totals[OTHER_VERSIONS.model, OTHER_VERSIONS.version] == 3


def test_a_name_that_is_too_long_is_counted_as_other() -> None:
    """It does not overwrite the name after it."""
    counted = Counted()

    for model in (loaded("1", "n" * 600), loaded("1")):
        counted.add(model)

    assert counted.totals() == {("cnn", "1"): 1, ("other", "other"): 1}


@pytest.mark.parametrize("name", ["cnn", "drei-\u00e4\u20ac", 'a"b'])
def test_a_name_is_read_as_it_was_written(name: str) -> None:
    """With the labels that the version has."""
    shared = SharedCounters(1)
    slots = VersionSlots(shared)
    Counter(slots)
    slots.reserve_slots()
    shared.allocate()
    slots.claim(0)

    slots.select(loaded("1", name))

    assert list(slots.totals(shared.table())) == [VersionName(name, "1", (0, 1, 2, 3, 4))]
