"""Everything that can go wrong with a request, and the one shape in which the client learns it.

AppError
├── MalformedRequestError   400  no image, broken multipart, bad base64, unknown query value
├── UnauthorizedError       401  no API key, or not one of ours
├── UnknownModelError       404  no model of that name
├── SlowRequestError        408  a header or body that takes too long to arrive
├── BodyTooLargeError       413  more bytes than allowed
├── TooManyPixelsError      413  more pixels than allowed
├── UnsupportedImageError   415  not an image of a supported type
├── UnreadableImageError    422  of a supported type, but truncated or corrupt
├── TooBusyError            429  as many requests at once as allowed
├── HeaderTooLargeError     431  more bytes of header than allowed
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
from starlette.types import Receive, Scope, Send

PROBLEM_TYPE = "application/problem+json"


class AppError(Exception):
    """Base of every error that a request can cause; the message is for the client."""


class MalformedRequestError(AppError):
    """The request is not one that this service understands."""


class UnauthorizedError(AppError):
    """The request has no API key, or one that is not known."""


class UnknownModelError(AppError):
    """There is no model of that name."""


class SlowRequestError(AppError):
    """The request takes longer to arrive than allowed."""


class BodyTooLargeError(AppError):
    """The body has more bytes than allowed."""


class TooManyPixelsError(AppError):
    """The image has more pixels than allowed."""


class UnsupportedImageError(AppError):
    """The bytes are no image of a supported type."""


class UnreadableImageError(AppError):
    """The image is of a supported type, but cannot be decoded."""


class TooBusyError(AppError):
    """There are as many requests at once as allowed."""


class HeaderTooLargeError(AppError):
    """The header has more bytes than allowed."""


class NotReadyError(AppError):
    """The service does not answer yet, or no longer."""


STATUS: dict[type[AppError], int] = {
    MalformedRequestError: 400,
    UnauthorizedError: 401,
    UnknownModelError: 404,
    SlowRequestError: 408,
    BodyTooLargeError: 413,
    TooManyPixelsError: 413,
    UnsupportedImageError: 415,
    UnreadableImageError: 422,
    TooBusyError: 429,
    HeaderTooLargeError: 431,
    NotReadyError: 503,
}

# What the answer to some errors says to a program.
_HEADERS: dict[type[AppError], dict[str, str]] = {
    UnauthorizedError: {"WWW-Authenticate": 'Bearer realm="digitserve"'},
    SlowRequestError: {"Connection": "close"},
    TooBusyError: {"Retry-After": "1"},
    HeaderTooLargeError: {"Connection": "close"},
    NotReadyError: {"Retry-After": "1"},
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


def error_response(error: AppError, request_id: str) -> Response:
    """Return the answer to an error."""
    return problem_response(describe(error, request_id), _HEADERS.get(type(error)))


async def refuse(error: AppError, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer an error from a middleware, which stands before the error handlers."""
    state = scope["state"]
    state["record"].refuse(error)
    await error_response(error, state["request_id"])(scope, receive, send)


def add_error_handlers(app: FastAPI) -> None:
    """Give every error of the application and of Starlette the one shape."""
    app.add_exception_handler(AppError, answer_app_error)
    app.add_exception_handler(HTTPException, _answer_http_exception)


def answer_app_error(request: Request, error: Exception) -> Response:
    """Answer an error of the application, and note it."""
    if not isinstance(error, AppError):
        raise error
    request.state.record.refuse(error)
    return error_response(error, request.state.request_id)


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
