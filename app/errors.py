"""Everything that can go wrong with a request, and the one shape in which the client learns it.

AppError
├── MalformedRequestError   400  no image, broken multipart, bad base64, unknown query value
├── UnknownModelError       404  no model of that name
├── BodyTooLargeError       413  more bytes than allowed
├── TooManyPixelsError      413  more pixels than allowed
├── UnsupportedImageError   415  not an image of a supported type
├── UnreadableImageError    422  of a supported type, but truncated or corrupt
└── NotReadyError           503  starting, or shutting down

Source: RFC 9457, "Problem Details for HTTP APIs".
"""

import re
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.responses import Response

PROBLEM_TYPE = "application/problem+json"


class AppError(Exception):
    """Base of every error that a request can cause; the message is for the client."""


class MalformedRequestError(AppError):
    """The request is not one that this service understands."""


class UnknownModelError(AppError):
    """There is no model of that name."""


class BodyTooLargeError(AppError):
    """The body has more bytes than allowed."""


class TooManyPixelsError(AppError):
    """The image has more pixels than allowed."""


class UnsupportedImageError(AppError):
    """The bytes are no image of a supported type."""


class UnreadableImageError(AppError):
    """The image is of a supported type, but cannot be decoded."""


class NotReadyError(AppError):
    """The service does not answer yet, or no longer."""


STATUS: dict[type[AppError], int] = {
    MalformedRequestError: 400,
    UnknownModelError: 404,
    BodyTooLargeError: 413,
    TooManyPixelsError: 413,
    UnsupportedImageError: 415,
    UnreadableImageError: 422,
    NotReadyError: 503,
}


def kind(error: AppError | type[AppError]) -> str:
    """Return the name of an error outside of this program: unsupported-image."""
    name = (error if isinstance(error, type) else type(error)).__name__.removesuffix("Error")
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def describe(error: AppError, request_id: str) -> dict[str, Any]:
    """Return the problem document of an error."""
    urn = f"urn:digitserve:problem:{kind(error)}"
    return problem(STATUS[type(error)], str(error), request_id, kind=urn)


def problem(
    status: int, detail: str, request_id: str, *, kind: str = "about:blank"
) -> dict[str, Any]:
    """Return a problem document; ``error`` repeats ``detail`` for clients of the v2 protocol."""
    return {
        "type": kind,
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "request_id": request_id,
        "error": detail,
    }


def problem_response(document: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    """Return a problem document as a response."""
    return Response(to_json(document), document["status"], headers=headers, media_type=PROBLEM_TYPE)


def add_error_handlers(app: FastAPI) -> None:
    """Give every error of the application and of Starlette the one shape."""
    app.add_exception_handler(AppError, answer_app_error)
    app.add_exception_handler(HTTPException, _answer_http_exception)


def answer_app_error(request: Request, error: Exception) -> Response:
    """Answer an error of the application, and note it."""
    if not isinstance(error, AppError):
        raise error
    request.state.record.refuse(error)
    headers = {"Retry-After": "1"} if isinstance(error, NotReadyError) else None
    return problem_response(describe(error, request.state.request_id), headers)


def _answer_http_exception(request: Request, error: Exception) -> Response:
    """Answer what Starlette's router raises: unknown path, wrong method."""
    if not isinstance(error, HTTPException):
        raise error
    what = f"{request.method} {request.url.path}"
    detail = f"{what}: expected a path and method of the API (see /docs), got {error.detail}"
    document = problem(error.status_code, detail, request.state.request_id)
    headers = dict(error.headers or {})
    if headers.get("Allow") == "GET":
        headers["Allow"] = "GET, HEAD"
    return problem_response(document, headers)
