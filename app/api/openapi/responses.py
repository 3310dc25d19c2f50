"""Responses of the OpenAPI document: errors, 304, and examples."""

from typing import Any

from app.api.feedback.schemas import FeedbackEntry
from app.api.openapi.bodies import BINARY
from app.api.openapi.schemas import reference
from app.api.schemas import Problem

Responses = dict[int | str, dict[str, Any]]

FEEDBACK_STORED: Responses = {
    200: {"description": "The same was stored already", "model": FeedbackEntry},
    202: {"description": "Stored"},
}

NOT_MODIFIED: Responses = {304: {"description": "Not modified since the ETag of If-None-Match"}}

# The response to a request for binary outputs: JSON, and binary data behind it.
INFER_RESPONSE: Responses = {200: {"content": {"application/octet-stream": {"schema": BINARY}}}}

_DESCRIPTIONS = {
    400: "No image, broken form, invalid base64, or unknown query value",
    401: "Missing or unknown API key",
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
    content = {media_type: {"schema": reference(Problem)}}
    return {
        status: {"description": _DESCRIPTIONS[status], "content": content} for status in statuses
    }
