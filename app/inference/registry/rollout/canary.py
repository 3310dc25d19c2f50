"""Canary release: a share of the requests that name no version is answered by another version."""

from hashlib import blake2b

import structlog

from app.inference.registry.loaded_model import LoadedModel, ModelVersions
from app.setting_types import VersionShare

logger = structlog.get_logger("digitserve")


class Canary:
    """Canary of one model: its version, and its share of the requests.

    The hash of a request id decides, so every process gives the same answer for an id. While the
    version is not loaded, the stable one answers; the log says so once.
    """

    def __init__(self, setting: VersionShare) -> None:
        self.model = setting.model
        self.version = setting.version
        self._share = setting.share
        self._missing = False

    def choose(self, model: ModelVersions, request_id: str) -> LoadedModel:
        """Return the version that answers a request that names none."""
        if model.stable.name != self.model or hash_share(request_id) >= self._share:
            return model.stable
        version = model.find(self.version)
        if version is None:
            self._warn()
            return model.stable
        self._missing = False
        return version

    def _warn(self) -> None:
        if not self._missing:
            logger.warning(
                "canary is not loaded, the stable version answers",
                model=self.model,
                version=self.version,
            )
        self._missing = True


def hash_share(request_id: str) -> float:
    """Return the hash of a request id as a number from 0 to 1, evenly spread (BLAKE2b)."""
    digest = blake2b(request_id.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64
