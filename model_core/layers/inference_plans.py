"""Inference plans of a network, per thread."""

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from model_core.layers.base import Layer
from model_core.layers.plan import Operation, Plan, Workspace


class InferencePlans(threading.local):
    """Cache of execution plans: each thread has its own plans and memory.

    A plan's arrays are overwritten in every pass, so two threads cannot share them.
    """

    def __init__(self, steps: Sequence[Layer], largest: int) -> None:
        self._steps = steps
        self._largest = largest
        self._plans: dict[tuple[tuple[int, ...], np.dtype[Any]], Plan] = {}
        self._memory = Workspace()

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
        self._memory.restart()
        x = y = self._memory.empty(shape, dtype)
        operations: list[Operation] = []
        for step in self._steps:
            plan = step.plan(y, self._memory)
            y, operations = plan.y, [*operations, *plan.operations]
        self._plans[shape, dtype] = Plan(x, y, operations)
        return self._plans[shape, dtype]
