"""Several processes that serve one port: started, replaced when one dies, ended together.

They are forked from a parent that has loaded everything, so they share its memory, and one that
takes another's place serves within milliseconds. uvicorn's own supervisor starts each from nothing,
and knows neither our server with its drain nor a second signal.
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

# Seconds from one start to the next in the same place, so that what dies at once is not all we do.
_MIN_RESTART_SECONDS = 1.0


class PreforkSupervisor:
    """A number of processes, each of which runs ``serve`` with its own number.

    All accept from ``listener``, of which the parent keeps a copy for those that it may yet start.
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
        """Keep the processes running until a signal ends them; return the exit code."""
        # Blocked signals wait to be asked for: none interrupts, none is lost.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        gc.freeze()  # what is here already is not touched again, so its memory stays shared
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
        """Be a worker; until the server takes signals, they end the process."""
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        self._serve(number)
        sys.exit()

    def _forward(self, number: int) -> None:
        """Pass a signal on; a second one, too, since it ends the drain."""
        self._stopping = True
        self._listener.close()  # or clients would wait for whom no worker accepts any longer
        for process in self._worker_numbers:
            os.kill(process, number)

    def _reap(self) -> None:
        """Take notice of every process that has ended; one signal may stand for several."""
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
