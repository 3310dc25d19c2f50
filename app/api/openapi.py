"""Parts of the OpenAPI document for what the prediction handler reads itself: bodies and query."""

import re
import warnings
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel

from app.api.paths import is_public
from app.api.schemas import PredictionQuery, Problem
from app.api.uploads import JsonImage

# A two, drawn with four strokes of a pen, 28x28 grey, light on black.
EXAMPLE_PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAABwAAAAcCAAAAABXZoBIAAAAt0lEQVR42mNgGGDA3z5RHIeUxbSv////WuDAhE"
    "Wu/f///7++/v//fwGmnPjX/y+aJIUqHvz/zoUh2fP/lxwDAwOD6///PuhyIl//z2RgYGBgYP/6fxq6pOT3P3oQ"
    "1sn/xzGMVYPKGf//X4TTr5v+v+DCJWeFR6PaU9wa1Z7+/x6IR84dh5wBHjk1AnJ47PuTKCkpKSkpqY0eaSIf/i"
    "PAPKggTBErO5JKXijNCDdWDS7378C3gUuqAMonVbQEhbnpAAAAAElFTkSuQmCC"
)

_IMAGE = {"type": "string", "contentMediaType": "application/octet-stream"}


def _raw_image() -> dict[str, Any]:
    return {"schema": _IMAGE | {"description": "The image file as it is."}}


def _form(field: str, schema: dict[str, Any]) -> dict[str, Any]:
    properties = {field: schema}
    return {"schema": {"type": "object", "required": [field], "properties": properties}}


def _body(content: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": content}}


SINGLE_BODY = _body(
    {
        "application/json": {
            "schema": JsonImage.model_json_schema(),
            "example": {"image": EXAMPLE_PNG},
        },
        "multipart/form-data": _form("image", _IMAGE),
        "image/*": _raw_image(),
        "application/octet-stream": _raw_image(),
    }
)
BATCH_BODY = _body(
    {"multipart/form-data": _form("images", {"type": "array", "minItems": 1, "items": _IMAGE})}
)


def _query(model: type[BaseModel]) -> dict[str, Any]:
    """Return the fields of a model as query parameters, none of them required."""
    properties = model.model_json_schema()["properties"]
    return {
        "parameters": [
            {
                "name": name,
                "in": "query",
                "required": False,
                "schema": schema,
                "description": schema["description"],
            }
            for name, schema in properties.items()
        ]
    }


QUERY = _query(PredictionQuery)

Responses = dict[int | str, dict[str, Any]]

_DESCRIPTIONS = {
    400: "No image, broken form, bad base64, or an unknown query value",
    401: "No API key, or a wrong one, where keys are set",
    404: "No such model",
    408: "The request took too long to arrive",
    413: "More bytes or more pixels than allowed",
    415: "Not an image of a supported type",
    422: "An image that cannot be decoded",
    429: "Too many requests at once",
    503: "Starting, or shutting down",
}


def problem_responses(*statuses: int) -> Responses:
    """Return what the document says of these errors."""
    content = {"application/problem+json": {"schema": Problem.model_json_schema()}}
    return {
        status: {"description": _DESCRIPTIONS[status], "content": content} for status in statuses
    }


def operation_id(route: APIRoute) -> str:
    """Return FastAPI's id of an operation, made of the method that the document has."""
    methods = route.methods or {"GET"}
    method = "get" if "GET" in methods else min(methods).lower()
    return re.sub(r"\W", "_", f"{route.name}{route.path_format}") + f"_{method}"


def customise_document(app: FastAPI, *, keyed: bool) -> None:
    """Let the application's document be ours: without HEAD; with security if keys are needed."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema:
            return app.openapi_schema
        with warnings.catch_warnings():  # of one operation id for GET and HEAD
            warnings.filterwarnings("ignore", "Duplicate Operation ID")
            document = generate()
        for path, operations in document["paths"].items():
            operations.pop("head", None)
            if keyed and not is_public(path):
                for operation in operations.values():
                    operation["security"] = [{"key": []}]
        if keyed:
            scheme = {"type": "http", "scheme": "bearer"}
            document["components"]["securitySchemes"] = {"key": scheme}
        return document

    app.openapi = openapi  # type: ignore[method-assign]
