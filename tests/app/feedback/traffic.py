"""Traffic of predictions while the database of feedback has a fault."""

import base64
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
import numpy as np

from tests.support.pictures import as_bytes, encode, two

PNG = as_bytes()


@dataclass
class Traffic:
    """Statuses and seconds of the predictions so far."""

    statuses: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        """Return the time that this share of the predictions does not exceed, in milliseconds."""
        return 1000 * float(np.quantile(self.seconds, share))


@contextmanager
def predictions(url: str, clients: int = 2) -> Iterator[Traffic]:
    """Send predictions from several clients, one after the other, until the end of the block."""
    traffic, ended = Traffic(), threading.Event()

    def send() -> None:
        with httpx.Client(base_url=url, timeout=30) as client:
            while not ended.is_set():
                began = time.perf_counter()
                status = client.post("/v1/predictions", content=PNG).status_code
                traffic.seconds.append(time.perf_counter() - began)
                traffic.statuses.append(status)

    threads = [threading.Thread(target=send) for _ in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield traffic
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def give(url: str, digit: int, size: int = 28) -> httpx.Response:
    """Send feedback for a picture of this size."""
    picture = base64.b64encode(encode(two(size))).decode()
    return httpx.post(f"{url}/v1/feedback", json={"image": picture, "digit": digit}, timeout=30)


def give_until(url: str, status: int, seconds: float = 30) -> httpx.Response:
    """Send feedback, each time another digit, until the answer has this status."""
    end = time.monotonic() + seconds
    while True:
        for digit in range(10):
            answer = give(url, digit)
            if answer.status_code == status or time.monotonic() > end:
                assert answer.status_code == status, answer.text
                return answer
