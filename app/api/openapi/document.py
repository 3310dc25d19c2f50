"""OpenAPI document of the application: operations, tags, security schemes and schemas."""

import warnings
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from app.api.openapi import bodies
from app.api.openapi.examples import RESPONSES
from app.api.openapi.parameters import without_null
from app.api.openapi.schemas import component_schemas
from app.api.paths import is_for_admin, is_public

DESCRIPTION = (
    "Reads handwritten digits: single pictures, batches and whole sheets. Every error is a problem "
    "document (RFC 9457), and every response has its request id in `X-Request-ID`."
)
SERVERS = [{"url": "/", "description": "The service that sent this document."}]
TAGS = [
    {"name": "predictions", "description": "Classify one image, or a batch of images."},
    {"name": "sheets", "description": "Find and classify the boxes of a form, table or grid."},
    {"name": "feedback", "description": "True digits of pictures: store, list, show, delete."},
    {"name": "models", "description": "The models, their versions and their model cards."},
    {
        "name": "Open Inference Protocol",
        "description": "The protocol of KServe, Triton and MLServer: health, metadata, inference.",
    },
    {"name": "model repository", "description": "List, load and unload versions of models."},
    {"name": "operations", "description": "Health checks, and metrics for Prometheus."},
]

Operation = dict[str, Any]


def operation_id(route: APIRoute) -> str:
    """Return the operationId of a route: the name of its function, like ``predictBatch``.

    With a version in the path the name ends with ``Version``: ``inferVersion``.
    """
    first, *others = route.name.split("_")
    name = first + "".join(map(str.capitalize, others))
    is_versioned = "{version}" in route.path_format and not name.endswith("Version")
    return f"{name}Version" if is_versioned else name


def customise_document(app: FastAPI, *, keyed: bool) -> None:
    """Customise the application's OpenAPI document; it has API keys if ``keyed``."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema:
            return app.openapi_schema
        for route in app.routes:
            if isinstance(route, APIRoute):
                route.operation_id = operation_id(route)
        with warnings.catch_warnings():  # GET and HEAD of a route have the same operationId
            warnings.filterwarnings("ignore", "Duplicate Operation ID")
            document = generate()
        for path, operations in document["paths"].items():
            operations.pop("head", None)
            for operation in operations.values():
                _drop_what_is_not_sent(operation)
                if example := RESPONSES.get(operation["operationId"]):
                    content = operation["responses"]["200"]["content"]
                    content["application/json"]["example"] = example
                _secure(operation, path, keyed=keyed)
        document["components"] = _components(document, keyed=keyed)
        document["security"] = []  # of operations that name no key
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _drop_what_is_not_sent(operation: Operation) -> None:
    """Remove FastAPI's 422, which no route sends, and null as the value of a parameter."""
    for parameter in operation.get("parameters", []):
        parameter["schema"] = without_null(parameter["schema"])
    refused = operation["responses"].get("422")
    if refused and "HTTPValidationError" in str(refused):
        del operation["responses"]["422"]


def _secure(operation: Operation, path: str, *, keyed: bool) -> None:
    """Add the key that an operation needs; without one, remove the 401, which is not sent then."""
    if is_for_admin(path):
        operation["security"] = [{"admin_key": []}]
    elif keyed and not is_public(path):
        operation["security"] = [{"key": []}]
    else:
        operation["responses"].pop("401", None)


def _components(document: dict[str, Any], *, keyed: bool) -> dict[str, Any]:
    schemas = document["components"]["schemas"] | component_schemas() | bodies.SCHEMAS
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    scheme = {"type": "http", "scheme": "bearer"}
    security = {"admin_key": scheme} | ({"key": scheme} if keyed else {})
    return {"schemas": dict(sorted(schemas.items())), "securitySchemes": security}
