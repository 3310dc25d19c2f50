"""Inference plans of a network, per thread."""

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from model_core.layers.base import Layer
from model_core.layers.plan import Operation, Plan, Workspace


class _ThreadMemory(threading.local):
    """Memory of a thread for the plans of all networks, of which it runs one at a time."""

    def __init__(self) -> None:
        self.workspace = Workspace()


_memory = _ThreadMemory()


class InferencePlans(threading.local):
    """Cache of execution plans: each thread has its own plans and memory.

    A plan's arrays are overwritten in every pass, so two threads cannot share them; all networks
    of a thread do.
    """

    def __init__(self, steps: Sequence[Layer], largest: int) -> None:
        self._steps = steps
        self._largest = largest
        self._plans: dict[tuple[tuple[int, ...], np.dtype[Any]], Plan] = {}

    def find(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Plan:
        """Return the plan for inputs (N, ...) of this shape; N is at most ``largest``.

        Raises: ShapeError if a layer has no output for it.
        """
        return self._plans.get((shape, dtype)) or self._add(shape, dtype)

    def _add(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Plan:
        # the largest batch first: all others then fit into its memory
        whole = (self._largest, *shape[1:])
        if shape != whole:
            self.find(whole, dtype)
        _memory.workspace.restart()
        x = y = _memory.workspace.empty(shape, dtype)
        operations: list[Operation] = []
        for step in self._steps:
            plan = step.plan_inference(y, _memory.workspace)
            y, operations = plan.y, [*operations, *plan.operations]
        self._plans[shape, dtype] = Plan(x, y, operations)
        return self._plans[shape, dtype]
