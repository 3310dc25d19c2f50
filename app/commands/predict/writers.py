"""Output of ``predict`` on standard output: lines for people, JSON, lines of JSON."""

import json
import sys
from typing import Protocol

from app.commands.predict.outcome import Document, Outcome, Row, rows


class Writer(Protocol):
    """Interface of the output; each outcome is written when it is known."""

    def write(self, outcome: Outcome) -> None:
        """Write an outcome."""

    def close(self) -> None:
        """Write what comes after the last outcome; nothing if a class does not say otherwise."""
        return


class TextWriter(Writer):
    """Writes a line for each picture or box."""

    def write(self, outcome: Outcome) -> None:
        """Write the lines of an outcome."""
        for row in rows(outcome):
            _print(f"{outcome.file}{_place(row)}: {_answer(row)}")


class JsonLinesWriter(Writer):
    """Writes a JSON object for each file: the service's answer, and ``file``."""

    def write(self, outcome: Outcome) -> None:
        """Write a line."""
        _print(json.dumps(_with_file(outcome)))


class JsonWriter(Writer):
    """Writes one JSON document: an object for a ``single`` picture, else an array."""

    def __init__(self, *, single: bool) -> None:
        self._single, self._before = single, "["

    def write(self, outcome: Outcome) -> None:
        """Write an object."""
        document = _with_file(outcome)
        if self._single:
            _print(json.dumps(document, indent=1))
            return
        sys.stdout.write(f"{self._before}\n{json.dumps(document)}")
        self._before = ","

    def close(self) -> None:
        """Close the array."""
        if not self._single:
            _print("[]" if self._before == "[" else "\n]")


def _with_file(outcome: Outcome) -> Document:
    return {"file": outcome.file} | outcome.document


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _place(row: Row) -> str:
    if row.row is None:
        return "" if row.page is None else f", page {row.page}"
    name = "" if row.name is None else f", {row.name}"
    return f", page {row.page}, row {row.row}, column {row.col}{name}"


def _answer(row: Row) -> str:
    if row.prediction is None:
        return f"unreadable: {row.error}"
    prediction = row.prediction
    if prediction["decision"] == "accept":
        return f"{prediction['digit']} ({prediction['confidence']:.1%})"
    return f"abstained ({prediction['reason']})"
