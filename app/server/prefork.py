"""Prefork supervisor: starts worker processes for one port, replaces dead ones, stops all.

The workers are forked from a parent that has loaded everything: they share its memory, and a
replacement serves within milliseconds. uvicorn's own supervisor starts each worker as a new
interpreter, and supports neither a drain period nor a second signal.
"""

import gc
import os
import signal
import socket
import sys
import time
from collections.abc import Callable

import structlog

logger = structlog.get_logger("digitserve")

_STOP_SIGNALS = {signal.SIGTERM, signal.SIGINT}
_SIGNALS = _STOP_SIGNALS | {signal.SIGCHLD, signal.SIGALRM}

# Shortest time between two starts of the same worker, in case it dies at once after each start.
_MIN_RESTART_SECONDS = 1.0


class PreforkSupervisor:
    """Supervisor of ``count`` worker processes; each runs ``serve`` with its own number.

    All workers accept connections from ``listener``; the parent keeps it open for replacements.
    """

    def __init__(
        self, count: int, serve: Callable[[int], None], *, listener: socket.socket
    ) -> None:
        self._serve = serve
        self._listener = listener
        self._to_start = set(range(count))
        self._worker_numbers: dict[int, int] = {}  # process id to number
        self._start_times: dict[int, float] = {}  # number to time
        self._stopping = False
        self._failed = False

    def run(self) -> int:
        """Run the workers until a signal stops them; return the exit code."""
        # Blocked signals stay pending until sigwait returns them: none interrupts, none is lost.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        gc.freeze()  # the collector does not write to these objects: their pages stay shared
        self._start_workers()
        while self._worker_numbers or not self._stopping:
            received = signal.sigwait(_SIGNALS)
            if received == signal.SIGCHLD:
                self._reap()
            elif received == signal.SIGALRM:
                self._start_workers()
            else:
                self._forward(received)
        return int(self._failed)

    def _start_workers(self) -> None:
        while self._to_start and not self._stopping:
            number = self._to_start.pop()
            self._start_times[number] = time.monotonic()
            process = os.fork()
            if process == 0:
                self._run_worker(number)
            self._worker_numbers[process] = number

    def _run_worker(self, number: int) -> None:
        """Run a worker in the forked process; until its server handles signals, they end it."""
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        self._serve(number)
        sys.exit()

    def _forward(self, signal_number: int) -> None:
        """Forward a stop signal to all workers; a second signal ends their drain."""
        self._stopping = True
        self._listener.close()  # an open one would still queue connections that nobody accepts
        for process in self._worker_numbers:
            os.kill(process, signal_number)

    def _reap(self) -> None:
        """Reap all ended workers and schedule replacements; one SIGCHLD may stand for several."""
        while self._worker_numbers:
            process, status = os.waitpid(-1, os.WNOHANG)
            if process == 0:
                return
            number, code = self._worker_numbers.pop(process), os.waitstatus_to_exitcode(status)
            if self._stopping:
                self._failed |= code != 0 and -code not in _STOP_SIGNALS
                continue
            logger.error("worker died, starting a replacement", process=process, exit_code=code)
            self._to_start.add(number)
            pause = self._start_times[number] + _MIN_RESTART_SECONDS - time.monotonic()
            signal.setitimer(signal.ITIMER_REAL, max(pause, 1e-6))
