"""Model updates of a worker: follows the shared plan in a thread, while requests go on."""

import asyncio

import structlog
from anyio import to_thread

from app.inference.registry.repository import ModelRepository

logger = structlog.get_logger("digitserve")


class ModelUpdates:
    """Model updates of one process; ``tick`` is called ten times a second."""

    def __init__(self, repository: ModelRepository) -> None:
        self._repository = repository
        self._task: asyncio.Task[None] | None = None

    def tick(self) -> None:
        """Start an update if there is a newer plan or a reload was requested."""
        if self._repository.has_work and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._update())

    async def _update(self) -> None:
        try:
            await to_thread.run_sync(self._repository.work)
        except Exception:  # the models in memory stay in use
            logger.exception("models cannot be updated")
