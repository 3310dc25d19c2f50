"""Which models there are, and what they say of themselves."""

import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request
from pydantic_core import to_json
from starlette.responses import Response

from app.openapi import Responses, problems
from app.registry import Model
from app.schemas import ModelDetail, ModelList
from app.state import StateDependency

router = APIRouter(prefix="/v1/models", tags=["models"])


async def get_known_tags(
    request: Request,
    _documented: Annotated[
        str | None,
        Header(alias="If-None-Match", description="ETag of the answer that you have."),
    ] = None,
) -> list[str]:
    """Return the tags of the answers that the caller has; the header may come in several lines."""
    parts = ",".join(request.headers.getlist("if-none-match")).split(",")
    return [part.strip().removeprefix("W/") for part in parts]


KnownTags = Annotated[list[str], Depends(get_known_tags)]

_UNCHANGED: Responses = {304: {"description": "Unchanged since that ETag"}}


@router.get("", response_model=ModelList, responses=_UNCHANGED)
async def list_models(state: StateDependency, known: KnownTags) -> Response:
    """List the models."""
    default = state.registry.default
    models = [_summary(model, default) for model in state.registry.models.values()]
    return _tagged({"models": models}, known)


@router.get("/{name}", response_model=ModelDetail, responses=_UNCHANGED | problems(404))
async def get_model(name: str, state: StateDependency, known: KnownTags) -> Response:
    """Return the whole card of one model."""
    model = state.registry.get(name)
    card = model.pretrained.card.to_dict()
    parameters = {"parameters": model.classifier.network.parameter_count()}
    return _tagged(_summary(model, state.registry.default) | card | parameters, known)


def _summary(model: Model, default: Model) -> dict[str, Any]:
    card = model.pretrained.card
    return {
        "name": model.name,
        "version": card.version,
        "sha256": model.pretrained.sha256,
        "labels": list(card.labels),
        "input_shape": list(card.input_shape),
        "preprocessing": card.preprocessing,
        "metrics": card.metrics,
        "default": model is default,
    }


def _tagged(content: dict[str, Any], known: list[str]) -> Response:
    """Answer with a strong ETag, or 304 if the caller has just this answer."""
    body = to_json(content)
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    if tag in known or "*" in known:
        return Response(status_code=304, headers={"ETag": tag})
    return Response(body, headers={"ETag": tag}, media_type="application/json")
