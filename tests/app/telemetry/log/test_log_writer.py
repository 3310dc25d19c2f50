"""The log writer: no caller waits for the reader of the log, and what is lost is counted."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import current_thread

import pytest

from app.telemetry.log.line_file import LineFile
from app.telemetry.log.log_writer import MAX_LINES, LogWriter
from tests.support.processes import wait_until

LINE = b"x" * 99 + b"\n"


class Pipe:
    """A pipe of the system, and a writer to it; ``lost`` has the counted and the told losses."""

    def __init__(self) -> None:
        self.reading, self.writing = os.pipe()
        self.counted: list[tuple[int, str]] = []
        self.told: list[int] = []
        self.writer = LogWriter(LineFile(self.writing), self.told.append)
        self.writer.on_lost = lambda count, reason: self.counted.append((count, reason))

    def read(self) -> bytes:
        """End the log, and return what is left in the pipe."""
        self.writer.close()
        os.close(self.writing)
        with os.fdopen(self.reading, "rb") as file:
            return file.read()


@pytest.fixture
def pipe() -> Pipe:
    """Return a pipe that nobody reads from."""
    return Pipe()


def test_lines_are_written_in_their_order(pipe: Pipe) -> None:
    """All lines are written in their order, at the end of the log the last ones, too."""
    lines = [b"%d\n" % number for number in range(500)]
    for line in lines:
        pipe.writer.write(line)

    assert pipe.read() == b"".join(lines)
    assert pipe.counted == []
    assert pipe.told == []


def test_a_line_is_written_at_once(pipe: Pipe) -> None:
    """A single line is written without waiting for others."""
    pipe.writer.write(LINE)

    assert os.read(pipe.reading, 4096) == LINE


def test_the_thread_formats_lines(pipe: Pipe) -> None:
    """A function is called where its line is written, in its place."""
    threads: list[str] = []

    def lazy() -> bytes:
        threads.append(current_thread().name)
        return b"lazy\n"

    for line in (b"before\n", lazy, b"after\n"):
        pipe.writer.write(line)

    assert pipe.read() == b"before\nlazy\nafter\n"
    assert threads == ["log writer"]


def test_a_line_that_cannot_be_formatted_is_counted(pipe: Pipe) -> None:
    """Only this line is lost: those before and behind it are written, and the loss is reported."""

    def fail() -> bytes:
        raise MemoryError

    for line in (b"before\n", fail, b"after\n"):
        pipe.writer.write(line)

    assert pipe.read() == b"before\nafter\n"
    assert pipe.counted == [(1, "write-failed")]
    assert pipe.told == [1]


def test_a_reader_that_stops_blocks_no_caller(pipe: Pipe) -> None:
    """Lines beyond pipe and buffer are counted as lost; the end waits for a limited time."""
    began = time.monotonic()
    for _ in range(3 * MAX_LINES):
        pipe.writer.write(LINE)
    written = time.monotonic() - began
    pipe.writer.close()

    lost = len(pipe.counted)
    assert MAX_LINES < lost <= 2 * MAX_LINES
    assert set(pipe.counted) == {(1, "buffer-full")}
    assert written < 5
    assert time.monotonic() - began < 10


def test_lost_lines_are_told_when_the_reader_goes_on(pipe: Pipe) -> None:
    """Each lost line is reported once: the sum of the reports is the number of the metric."""
    for _ in range(3 * MAX_LINES):
        pipe.writer.write(LINE)
    os.set_blocking(pipe.reading, False)

    def all_told() -> bool:
        with suppress(BlockingIOError):
            os.read(pipe.reading, 65536)
        return sum(pipe.told) == len(pipe.counted)

    assert len(pipe.counted) > MAX_LINES
    wait_until(all_told)


def test_lines_that_cannot_be_written_are_counted(pipe: Pipe) -> None:
    """If the reader is gone, each line is counted as lost, and the writer goes on."""
    os.close(pipe.reading)
    for _ in range(100):
        pipe.writer.write(LINE)
    pipe.writer.close()

    assert sum(count for count, _ in pipe.counted) == 100
    assert {reason for _, reason in pipe.counted} == {"write-failed"}


def in_child(act: Callable[[], None]) -> int:
    """Run a function in a forked process; return its exit code."""
    process = os.fork()
    if process == 0:
        try:
            act()
        finally:
            os._exit(0)
    _, status = os.waitpid(process, 0)
    return os.waitstatus_to_exitcode(status)


def test_a_forked_process_writes_its_own_lines(pipe: Pipe) -> None:
    """Parent and child have a thread each; no line of the parent's buffer is written twice."""

    def write_in_child() -> None:
        pipe.writer.write(b"child\n")
        pipe.writer.close()

    pipe.writer.write(b"before\n")
    in_child(write_in_child)
    pipe.writer.write(b"after\n")

    assert sorted(pipe.read().splitlines()) == [b"after", b"before", b"child"]


def test_a_fork_while_the_reader_has_stopped_does_not_hang(pipe: Pipe) -> None:
    """The thread of the parent waits in a write; the child counts from zero, and ends."""
    for _ in range(2 * MAX_LINES):
        pipe.writer.write(LINE)

    def write_in_child() -> None:
        signal.alarm(10)
        pipe.counted.clear()
        pipe.writer.write(LINE)
        pipe.writer.close()
        os._exit(len(pipe.counted))

    assert in_child(write_in_child) == 0


def test_a_signal_is_left_to_the_main_thread() -> None:
    """A process that waits for blocked signals gets them, though it has a thread that writes."""
    code = (
        "import os, signal, structlog; from app.telemetry.log.log_config import configure_logs\n"
        "configure_logs('info'); structlog.get_logger('digitserve').info('a line')\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})\n"
        "os.kill(os.getpid(), signal.SIGTERM)\n"
        "print(signal.sigtimedwait({signal.SIGTERM}, 5).si_signo)"
    )
    command = [sys.executable, "-c", code]
    process = subprocess.run(command, capture_output=True, text=True, check=True)

    assert int(process.stdout) == signal.SIGTERM


@contextmanager
def stopped_reader(code: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run code behind a configured log whose reader has stopped."""
    start = (
        "import sys, structlog; from app.telemetry.log.log_config import configure_logs\n"
        "configure_logs('info'); log = structlog.get_logger('digitserve')\n"
        "for _ in range(3000): log.info('filled', text='x' * 100)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", start + code], stderr=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stderr:
            process.stderr.close()


@pytest.mark.parametrize(
    "code",
    [
        "",
        "import logging; logging.getLogger('library').error('failed')",
        "import warnings; warnings.warn('careful')",
        "sys.exit(0)",
    ],
)
def test_a_process_ends_while_the_reader_has_stopped(code: str) -> None:
    """The process ends, whether the last line is ours, of a library, a warning, or missing."""
    with stopped_reader(code) as process:
        assert process.wait(timeout=20) == 0


@pytest.mark.parametrize(
    "code",
    [
        "raise ValueError('main')",
        "import threading; threading.Thread(target=lambda: 1 / 0).start()",
        "class A:\n    def __del__(self): 1 / 0\nA()",
    ],
)
def test_an_uncaught_exception_blocks_no_process(code: str) -> None:
    """A process ends after an exception that it does not catch, in whichever thread."""
    with stopped_reader(code) as process:
        process.wait(timeout=20)
