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
        self._setting = setting
        self._missing = False

    def choose(self, model: ModelVersions, request_id: str) -> LoadedModel:
        """Return the version that answers a request that names none."""
        setting = self._setting
        if model.stable.name != setting.model or hash_share(request_id) >= setting.share:
            return model.stable
        version = model.find(setting.version)
        if version is None and not self._missing:
            logger.warning(
                "canary is not loaded, the stable version answers",
                model=setting.model,
                version=setting.version,
            )
        self._missing = version is None
        return version or model.stable


def hash_share(request_id: str) -> float:
    """Return the hash of a request id as a number from 0 to 1, evenly spread (BLAKE2b)."""
    digest = blake2b(request_id.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64
