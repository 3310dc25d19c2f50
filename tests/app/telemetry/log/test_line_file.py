"""Lines written to a descriptor: whole pieces, and what is lost when a write fails."""

import os
import threading
from pathlib import Path

import pytest

from app.telemetry.log.line_file import MAX_WRITE, LineFile, join_lines


def test_lines_are_joined_to_pieces_that_are_written_at_once() -> None:
    """A piece is as long as possible, a longer line is a piece of its own, nothing is lost."""
    lines = [b"%d" % (number % 10) * 99 + b"\n" for number in range(100)]
    lines.insert(50, b"x" * MAX_WRITE + b"\n")

    pieces = list(join_lines(lines))

    assert b"".join(pieces) == b"".join(lines)
    assert [len(piece) for piece in pieces] == [4000, 1000, MAX_WRITE + 1, 4000, 1000]


def test_no_lines_are_no_pieces() -> None:
    """Without lines nothing is written."""
    assert list(join_lines([])) == []


def test_lines_are_written(tmp_path: Path) -> None:
    """All lines are in the file, and none is counted as lost."""
    with open(tmp_path / "log", "wb") as file:
        assert LineFile(file.fileno()).write(b"one\ntwo\n") == 0

    assert (tmp_path / "log").read_bytes() == b"one\ntwo\n"


def test_lines_without_a_descriptor_are_lost() -> None:
    """Standard error was closed: the number of lines is returned, and there is no exception."""
    assert LineFile(None).write(b"one\ntwo\n") == 2


def test_lines_that_the_system_refuses_are_lost() -> None:
    """The disk is full: the number of lines is returned, and there is no exception."""
    with open("/dev/full", "wb", buffering=0) as full:
        assert LineFile(full.fileno()).write(b"one\ntwo\n") == 2


def test_a_cut_line_stays_on_a_line_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a write that failed in the middle of a line, the next line begins a new one."""
    written: list[bytes] = []
    capacities = [5, 0, 100, 100]

    def write(_: int, data: bytes) -> int:
        capacity = capacities.pop(0)
        if capacity == 0:
            raise OSError("full")
        written.append(data[:capacity])
        return len(written[-1])

    monkeypatch.setattr(os, "write", write)
    file = LineFile(2)

    assert file.write(b"one\ntwo\n") == 1
    assert file.write(b"three\n") == 0
    assert b"".join(written) == b"one\nt\nthree\n"


def test_a_full_non_blocking_pipe_is_waited_for() -> None:
    """Another program can set the shared pipe to non-blocking: lines wait, and none is lost."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    text = b"".join(b"%06d\n" % number for number in range(20_000))  # more than a pipe holds
    pieces = list(join_lines(text.splitlines(keepends=True)))
    received: list[bytes] = []

    def read() -> None:
        while piece := os.read(reading, 65536):
            received.append(piece)

    reader = threading.Thread(target=read)
    file = LineFile(writing)
    lost = [file.write(piece) for piece in pieces[:1]]
    reader.start()
    lost += [file.write(piece) for piece in pieces[1:]]
    os.close(writing)
    reader.join()
    os.close(reading)

    assert set(lost) == {0}
    assert b"".join(received) == text
