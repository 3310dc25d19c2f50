"""File watcher of the weights: logs files that change, break or vanish while the service runs.

The service keeps the models in memory. The log warns before a restart would fail or load others.
"""

import asyncio
from pathlib import Path

import structlog

from app.inference.registry import LoadedModel, Registry
from model_core.weights import load_weights

POLL_SECONDS = 10.0

logger = structlog.get_logger("digitserve")

# Modification time in ns and size in bytes of a file; None if it does not exist.
FileStamp = tuple[int, int] | None


class WeightsWatcher:
    """File watcher: polls the weights files of ``directory`` from which the models were loaded."""

    def __init__(self, registry: Registry, directory: Path) -> None:
        self._models = {
            directory / f"{name}.safetensors": registry.stable(name) for name in registry.names
        }
        self._stamps: dict[Path, FileStamp] = {}

    async def run(self, *, seconds: float = POLL_SECONDS) -> None:
        """Poll every ``seconds`` until cancelled; changed files are read in a thread."""
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
    """Log a weights file that is broken or differs from the loaded one."""
    try:
        sha256 = load_weights(path).sha256
    except Exception as error:  # any error is logged, and the watcher continues
        logger.error("weights file is broken, the model in memory stays in use", problem=str(error))
        return
    if sha256 != model.pretrained.sha256:
        logger.warning("weights file has changed, the next start loads it", file=str(path))
