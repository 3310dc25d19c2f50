"""Component schemas of documents that no route declares: those of bodies, and of errors.

A `$ref` points to them, so that generators make one class of each.
"""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from app.api.feedback.schemas import FeedbackBody
from app.api.schemas import Problem
from app.api.v2.documents import InferDocument
from app.images.json_image import JsonImage
from app.inference.sheets.json_sheet import JsonSheet

_TEMPLATE = "#/components/schemas/{model}"


def reference(model: type[BaseModel]) -> dict[str, Any]:
    """Return the reference to the schema of a model."""
    return {"$ref": _TEMPLATE.format(model=model.__name__)}


def component_schemas() -> dict[str, Any]:
    """Return the schemas of the components by name, referenced schemas included."""
    models: list[type[BaseModel]] = [
        JsonImage,
        JsonSheet,
        FeedbackBody,
        InferDocument,
        Problem,
    ]
    _, document = models_json_schema(
        [(model, "validation") for model in models], ref_template=_TEMPLATE
    )
    schemas: dict[str, Any] = document["$defs"]
    return schemas
