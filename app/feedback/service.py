"""Feedback service: pictures of recent requests, and the database behind its threads."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from app.errors import DatabaseError
from app.feedback.database.engine import connect_lazily
from app.feedback.database.store import FeedbackStore
from app.feedback.recent import RecentPictures
from app.feedback.threads import THREADS, DatabaseThreads
from app.feedback.types import Added, Fault, LabelledPicture, StoredFeedback
from app.settings import Settings

_PURGE_SECONDS = 3600

# The database ends a wait itself a little before the request is answered: then its reason is known.
_SHARE_FOR_THE_DATABASE = 0.75


class FeedbackService:
    """Feedback service of one process, independent of HTTP.

    Raises: DatabaseError, from every method, if the database cannot be used now.
    """

    def __init__(
        self, settings: Settings, url: str, *, on_fault: Callable[[Fault], None] = lambda _: None
    ) -> None:
        self.recent = RecentPictures(settings.workers, settings.feedback_recent)
        seconds = settings.database_seconds
        self._engine = connect_lazily(
            url, seconds=seconds * _SHARE_FOR_THE_DATABASE, connections=THREADS
        )
        self._store = FeedbackStore(self._engine, days=settings.feedback_days)
        self._threads = DatabaseThreads(seconds, on_fault=on_fault)
        self._purge: asyncio.Task[None] | None = None

    async def add(self, picture: LabelledPicture) -> Added:
        """Store a picture with its label; the same picture is stored once, with its last label."""
        return await self._threads.run(partial(self._store.add, picture))

    async def get(self, feedback_id: str) -> StoredFeedback | None:
        """Return feedback with the history of its labels, or None."""
        return await self._threads.run(partial(self._store.get, feedback_id))

    async def page(self, after: int, limit: int) -> list[StoredFeedback]:
        """Return feedback with numbers above ``after``, in order."""
        return await self._threads.run(partial(self._store.page, after, limit))

    async def delete(self, feedback_id: str) -> bool:
        """Delete feedback; return whether there was any."""
        return await self._threads.run(partial(self._store.delete, feedback_id))

    def start(self) -> None:
        """Begin to delete old feedback, now and every hour; the first time checks the database."""
        self._purge = asyncio.get_running_loop().create_task(self._purge_regularly())

    def stop(self) -> None:
        """End the threads and the connections that are idle."""
        if self._purge is not None:
            self._purge.cancel()
        self._threads.stop()
        self._engine.dispose()

    async def _purge_regularly(self) -> None:
        while True:
            with suppress(DatabaseError):  # it is logged and counted
                await self._threads.run(self._store.purge)
            await asyncio.sleep(_PURGE_SECONDS)
