"""Resumable CSV file: each outcome is written whole and in order; a new run continues it."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from app.commands.exit_codes import USAGE, CommandError
from app.commands.predict.outcome import UNREADABLE, Outcome, Row, rows

# Windows has no such locks.
try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment]

PICTURE_COLUMNS = ("file", "digit", "confidence", "decision", "reason", "model", "error")
SHEET_COLUMNS = ("file", "page", "row", "col", "name", *PICTURE_COLUMNS[1:])

# Texts that a spreadsheet would run as a formula; an apostrophe is put before them.
_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")


class CsvFile:
    """CSV file (RFC 4180) of outcomes; ``done`` has the files that were in it before.

    ``counts`` has the numbers of their rows: accept, the reasons to abstain, and unreadable.

    Every outcome is one write to the system, so a killed process loses none that it wrote. A row
    that was cut off is removed when the file is opened, and so are the rows of the last sheet.
    Raises: CommandError if the file is no such table, or another process writes it.
    """

    def __init__(self, path: str, *, sheets: bool) -> None:
        self._path, self._sheets = path, sheets
        self._columns = SHEET_COLUMNS if sheets else PICTURE_COLUMNS
        self.done: set[str] = set()
        self.counts: Counter[str] = Counter()
        self._model = ""
        try:
            self._file = open(path, "a+b", buffering=0)  # noqa: SIM115
            self._lock()
            self._resume()
        except OSError as error:
            raise CommandError(f"{path}: expected a file to write, got: {error.strerror}") from None

    def is_done(self, name: str) -> bool:
        """Return whether the file has the outcome of this picture."""
        return bool(self.done) and _guard(name) in self.done

    def write(self, outcome: Outcome) -> None:
        """Append the rows of an outcome.

        Raises: CommandError if the rows before are those of another model, or the disk is full.
        """
        model = outcome.model
        if model and self._model not in ("", model):
            raise CommandError(
                f"{self._path}: expected rows of {model}, got rows of {self._model}; write to "
                "another file",
                USAGE,
            )
        self._model = model or self._model
        common = [_guard(outcome.file)]
        lines = [common + _cells(row, model, sheets=self._sheets) for row in rows(outcome)]
        if not lines:  # a sheet without boxes
            lines = [common + _cells(Row(None), model, sheets=self._sheets)]
        self._append(_encode(lines))

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _lock(self) -> None:
        """Lock the file; the lock ends with the process, and child processes do not have it."""
        if fcntl:
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise CommandError(f"{self._path}: another process writes this file") from None

    def _resume(self) -> None:
        """Read the files that are done, and remove what is incomplete at the end."""
        header = _encode([self._columns])
        self._file.seek(0)
        if not header.startswith(self._file.read(len(header)) or b""):
            raise self._columns_error()
        end = last = 0
        name, counts = "", Counter[str]()
        for start, record in _records(self._file):
            cells = next(csv.reader([record.decode("utf-8", "surrogateescape")]), [])
            if len(cells) != len(self._columns):
                raise self._columns_error()
            end = start + len(record)
            if start == 0:
                last = end
            elif cells[0] != name:
                self._note_done(name, counts)
                last, name, counts = start, cells[0], Counter()
            if start:
                self._model = cells[-2] or self._model
                counts[_class(cells)] += 1
        if not self._sheets:
            self._note_done(name, counts)
            last = end
        self._file.truncate(last)
        if last == 0:
            self._append(header)

    def _note_done(self, name: str, counts: Counter[str]) -> None:
        if name:
            self.done.add(name)
            self.counts += counts

    def _columns_error(self) -> CommandError:
        return CommandError(
            f"{self._path}: expected a table of this command with the columns "
            f"{','.join(self._columns)}, got another file",
            USAGE,
        )

    def _append(self, data: bytes) -> None:
        try:
            while data:
                data = data[self._file.write(data) :]
        except OSError as error:
            raise CommandError(f"{self._path}: cannot be written: {error.strerror}") from None


def _records(file: io.FileIO) -> Iterator[tuple[int, bytes]]:
    """Yield the offset and the bytes of each complete record; a line break can be in quotes."""
    offset, record, is_quoted = 0, b"", False
    file.seek(0)
    reader = io.BufferedReader(file)
    try:
        for line in reader:
            record += line
            is_quoted ^= line.count(b'"') % 2 == 1
            if line.endswith(b"\n") and not is_quoted:
                yield offset, record
                offset, record = offset + len(record), b""
    finally:
        reader.detach()  # else it closes the file


def _cells(row: Row, model: str, *, sheets: bool) -> list[object]:
    """Return the cells of a row after the file's name; there is no digit of a blank picture."""
    place = [row.page, row.row, row.col, _guard(row.name or "")] if sheets else []
    one = row.prediction
    if one is None:
        return [*place, "", "", "", "", model, _guard(row.error)]
    digit = "" if one["reason"] == "blank" else one["digit"]
    answer = [digit, round(one["confidence"], 6), one["decision"], one["reason"] or ""]
    return [*place, *answer, model, ""]


def _class(cells: list[str]) -> str:
    """Return what the cells of a row count as; empty for a sheet without boxes."""
    decision, reason, _, error = cells[-4:]
    return UNREADABLE if error else reason or decision


def _encode(lines: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue().encode("utf-8", "surrogateescape")


def _guard(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text
