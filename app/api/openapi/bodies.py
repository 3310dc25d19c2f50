"""Request bodies of the OpenAPI document.

A file has `format: binary` beside `contentMediaType`: OpenAPI 3.1 knows the latter alone, but
Swagger UI and most generators of clients know a file by the former.
Source: OpenAPI Specification 3.1.0, section 4.8.14, "Considerations for File Uploads".
"""

from typing import Any

from app.api.feedback.schemas import FeedbackBody
from app.api.openapi.examples import EXAMPLE_PNG, INFER
from app.api.openapi.schemas import reference
from app.api.v2.documents import InferDocument
from app.images.json_image import JsonImage
from app.inference.sheets.json_sheet import JsonSheet

BINARY = {"type": "string", "format": "binary", "contentMediaType": "application/octet-stream"}

# Schemas by name; the document has them among its components.
SCHEMAS: dict[str, dict[str, Any]] = {}

_FILE = BINARY | {"description": "The image file."}
_FILES = {"type": "array", "minItems": 1, "items": _FILE}
_LAYOUT = {"type": "string", "description": "Layout of the form in JSON, or the name of one."}


def _object(name: str, properties: dict[str, Any], **rest: Any) -> dict[str, Any]:
    """Add a schema of an object, and return the media type that refers to it."""
    SCHEMAS[name] = {"title": name, "type": "object", "properties": properties} | rest
    return {"schema": {"$ref": f"#/components/schemas/{name}"}}


def _body(content: dict[str, Any], *, required: bool = True) -> dict[str, Any]:
    return {"requestBody": {"required": required, "content": content}}


def _optional_object(name: str, **properties: dict[str, Any]) -> dict[str, Any]:
    content = _object(name, properties, additionalProperties=False)
    return _body({"application/json": content}, required=False)


_JSON_IMAGE = {"schema": reference(JsonImage), "example": {"image": EXAMPLE_PNG}}

SINGLE_BODY = _body(
    {
        "application/json": _JSON_IMAGE,
        "multipart/form-data": _object("ImageForm", {"image": _FILE}, required=["image"]),
        "image/*": {"schema": _FILE},
        "application/octet-stream": {"schema": _FILE},
    }
)
BATCH_BODY = _body(
    {"multipart/form-data": _object("ImagesForm", {"images": _FILES}, required=["images"])}
)
SHEET_BODY = _body(
    {
        "application/json": {"schema": reference(JsonSheet), "example": _JSON_IMAGE["example"]},
        "multipart/form-data": _object(
            "SheetForm", {"image": _FILE, "layout": _LAYOUT}, required=["image"]
        ),
        "image/*": {"schema": _FILE},
        "application/pdf": {"schema": _FILE},
        "application/octet-stream": {"schema": _FILE},
    }
)

_FEEDBACK_EXAMPLE = {"image": EXAMPLE_PNG, "digit": 2, "source": "a teacher"}
_FEEDBACK_FORM = _object(
    "FeedbackForm",
    {
        "digit": {"type": "string", "enum": [*map(str, range(10)), "none"]},
        "image": _FILE,
        "request_id": FeedbackBody.model_json_schema()["properties"]["request_id"],
        "index": {"type": "string", "pattern": "^[0-9]{1,6}$"},
        "source": {"type": "string", "maxLength": 200},
    },
    required=["digit"],
    oneOf=[{"required": ["request_id"]}, {"required": ["image"]}],
)
FEEDBACK_BODY = _body(
    {
        "application/json": {"schema": reference(FeedbackBody), "example": _FEEDBACK_EXAMPLE},
        "multipart/form-data": _FEEDBACK_FORM,
    }
)

INDEX_BODY = _optional_object(
    "IndexRequest", ready={"type": "boolean", "description": "Only versions in use."}
)
CHANGE_BODY = _optional_object(
    "ChangeRequest",
    parameters={
        "title": "ChangeParameters",
        "type": "object",
        "properties": {"unload_dependents": {"type": "boolean", "description": "Ignored."}},
        "additionalProperties": False,
    },
)
INFER_BODY = _body({"application/json": {"schema": reference(InferDocument), "example": INFER}})
