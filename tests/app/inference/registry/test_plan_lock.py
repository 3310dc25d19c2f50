"""Lock of the plan: between threads, between processes, and after the death of its holder."""

import os
import signal
import threading

import pytest

from app.inference.registry.errors import PlanLockError
from app.inference.registry.plan_lock import PlanLock


def is_free(lock: PlanLock) -> bool:
    """Return whether the lock can be taken at once."""
    try:
        with lock.hold(max_wait_seconds=0):
            return True
    except PlanLockError:
        return False


def test_another_thread_waits() -> None:
    """A second holder in the same process is refused."""
    lock, results = PlanLock(), []
    with lock.hold():
        thread = threading.Thread(target=lambda: results.append(is_free(lock)))
        thread.start()
        thread.join()

    assert results == [False]
    assert is_free(lock)


def test_a_killed_holder_holds_nothing() -> None:
    """While another process holds the lock it is taken; when it is killed, it is free."""
    lock = PlanLock()
    reader, writer = os.pipe()
    holder = os.fork()
    if holder == 0:
        with lock.hold():
            os.write(writer, b".")
            signal.pause()
    os.read(reader, 1)
    during = is_free(lock)
    os.kill(holder, signal.SIGKILL)
    os.waitpid(holder, 0)

    assert not during
    with pytest.raises(ZeroDivisionError), lock.hold():
        raise ZeroDivisionError
    assert is_free(lock)
