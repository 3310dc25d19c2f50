"""Rows of a benchmark's table: what was measured, and its ratio to something in the same run."""

from collections.abc import Iterable
from dataclasses import dataclass

HEADING = "| | measured | ratio |\n|---|--:|---|"


@dataclass(frozen=True, slots=True)
class Row:
    """Row of a table; ``ratio`` says what it is a ratio to, and is empty for a mere figure."""

    work: str
    measured: str
    ratio: str = ""

    def __str__(self) -> str:
        return f"| {self.work} | {self.measured} | {self.ratio} |"


def print_rows(rows: Iterable[Row]) -> list[Row]:
    """Print each row as soon as it is measured, below the heading; return them all."""
    print(HEADING)
    printed = []
    for row in rows:
        print(row, flush=True)
        printed.append(row)
    return printed
