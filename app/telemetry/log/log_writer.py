"""Log writer: a bounded buffer and a thread that writes it, so that no caller waits for the log.

The reader of a log can stop: a log shipper that hangs, a pager, Ctrl-S in a terminal, a slow disk.
Then the system blocks every thread that writes.
"""

import atexit
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread, current_thread
from typing import Literal

from app.telemetry.log.line_file import LineFile, join_lines

# Largest number of lines in memory, about 1 MB; further lines are lost.
MAX_LINES = 4096

# Seconds that the end of the process waits for the last lines to be written.
FLUSH_SECONDS = 0.5

# Lines that the thread takes from the buffer at once, and its pause in seconds when the buffer is
# empty. The next lines are then written together: without the pause, the thread would take the
# interpreter's lock from the event loop for each line. With 5 ms a request took 5 % more processor
# time than with a write of its own, with 50 ms none.
_MAX_TAKEN, _PAUSE_SECONDS = 64, 0.05

# A line with a newline at its end, or a function that formats one.
Line = bytes | Callable[[], bytes]

LossReason = Literal["buffer-full", "write-failed"]


class LogWriter:
    """Log writer with a bounded buffer; in each process a thread writes its lines to ``file``.

    A line is lost if the buffer is full, or if it cannot be formatted or written. ``on_lost`` gets
    the number of lost lines and the reason; ``report_lost`` gets their number when lines can be
    written again.
    """

    def __init__(self, file: LineFile, report_lost: Callable[[int], None]) -> None:
        self.on_lost: Callable[[int, LossReason], None] = lambda *_: None
        self._file = file
        self._report_lost = report_lost
        self._begin()
        if hasattr(os, "register_at_fork"):  # not on Windows
            os.register_at_fork(after_in_child=self._begin)
        atexit.register(self.close)

    def _begin(self) -> None:
        """Begin with an empty buffer; a forked process has no thread until it writes a line."""
        self._lines: SimpleQueue[Line | None] = SimpleQueue()
        self._thread: Thread | None = None
        # Two counts: the thread has its own, since ``+=`` of two threads can lose one.
        self._lost_before = self._lost_by_thread = self._reported = 0

    def write(self, line: Line) -> None:
        """Put a line into the buffer; the thread formats it, if it is a function."""
        if self._thread is None:
            self._start_thread()
        if self._lines.qsize() < MAX_LINES or current_thread() is self._thread:
            self._lines.put(line)
        else:
            self._lost_before += 1
            self.on_lost(1, "buffer-full")

    def close(self) -> None:
        """Write the remaining lines, for at most FLUSH_SECONDS."""
        if self._thread is not None:
            self._lines.put(None)
            self._thread.join(FLUSH_SECONDS)

    def _start_thread(self) -> None:
        """Start the thread with all signals blocked: they are for the main thread.

        As a daemon it does not keep the process alive while a write does not return.
        """
        self._thread = Thread(target=self._run, name="log writer", daemon=True)
        if not hasattr(signal, "pthread_sigmask"):  # on Windows
            self._thread.start()
            return
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        try:
            self._thread.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)

    def _run(self) -> None:
        while True:
            lines, is_end = self._take()
            for data in join_lines(lines):
                self._write(data)
            if is_end:
                return
            if self._lines.empty():
                time.sleep(_PAUSE_SECONDS)

    def _take(self) -> tuple[list[bytes], bool]:
        """Wait for a line; return it with the lines behind it, and whether the log ends."""
        lines: list[bytes] = []
        line = self._lines.get()
        with suppress(Empty):
            while line is not None:
                lines.append(line if isinstance(line, bytes) else self._format(line))
                if len(lines) == _MAX_TAKEN:
                    break
                line = self._lines.get_nowait()
        return lines, line is None

    def _format(self, line: Callable[[], bytes]) -> bytes:
        """Return a line, or nothing if it cannot be formatted: the thread goes on with the others.

        The exception is most likely a MemoryError.
        """
        try:
            return line()
        except Exception:
            self._lost_by_thread += 1
            self.on_lost(1, "write-failed")
            return b""

    def _write(self, data: bytes) -> None:
        lost = self._file.write(data)
        if lost:
            self._lost_by_thread += lost
            self.on_lost(lost, "write-failed")
            return
        unreported = self._lost_before + self._lost_by_thread - self._reported
        if unreported:
            self._reported += unreported
            self._report_lost(unreported)
