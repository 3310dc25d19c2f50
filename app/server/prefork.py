"""Prefork supervisor: starts worker processes for one port, replaces dead ones, stops all.

The workers are forked from a parent that has loaded everything: they share its memory, and a
replacement serves within milliseconds. uvicorn's own supervisor starts each worker as a new
interpreter, and supports neither a drain period nor a second signal.
"""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable

import structlog

from app.server.garbage import freeze_memory
from app.server.parent_state import ParentState
from app.server.stop_signals import StopRequests, stop_signals
from app.server.terminal import Terminal, is_hangup

logger = structlog.get_logger("digitserve")

# Shortest time between two starts of the same worker, in case it dies at once after each start.
_MIN_RESTART_SECONDS = 1.0


class PreforkSupervisor:
    """Supervisor of ``count`` worker processes; each runs ``serve`` with its own number.

    All workers accept connections from ``listener``; the parent keeps it open for replacements.
    ``announce`` is called once stop signals are handled, ``reload`` for a SIGHUP that does not stop
    the service, ``prepare`` when a worker wakes the parent and before each fork. After a stop
    signal, it kills workers that run longer than ``drain_seconds + end_seconds``.
    """

    def __init__(
        self,
        count: int,
        serve: Callable[[int, ParentState], None],
        *,
        listener: socket.socket,
        drain_seconds: float,
        end_seconds: float,
        announce: Callable[[], None] = lambda: None,
        reload: Callable[[], None] = lambda: None,
        prepare: Callable[[], None] = lambda: None,
    ) -> None:
        self._serve, self._announce = serve, announce
        self._reload, self._prepare = reload, prepare
        self._terminal = Terminal()
        self._listener = listener
        self._drain_seconds, self._end_seconds = drain_seconds, end_seconds
        self._state = ParentState()
        self._stop_requests = StopRequests()
        self._to_start = set(range(count))
        self._worker_numbers: dict[int, int] = {}  # process id to number
        self._start_times: dict[int, float] = {}  # number to time
        self._kill_time: float | None = None
        self._failed = False
        self._signals = stop_signals() | {signal.SIGCHLD, signal.SIGALRM}

    def run(self) -> int:
        """Run the workers until a signal stops them; return the exit code."""
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # if ignored, no worker could be waited for
        # Blocked signals stay pending until sigwait returns them: none interrupts, none is lost.
        signal.pthread_sigmask(signal.SIG_BLOCK, self._signals)
        self._announce()
        freeze_memory()
        self._start_workers()
        while self._worker_numbers or self._kill_time is None:
            received = signal.sigwait(self._signals)
            if received == signal.SIGCHLD:
                self._reap()
            elif is_hangup(received) and not self._terminal.is_closed_by(received):
                self._reload()
            elif received != signal.SIGALRM:
                self._stop(received)
            elif self._kill_time is None:
                self._start_workers()
            else:
                self._kill_late_workers(self._kill_time)
        return int(self._failed)

    def _start_workers(self) -> None:
        self._prepare()
        while self._to_start:
            number = self._to_start.pop()
            self._start_times[number] = time.monotonic()
            try:
                process = os.fork()
            except OSError as error:  # too many processes, or no memory
                logger.error("cannot start a worker, trying again", error=str(error))
                self._schedule_start(number)
                return
            if process == 0:
                self._run_worker(number)
            self._worker_numbers[process] = number

    def _run_worker(self, number: int) -> None:
        """Run a worker in the forked process; until its server handles signals, they end it."""
        self._state.become_worker()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        if hasattr(signal, "SIGHUP"):  # a terminal sends it to all its processes
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, self._signals)
        self._serve(number, self._state)
        sys.exit()

    def _schedule_start(self, number: int) -> None:
        self._to_start.add(number)
        pause = self._start_times[number] + _MIN_RESTART_SECONDS - time.monotonic()
        _set_timer(pause)

    def _stop(self, signal_number: int) -> None:
        """Stop all workers; a second signal ends their drain period."""
        skips_drain = self._stop_requests.skips_drain(signal_number)
        seconds = self._end_seconds + (0.0 if skips_drain else self._drain_seconds)
        kill_time = time.monotonic() + seconds
        self._kill_time = min(kill_time, self._kill_time or kill_time)
        _set_timer(self._kill_time - time.monotonic())
        self._listener.close()  # the last worker closes it when no connection waits any more
        self._state.announce_stop(signal_number, skips_drain=skips_drain)
        for process in self._worker_numbers:
            os.kill(process, signal.SIGTERM)  # so that it looks at once

    def _kill_late_workers(self, kill_time: float) -> None:
        """Kill the workers that have not ended: blocked, or stopped by SIGSTOP."""
        if time.monotonic() < kill_time:  # the signal of a timer that was set before
            return
        for process in self._worker_numbers:
            logger.error("worker has not ended in time, killing it", process=process)
            os.kill(process, signal.SIGKILL)

    def _reap(self) -> None:
        """Reap all ended workers and schedule replacements; one SIGCHLD may stand for several.

        As process 1 of a container, the parent also gets the orphans of its workers.
        """
        while self._worker_numbers:
            process, status = os.waitpid(-1, os.WNOHANG)
            if process == 0:
                return
            number = self._worker_numbers.pop(process, None)
            if number is None:
                continue
            code = os.waitstatus_to_exitcode(status)
            if self._kill_time is not None:
                self._failed |= code != 0 and -code not in {signal.SIGTERM, signal.SIGINT}
                continue
            logger.error("worker died, starting a replacement", process=process, exit_code=code)
            self._schedule_start(number)


def _set_timer(seconds: float) -> None:
    """Send SIGALRM to this process after some seconds, and cancel an earlier timer."""
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-6))
