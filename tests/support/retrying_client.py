"""Clients that repeat failed predictions; run by ``python -m``, prints JSON.

Two kinds: ``digitserve_client``, and ``budget``, which this text describes.

A request that times out, whose connection fails, or that gets 429 or 503, is sent again after a
random pause, not before the time of ``Retry-After``. All clients share a budget of repetitions, a
tenth of the requests: when all fail, they do not send twice as much.
Source: Google, "Site Reliability Engineering", chapter 22, "Addressing Cascading Failures".
"""

import argparse
import asyncio
import importlib
import json
import random
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import httpx

from tests.support.pictures import as_bytes

_ATTEMPTS = 4
_TIMEOUT = httpx.Timeout(2.0, connect=1.0)
_FIRST_PAUSE = 0.1  # seconds; doubled with each attempt, times a random number of 0.5 to 1.5
_DEADLINE = 10.0  # of a call of digitserve_client, its retries included
_RETRY_SHARE, _SPARE_RETRIES = 0.1, 10.0


@dataclass(slots=True)
class Counts:
    """What the clients have sent; ``attempts`` include the repetitions."""

    requests: int = 0
    answered: int = 0
    attempts: int = 0
    slowest: float = 0.0  # seconds


class Client(Protocol):
    """Client that several tasks share."""

    counts: Counts

    async def predict(self) -> None:
        """Send one prediction, and repeat it if that is worth while."""


class BudgetClient:
    """Client with a budget of repetitions."""

    def __init__(self, url: str) -> None:
        self.counts = Counts()
        self._http = httpx.AsyncClient(base_url=url, timeout=_TIMEOUT)
        self._body = as_bytes()
        self._budget = _SPARE_RETRIES

    async def predict(self) -> None:
        """Send one prediction, and repeat it while it fails and the budget allows."""
        began = time.monotonic()
        self.counts.requests += 1
        self._budget = min(self._budget + _RETRY_SHARE, _SPARE_RETRIES)
        for attempt in range(_ATTEMPTS):
            wait = await self._send()
            if wait is None:
                self.counts.answered += 1
                break
            if self._budget < 1 or attempt == _ATTEMPTS - 1:
                break
            self._budget -= 1
            pause = _FIRST_PAUSE * 2**attempt * random.uniform(0.5, 1.5)
            await asyncio.sleep(max(wait, pause))
        self.counts.slowest = max(self.counts.slowest, time.monotonic() - began)

    async def _send(self) -> float | None:
        """Send once; return None for an answer, else the seconds to wait at least."""
        self.counts.attempts += 1
        try:
            answer = await self._http.post("/v1/predictions", content=self._body)
        except httpx.TransportError:
            return 0.0
        if answer.status_code in (429, 503):
            return float(answer.headers.get("retry-after", "0"))
        return None if answer.is_success else 0.0


class DigitserveClient:
    """The client of this repository; its attempts are not counted."""

    def __init__(self, url: str) -> None:
        package: Any = importlib.import_module("digitserve_client")  # beside the service
        self.counts = Counts()
        self._client = package.AsyncClient(url, timeout=_DEADLINE)
        self._error = package.DigitserveError
        self._body = as_bytes()

    async def predict(self) -> None:
        """Send one prediction with the retries of the client."""
        began = time.monotonic()
        self.counts.requests += 1
        with suppress(self._error):
            await self._client.predict(self._body)
            self.counts.answered += 1
        self.counts.slowest = max(self.counts.slowest, time.monotonic() - began)


KINDS: dict[str, Callable[[str], Client]] = {
    "budget": BudgetClient,
    "digitserve_client": DigitserveClient,
}


async def run(client: Client, clients: int, seconds: float) -> Counts:
    """Print ``started`` after a first request; then let clients send one after the other."""
    await client.predict()
    sys.stdout.write("started\n")
    sys.stdout.flush()
    end = time.monotonic() + seconds

    async def work() -> None:
        while time.monotonic() < end:
            await client.predict()

    await asyncio.gather(*(work() for _ in range(clients)))
    return client.counts


def main() -> None:
    """Run the clients; print the counts."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--kind", choices=KINDS, default="budget")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=3.0)
    given = parser.parse_args()
    client = KINDS[given.kind](given.url)
    counts = asyncio.run(run(client, given.clients, given.seconds))
    sys.stdout.write(json.dumps(asdict(counts)) + "\n")


if __name__ == "__main__":
    main()
