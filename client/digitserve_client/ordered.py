"""Maps with bounded concurrency, whose results come in the order of the items."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def map_in_order(
    function: Callable[[Item], Result], items: Iterable[Item], concurrency: int
) -> Generator[Result, None, None]:
    """Yield the results of a function, computed in threads.

    At most ``concurrency`` items are taken before their results are; an error ends the iteration.
    """
    pool = ThreadPoolExecutor(concurrency, thread_name_prefix="digitserve")
    pending: deque[Future[Result]] = deque()
    try:
        for item in items:
            pending.append(pool.submit(function, item))
            if len(pending) >= concurrency:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


async def amap_in_order(
    function: Callable[[Item], Awaitable[Result]], items: Iterable[Item], concurrency: int
) -> AsyncGenerator[Result, None]:
    """Yield the results of a coroutine function, computed in tasks; as ``map_in_order``."""
    pending: deque[asyncio.Future[Result]] = deque()
    try:
        for item in items:
            pending.append(asyncio.ensure_future(function(item)))
            if len(pending) >= concurrency:
                yield await pending.popleft()
        while pending:
            yield await pending.popleft()
    finally:
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
