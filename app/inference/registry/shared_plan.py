"""Shared plan of all worker processes: what to serve, what each serves, and who has followed."""

import json
import mmap
from collections.abc import Mapping
from typing import NamedTuple

from app.inference.registry.loaded_model import ModelVersions
from app.inference.registry.plan import Plan
from app.inference.registry.plan_lock import PlanLock
from app.inference.registry.shared_document import SharedDocument

# Largest plan, and largest list of what a worker serves, in bytes.
_PLAN_BYTES, _SERVED_BYTES = 512 * 1024, 128 * 1024

_REQUESTED, _HANDLED, _FIRST_WORKER = range(3)


class ServedVersion(NamedTuple):
    """A version that a worker serves, and its role: stable, canary or none."""

    model: str
    version: str
    sha256: str
    role: str


class SharedPlan:
    """Shared plan, created before the workers are forked.

    A process that changes the plan holds ``lock``. Workers look at ``generation``, load the
    models of the plan, and say that they have followed.
    """

    def __init__(self, workers: int) -> None:
        self.lock = PlanLock()
        self.workers = workers
        self._plan = SharedDocument(_PLAN_BYTES)
        self._served = [SharedDocument(_SERVED_BYTES) for _ in range(workers)]
        self._numbers = memoryview(mmap.mmap(-1, 8 * (_FIRST_WORKER + workers))).cast("Q")

    @property
    def generation(self) -> int:
        """Return the number of the plan, which grows with each change."""
        return self._plan.generation

    def read(self) -> tuple[int, Plan]:
        """Return the plan and its number."""
        generation, content = self._plan.read()
        return generation, Plan.from_json(content)

    def publish(self, plan: Plan) -> int:
        """Replace the plan and return its number.

        Raises: RegistryError if it is too large.
        """
        return self._plan.write(plan.to_json())

    def request_reload(self) -> None:
        """Ask the workers to scan the model directory; a signal handler can call it."""
        self._numbers[_REQUESTED] += 1

    @property
    def requested_reload(self) -> int:
        """Return the number of the last reload that was requested and not handled, or 0."""
        requested = self._numbers[_REQUESTED]
        return requested if requested > self._numbers[_HANDLED] else 0

    def note_reload(self, number: int) -> None:
        """Note that the reload of that number was handled; the caller holds the lock."""
        self._numbers[_HANDLED] = number

    def note_served(
        self, worker: int, generation: int, models: Mapping[str, ModelVersions]
    ) -> None:
        """Note that a worker has followed the plan of that number, and what it serves."""
        served = [
            ServedVersion(name, one.version, one.sha256, model.role(one))
            for name, model in models.items()
            for one in model.versions
        ]
        self._served[worker].write(json.dumps(served).encode())
        self._numbers[_FIRST_WORKER + worker] = generation

    def have_followed(self, generation: int) -> bool:
        """Return whether all workers have followed the plan of that number."""
        return all(
            self._numbers[_FIRST_WORKER + worker] >= generation for worker in range(self.workers)
        )

    def served(self, worker: int) -> list[ServedVersion]:
        """Return what a worker serves; empty before its first start."""
        content = self._served[worker].read()[1]
        return [ServedVersion(*one) for one in json.loads(content or b"[]")]
