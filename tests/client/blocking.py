"""Both clients with the same methods: the coroutines of the asyncio client run to their end."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from digitserve_client import AsyncClient, Client

# Creates a client in a context.
Connect = Callable[..., Any]


class _Blocking:
    """AsyncClient whose methods return results; asynchronous iterators become lists."""

    def __init__(self, runner: asyncio.Runner, client: AsyncClient) -> None:
        self._runner, self._client = runner, client

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            return self._runner.run(_result(getattr(self._client, name), *arguments, **options))

        return call


async def _result(method: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    started = method(*arguments, **options)
    if isinstance(started, AsyncIterator):
        return [one async for one in started]
    return await started if inspect.isawaitable(started) else started


@contextmanager
def synchronous(*arguments: Any, **options: Any) -> Iterator[Client]:
    """Return the synchronous client."""
    with Client(*arguments, **options) as client:
        yield client


@contextmanager
def asynchronous(*arguments: Any, **options: Any) -> Iterator[Any]:
    """Return the asyncio client with blocking methods."""
    with asyncio.Runner() as runner:
        client = AsyncClient(*arguments, **options)
        try:
            yield _Blocking(runner, client)
        finally:
            runner.run(client.close())
