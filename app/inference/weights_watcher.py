"""What becomes of the weights files while the service runs.

It goes on with those in memory; but its next start would not, and somebody should know before.
"""

import asyncio
from pathlib import Path

import structlog

from app.inference.registry import LoadedModel, Registry
from model_core.weights import load_weights

POLL_SECONDS = 10.0

logger = structlog.get_logger("digitserve")

# Of a file: when it was written, and its size; None if it is gone.
FileStamp = tuple[int, int] | None


class WeightsWatcher:
    """Looks after the files in ``directory`` that the models of ``registry`` came from."""

    def __init__(self, registry: Registry, directory: Path) -> None:
        self._models = {
            directory / f"{name}.safetensors": model for name, model in registry.models.items()
        }
        self._stamps: dict[Path, FileStamp] = {}

    async def run(self, *, seconds: float = POLL_SECONDS) -> None:
        """Look every few seconds, until cancelled; reading a changed file takes a thread."""
        while True:
            await asyncio.sleep(seconds)
            for path, model in self._models.items():
                if self._has_changed(path):
                    await asyncio.to_thread(_log_change, path, model)

    def _has_changed(self, path: Path) -> bool:
        stamp = _stamp(path)
        if path in self._stamps and self._stamps[path] == stamp:
            return False
        self._stamps[path] = stamp
        return True


def _stamp(path: Path) -> FileStamp:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def _log_change(path: Path, model: LoadedModel) -> None:
    """Say what a file is now, if it is not what was loaded."""
    try:
        sha256 = load_weights(path).sha256
    except Exception as error:  # whatever is wrong with it, the watch goes on
        logger.error("weights file is broken, the model in memory stays in use", problem=str(error))
        return
    if sha256 != model.pretrained.sha256:
        logger.warning("weights file has changed, the next start loads it", file=str(path))
