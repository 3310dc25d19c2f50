"""OpenAPI document: request bodies and query parameters of predictions, errors, security scheme.

The prediction handler parses bodies and queries itself, so FastAPI cannot derive their schemas.
"""

import re
import warnings
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel

from app.api.feedback.schemas import FeedbackBody, FeedbackEntry, FeedbackListQuery, FeedbackQuery
from app.api.paths import is_for_admin, is_public
from app.api.schemas import PredictionQuery, Problem
from app.api.sheets.schemas import SheetQuery
from app.api.v2.documents import InferDocument
from app.images.json_image import JsonImage
from app.inference.sheets.json_sheet import JsonSheet

# Example image: a drawn two, 28x28 pixels, grey, light on dark.
EXAMPLE_PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAABwAAAAcCAAAAABXZoBIAAAAt0lEQVR42mNgGGDA3z5RHIeUxbSv////WuDAhE"
    "Wu/f///7++/v//fwGmnPjX/y+aJIUqHvz/zoUh2fP/lxwDAwOD6///PuhyIl//z2RgYGBgYP/6fxq6pOT3P3oQ"
    "1sn/xzGMVYPKGf//X4TTr5v+v+DCJWeFR6PaU9wa1Z7+/x6IR84dh5wBHjk1AnJ47PuTKCkpKSkpqY0eaSIf/i"
    "PAPKggTBErO5JKXijNCDdWDS7378C3gUuqAMonVbQEhbnpAAAAAElFTkSuQmCC"
)

_IMAGE = {"type": "string", "contentMediaType": "application/octet-stream"}


def _raw_image() -> dict[str, Any]:
    return {"schema": _IMAGE | {"description": "The image file."}}


def _form(field: str, schema: dict[str, Any], **more: dict[str, Any]) -> dict[str, Any]:
    properties = {field: schema, **more}
    return {"schema": {"type": "object", "required": [field], "properties": properties}}


def _body(content: dict[str, Any], *, required: bool = True) -> dict[str, Any]:
    return {"requestBody": {"required": required, "content": content}}


def _optional_object(**properties: dict[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return _body({"application/json": {"schema": schema}}, required=False)


_FEEDBACK_JSON = FeedbackBody.model_json_schema()

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
SHEET_BODY = _body(
    {
        "application/json": {"schema": JsonSheet.model_json_schema()},
        "multipart/form-data": _form("image", _IMAGE, layout={"type": "string"}),
        "image/*": _raw_image(),
        "application/pdf": _raw_image(),
        "application/octet-stream": _raw_image(),
    }
)

_FEEDBACK_FORM = _form(
    "digit",
    {"type": "string", "enum": [*map(str, range(10)), "none"]},
    image=_IMAGE,
    request_id=_FEEDBACK_JSON["properties"]["request_id"],
    index={"type": "string", "pattern": "^[0-9]{1,6}$"},
    source={"type": "string", "maxLength": 200},
)
_FEEDBACK_FORM["schema"]["oneOf"] = _FEEDBACK_JSON["oneOf"]
FEEDBACK_BODY = _body(
    {
        "application/json": {
            "schema": _FEEDBACK_JSON,
            "example": {"image": EXAMPLE_PNG, "digit": 2, "source": "a teacher"},
        },
        "multipart/form-data": _FEEDBACK_FORM,
    }
)

INDEX_BODY = _optional_object(ready={"type": "boolean", "description": "Only versions in use."})
CHANGE_BODY = _optional_object(
    parameters={
        "type": "object",
        "properties": {"unload_dependents": {"type": "boolean", "description": "Ignored."}},
        "additionalProperties": False,
    }
)


_BINARY = {"type": "string", "format": "binary", "contentMediaType": "application/octet-stream"}
INFER_BODY = _body(
    {
        "application/json": {
            "schema": InferDocument.model_json_schema(),
            "example": {
                "inputs": [
                    {
                        "name": "image_bytes",
                        "datatype": "BYTES",
                        "shape": [1],
                        "data": [EXAMPLE_PNG],
                    }
                ]
            },
        }
    }
)


def _query(model: type[BaseModel]) -> dict[str, Any]:
    """Return the fields of a pydantic model as optional query parameters."""
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
SHEET_QUERY = _query(SheetQuery)
FEEDBACK_QUERY = _query(FeedbackQuery)
FEEDBACK_LIST_QUERY = _query(FeedbackListQuery)

Responses = dict[int | str, dict[str, Any]]

FEEDBACK_STORED: Responses = {
    200: {"description": "The same was stored already", "model": FeedbackEntry},
    202: {"description": "Stored"},
}

NOT_MODIFIED: Responses = {304: {"description": "Not modified since the ETag of If-None-Match"}}

# The response to a request for binary outputs: JSON, and binary data behind it.
INFER_RESPONSE: Responses = {200: {"content": {"application/octet-stream": {"schema": _BINARY}}}}

VERSION_PARAMETER: dict[str, Any] = {
    "parameters": [
        {
            "name": "version",
            "in": "path",
            "required": True,
            "schema": {"type": "string"},
            "description": "A version of the model, `stable` or `canary`.",
        }
    ]
}

_DESCRIPTIONS = {
    400: "No image, broken form, invalid base64, or unknown query value",
    401: "Missing or unknown API key (if keys are set)",
    403: "Models cannot be changed: no admin key is set",
    404: "No model, version or feedback with this name, or feedback is off",
    408: "Request not received in time",
    409: "The files of the model do not allow this change",
    413: "Body over the byte limit, or image over the limit of pixels, pages or boxes",
    415: "Not an image of a supported format, or an unsupported Content-Encoding",
    422: "Image that cannot be decoded, or sheet that does not fit its layout",
    429: "Too many concurrent requests",
    501: "The service has no OpenCV or PDFium (the extra `sheets`)",
    503: "Starting or shutting down, out of memory, or no database",
}


def problem_responses(*statuses: int, media_type: str = "application/problem+json") -> Responses:
    """Return the error responses of an operation, by status, with the schema of a problem."""
    content = {media_type: {"schema": Problem.model_json_schema()}}
    return {
        status: {"description": _DESCRIPTIONS[status], "content": content} for status in statuses
    }


def operation_id(route: APIRoute) -> str:
    """Return the operationId of a route: name, path and method (never HEAD)."""
    methods = route.methods or {"GET"}
    method = "get" if "GET" in methods else min(methods).lower()
    return re.sub(r"\W", "_", f"{route.name}{route.path_format}") + f"_{method}"


def customise_document(app: FastAPI, *, keyed: bool) -> None:
    """Customise the application's OpenAPI document: no HEAD operations; API keys if ``keyed``."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema:
            return app.openapi_schema
        with warnings.catch_warnings():  # GET and HEAD of a route have the same operationId
            warnings.filterwarnings("ignore", "Duplicate Operation ID")
            document = generate()
        for path, operations in document["paths"].items():
            operations.pop("head", None)
            if is_for_admin(path):
                for operation in operations.values():
                    operation["security"] = [{"admin_key": []}]
            elif keyed and not is_public(path):
                for operation in operations.values():
                    operation["security"] = [{"key": []}]
        scheme = {"type": "http", "scheme": "bearer"}
        schemes = {"admin_key": scheme} | ({"key": scheme} if keyed else {})
        document["components"]["securitySchemes"] = schemes
        return document

    app.openapi = openapi  # type: ignore[method-assign]
