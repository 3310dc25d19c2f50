"""Threads for the database: a statement that hangs delays neither the event loop nor the request.

The database has threads of its own. A request waits for a limited time, and only a limited number
of requests wait; the others are refused at once.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import structlog

from app.errors import DatabaseError
from app.feedback.database.faults import fault_of
from app.feedback.types import Fault

logger = structlog.get_logger("digitserve")

# Connections, each with a thread; and requests that have one or wait for one.
THREADS = 2
_MOST_AT_ONCE = 32

_EXPECTED: dict[Fault, str] = {
    "busy": f"at most {_MOST_AT_ONCE} requests that wait for the database, got more",
    "timeout": "an answer of the database in time, got none",
    "locked": "the database to be free, got the lock of another process",
    "full": "space in the database, got none",
    "no-tables": "the newest tables in the database, got others; run python -m app db upgrade",
    "gone": "a connection to the database, got none",
}

Result = TypeVar("Result")


class DatabaseThreads:
    """Threads that call functions of the database; ``on_fault`` is called for each that fails.

    Units: ``seconds`` is the longest wait for a function.
    """

    def __init__(
        self, seconds: float, *, on_fault: Callable[[Fault], None] = lambda _: None
    ) -> None:
        self._seconds = seconds
        self._on_fault = on_fault
        self._pool: ThreadPoolExecutor | None = None
        self._free = threading.Semaphore(_MOST_AT_ONCE)
        self._last_fault: Fault | None = None

    async def run(self, function: Callable[[], Result]) -> Result:
        """Call a function in a thread.

        Raises: DatabaseError if the database fails, or takes too long; then the function may still
        have its effect later.
        """
        if not self._free.acquire(blocking=False):
            raise self._fail("busy")
        if self._pool is None:
            self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="database")
        future = self._pool.submit(function)
        future.add_done_callback(lambda _: self._free.release())
        try:
            result = await asyncio.wait_for(asyncio.wrap_future(future), self._seconds)
        except TimeoutError as error:
            raise self._fail("timeout") from error
        except Exception as error:
            fault = fault_of(error)
            if fault is None:
                raise
            raise self._fail(fault, error) from error
        if self._last_fault is not None:
            logger.info("feedback can be stored again")
            self._last_fault = None
        return result

    def stop(self) -> None:
        """End the threads, without waiting for them; a later call starts new ones."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def _fail(self, fault: Fault, error: Exception | None = None) -> DatabaseError:
        """Count a fault, log the first of its kind, and return the error for the request."""
        self._on_fault(fault)
        if fault != self._last_fault:
            problem = str(getattr(error, "orig", None) or error or _EXPECTED[fault])
            logger.warning("feedback cannot be stored", fault=fault, problem=problem[:500])
            self._last_fault = fault
        return DatabaseError(f"feedback: expected {_EXPECTED[fault]}; try again later")
