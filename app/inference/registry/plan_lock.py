"""Lock between threads and processes that ends with the process that holds it."""

import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from app.inference.registry.errors import PlanLockError

# Windows has no such locks, and only one process serves there.
try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment]

# How long to wait for the lock: another change loads its files meanwhile. In seconds.
MAX_WAIT_SECONDS = 10.0

_PAUSE_SECONDS = 0.02


class PlanLock:
    """Lock of the plan, created before the processes are forked.

    It is a record lock on a file in memory, which the system releases when its process ends.
    """

    def __init__(self) -> None:
        self._threads = threading.Lock()
        self._file = _anonymous_file() if fcntl else -1

    @contextmanager
    def hold(self, *, max_wait_seconds: float = MAX_WAIT_SECONDS) -> Iterator[None]:
        """Hold the lock while the block runs.

        Raises: PlanLockError if another thread or process holds it for too long.
        """
        end = time.monotonic() + max_wait_seconds
        if not self._threads.acquire(timeout=max_wait_seconds):
            raise _busy_error()
        try:
            while not self._try_process_lock():
                if time.monotonic() >= end:
                    raise _busy_error()
                time.sleep(_PAUSE_SECONDS)
            yield
        finally:
            if fcntl:
                fcntl.lockf(self._file, fcntl.LOCK_UN)
            self._threads.release()

    def _try_process_lock(self) -> bool:
        if not fcntl:
            return True
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:  # another process holds it
            return False
        return True


def _busy_error() -> PlanLockError:
    return PlanLockError("models: expected no other change at the same time, got one; try again")


def _anonymous_file() -> int:
    """Return the descriptor of a file in memory; on other systems than Linux a temporary file."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("digitserve-plan")
    descriptor, path = tempfile.mkstemp()
    os.unlink(path)
    return descriptor
