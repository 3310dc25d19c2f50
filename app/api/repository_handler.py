"""Request handler of the model repository: index, load and unload.

Source: Triton Inference Server, "Model Repository Extension".
"""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

from anyio import to_thread

from app.api.messages import HttpRequest
from app.api.schemas import RepositoryEntry
from app.errors import MalformedRequestError
from app.inference.registry import Registry
from app.inference.registry.index import IndexEntry, index_entries, model_names
from app.inference.registry.repository import ModelRepository

# How long load and unload wait until every worker serves the new models. In seconds.
MAX_FOLLOW_SECONDS = 5.0

_POLL_SECONDS = 0.01

# Largest body, in bytes; a valid one has a few parameters.
_MAX_BODY_BYTES = 4096


class RepositoryHandler:
    """Handler of the model repository's routes."""

    def __init__(self, repository: ModelRepository, registry: Registry) -> None:
        self._repository = repository
        self._registry = registry

    async def index(self, request: HttpRequest) -> list[dict[str, str]]:
        """Return all versions with their states; with ``{"ready": true}`` those that are served.

        Raises: MalformedRequestError for another body.
        """
        body = await _read_object(request, {"ready"})
        only_ready = body.get("ready", False)
        if not isinstance(only_ready, bool):
            raise MalformedRequestError(f"body: ready: expected true or false, got {only_ready!r}")
        plan, default = self._repository.plan, self._registry.default_name
        entries = [one for name in model_names(plan, default) for one in index_entries(plan, name)]
        return [_document(one) for one in entries if not only_ready or one.state == "READY"]

    async def load(
        self, request: HttpRequest, name: str, version: str = ""
    ) -> list[dict[str, str]]:
        """Load a model, or one version, in all workers; return the versions of the model.

        Raises: AppErrors of ``ModelRepository.load``; MalformedRequestError for parameters, as
        files and configurations in the request are not supported.
        """
        return await self._change(request, self._repository.load, name, version)

    async def unload(
        self, request: HttpRequest, name: str, version: str = ""
    ) -> list[dict[str, str]]:
        """Unload a model, or one version, in all workers; return the versions of the model.

        Raises: AppErrors of ``ModelRepository.unload``; MalformedRequestError for parameters.
        """
        return await self._change(request, self._repository.unload, name, version)

    async def _change(
        self, request: HttpRequest, change: Callable[[str, str], int], name: str, version: str
    ) -> list[dict[str, str]]:
        await _read_parameters(request)
        generation = await to_thread.run_sync(change, name, version)
        end = time.monotonic() + MAX_FOLLOW_SECONDS
        while time.monotonic() < end and not self._repository.shared.have_followed(generation):
            await asyncio.sleep(_POLL_SECONDS)
        return [_document(one) for one in index_entries(self._repository.plan, name)]


def _document(entry: IndexEntry) -> dict[str, str]:
    return RepositoryEntry(**entry._asdict()).model_dump()


async def _read_parameters(request: HttpRequest) -> None:
    """Check the body of load and unload.

    Raises: MalformedRequestError for parameters other than ``unload_dependents``.
    """
    body = await _read_object(request, {"parameters"})
    parameters = body.get("parameters", {})
    if not isinstance(parameters, dict) or not parameters.keys() <= {"unload_dependents"}:
        raise MalformedRequestError(
            "body: parameters: expected none (models are loaded from the model directory), "
            f"got {str(parameters)[:100]}"
        )


async def _read_object(request: HttpRequest, names: set[str]) -> dict[str, Any]:
    """Return the JSON object in the body; an empty body stands for an empty object."""
    content = await request.read()
    expected = f"body: expected nothing or a JSON object with {' or '.join(names)}"
    if len(content) > _MAX_BODY_BYTES:
        raise MalformedRequestError(f"{expected}, got {len(content)} bytes")
    try:
        document = json.loads(content or b"{}")
    except (ValueError, RecursionError):
        raise MalformedRequestError(f"{expected}, got other bytes") from None
    if not isinstance(document, dict) or not document.keys() <= names:
        raise MalformedRequestError(f"{expected}, got {str(document)[:100]}")
    return document
