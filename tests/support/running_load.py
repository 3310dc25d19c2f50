"""Closed-loop load that runs beside a test."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from tests.support.load import Listener, Report, Request, send


@contextmanager
def running_load(
    server: Listener,
    request: Callable[[int], Request],
    *,
    clients: int,
    pause: float = 0.0,
) -> Iterator[list[Report]]:
    """Send ``request(1)``, ``request(2)`` and so on while the block runs; then give a report.

    The block begins after ten requests of each client. Units: ``pause`` before each request of all
    clients together, in seconds.
    """
    stop, enough = threading.Event(), threading.Event()

    def requests() -> Iterator[Request]:  # the load generator has a lock
        number = 0
        while not stop.is_set():
            number += 1
            if number > 10 * clients:
                enough.set()
            yield request(number)
            time.sleep(pause)

    reports: list[Report] = []
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(send, server, requests(), clients=clients)
        try:
            assert enough.wait(timeout=30)
            yield reports
        finally:
            stop.set()
        reports.append(future.result())
