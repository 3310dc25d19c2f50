"""State of the parent process that its workers see: it runs, it stops them, or it has died."""

import mmap
import os
import select
import signal
from contextlib import suppress


class ParentState:
    """State of the parent, in shared memory; created before the first fork.

    Workers follow it, not the signals alone: systemd and terminals send a signal to all processes
    of a group, so that a worker would get it twice, and the second one would skip the drain period.
    The parent holds one end of a pipe, which the system closes when it dies.
    """

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 2)  # the last stop signal, and 1 if it skips the drain period
        self._process = os.getpid()
        self._reader, self._writer = os.pipe()

    def announce_stop(self, signal_number: int, *, skips_drain: bool) -> None:
        """Tell the workers that the whole service stops; called by the parent."""
        self._memory[0] = signal_number
        self._memory[1] |= skips_drain

    def become_worker(self) -> None:
        """Close the parent's end of the pipe; called by a worker after the fork."""
        os.close(self._writer)

    def wake(self) -> None:
        """Wake the parent: it follows the plan of the models; called by a worker."""
        if not self.has_died:
            with suppress(ProcessLookupError):
                os.kill(self._process, signal.SIGALRM)

    @property
    def stop_signal(self) -> int:
        """Return the signal that stops the whole service, 0 if there was none."""
        return self._memory[0]

    @property
    def skips_drain(self) -> bool:
        """Return whether the workers end their drain period."""
        return self._memory[1] == 1

    @property
    def has_died(self) -> bool:
        """Return whether the parent has died."""
        poll = select.poll()
        poll.register(self._reader, 0)  # the end of the other side is reported in any case
        return bool(poll.poll(0))
