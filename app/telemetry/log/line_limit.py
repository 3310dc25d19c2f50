"""Limit on the log lines of each kind: a flood of events does not become a flood of lines."""

from collections.abc import Hashable
from dataclasses import dataclass
from time import monotonic

# Lines of one kind in a second.
MAX_LINES_PER_SECOND = 5

# Largest number of kinds in memory; then all are forgotten.
_MAX_KINDS = 256


@dataclass(slots=True)
class _Second:
    """One second of a kind: its start, its lines, and the lines left out since the last line."""

    start: float
    lines: int = 0
    left_out: int = 0


class LineLimit:
    """Limit on the lines per second of each kind; counts the lines that it leaves out."""

    def __init__(self) -> None:
        self._seconds: dict[Hashable, _Second] = {}

    def admit(self, kind: Hashable) -> int | None:
        """Return how many lines were left out before this one; None if this one is left out."""
        now = monotonic()
        second = self._seconds.get(kind) or self._add(kind, now)
        if now - second.start >= 1:
            second.start, second.lines = now, 0
        if second.lines >= MAX_LINES_PER_SECOND:
            second.left_out += 1
            return None
        second.lines += 1
        left_out, second.left_out = second.left_out, 0
        return left_out

    def _add(self, kind: Hashable, now: float) -> _Second:
        if len(self._seconds) >= _MAX_KINDS:
            self._seconds.clear()
        second = self._seconds[kind] = _Second(now)
        return second
