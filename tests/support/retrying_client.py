"""Clients that send predictions with ``digitserve_client``; run by ``python -m``, prints JSON.

It prints ``started`` after a first request, and the counts at the end.
"""

import argparse
import asyncio
import json
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass

from digitserve_client import AsyncClient, DigitserveError
from tests.support.pictures import as_bytes

# Of a call, its retries included.
_TIMEOUT_SECONDS = 10.0


@dataclass(slots=True)
class Counts:
    """What the clients have asked for and got. Units: ``slowest`` in seconds."""

    requests: int = 0
    answered: int = 0
    slowest: float = 0.0


async def run(url: str, clients: int, seconds: float) -> Counts:
    """Let clients send one request after the other for some seconds."""
    counts, picture = Counts(), as_bytes()

    async def predict() -> None:
        began = time.monotonic()
        counts.requests += 1
        with suppress(DigitserveError):
            await client.predict(picture)
            counts.answered += 1
        counts.slowest = max(counts.slowest, time.monotonic() - began)

    async def work() -> None:
        while time.monotonic() < end:
            await predict()

    async with AsyncClient(url, timeout=_TIMEOUT_SECONDS) as client:
        await predict()
        sys.stdout.write("started\n")
        sys.stdout.flush()
        end = time.monotonic() + seconds
        await asyncio.gather(*(work() for _ in range(clients)))
    return counts


def main() -> None:
    """Run the clients; print the counts."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=3.0)
    given = parser.parse_args()
    counts = asyncio.run(run(given.url, given.clients, given.seconds))
    sys.stdout.write(json.dumps(asdict(counts)) + "\n")


if __name__ == "__main__":
    main()
