"""Error responses as problem documents (application/problem+json).

Under /v2 the same documents are application/json: KServe's client reads the message of no other
type.
Source: RFC 9457, "Problem Details for HTTP APIs".
"""

from functools import cache
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.api.messages import Headers, HttpResponse, to_starlette
from app.api.paths import V2
from app.errors import (
    STATUS,
    AppError,
    DatabaseError,
    HeaderTooLargeError,
    NotReadyError,
    OutOfMemoryError,
    SlowRequestError,
    TooBusyError,
    UnauthorizedError,
    UnsupportedEncodingError,
    kind,
)
from app.telemetry.request_record import RequestRecord

PROBLEM_TYPE = "application/problem+json"
_CONTENT_TYPE = (b"content-type", PROBLEM_TYPE.encode())
_V2_CONTENT_TYPE = (b"content-type", b"application/json")

INTERNAL_ERROR = "internal error, logged under the request id"

# Additional response headers of an error.
_HEADERS: dict[type[AppError], Headers] = {
    UnauthorizedError: [(b"www-authenticate", b'Bearer realm="digitserve"')],
    SlowRequestError: [(b"connection", b"close")],
    UnsupportedEncodingError: [(b"accept-encoding", b"gzip, deflate")],
    TooBusyError: [(b"retry-after", b"1")],
    HeaderTooLargeError: [(b"connection", b"close")],
    NotReadyError: [(b"retry-after", b"1")],
    DatabaseError: [(b"retry-after", b"5")],
    OutOfMemoryError: [(b"retry-after", b"1")],
}

# Placeholder of the request id in a cached document; a valid id cannot contain it.
_PLACEHOLDER = "<request id>"


def refusal_document(error: AppError, record: RequestRecord) -> dict[str, Any]:
    """Return the document of a refused image or page, among others; note it in the record."""
    record.refuse(error)
    return {"error": error_document(error, record.request_id)}


def error_document(error: AppError, request_id: str) -> dict[str, Any]:
    """Return the problem document of an error."""
    urn = f"urn:digitserve:problem:{kind(error)}"
    return problem_document(STATUS[type(error)], str(error), request_id, type_uri=urn)


def problem_document(
    status: int, detail: str, request_id: str, *, type_uri: str = "about:blank"
) -> dict[str, Any]:
    """Return a problem document; ``error`` repeats ``detail`` for clients of KServe's v2 API."""
    return {
        "type": type_uri,
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "request_id": request_id,
        "error": detail,
    }


def problem_response(
    document: dict[str, Any], path: str = "", headers: Headers = ()
) -> HttpResponse:
    """Return a problem document as the response to a request for a path."""
    return HttpResponse(document["status"], [_content_type(path), *headers], to_json(document))


def _content_type(path: str) -> tuple[bytes, bytes]:
    return _V2_CONTENT_TYPE if path.startswith(V2) else _CONTENT_TYPE


def out_of_memory_error() -> OutOfMemoryError:
    """Create the error for a request for which there is no memory."""
    return OutOfMemoryError(
        "service: expected free memory for this request, got none; try again later"
    )


def failure_response(error: Exception, record: RequestRecord, path: str) -> HttpResponse:
    """Return the response to an unexpected exception, without internal details.

    The status is 503 if memory was short, which ends when other requests are finished, else 500.
    """
    if isinstance(error, MemoryError):
        refusal = out_of_memory_error()
        record.refuse(refusal)
        return error_response(refusal, record.request_id, path)
    return problem_response(problem_document(500, INTERNAL_ERROR, record.request_id), path)


def error_response(error: AppError, request_id: str, path: str = "") -> HttpResponse:
    """Return the response to an error; ``path`` is empty if the request's is unknown."""
    headers = _HEADERS.get(type(error), ())
    if isinstance(error, TooBusyError):  # sent thousands of times a second under overload
        before, after = _too_busy_template(str(error))
        body = b"%s%s%s" % (before, request_id.encode(), after)
        return HttpResponse(STATUS[TooBusyError], [_content_type(path), *headers], body)
    return problem_response(error_document(error, request_id), path, headers)


def add_error_handlers(app: FastAPI) -> None:
    """Register the exception handlers: every error becomes a problem document."""
    app.add_exception_handler(AppError, answer_app_error)
    app.add_exception_handler(HTTPException, _answer_http_exception)
    app.add_exception_handler(Exception, _answer_exception)


def answer_app_error(request: Request, error: Exception) -> Response:
    """Respond to an AppError, and note it in the request's record."""
    if not isinstance(error, AppError):
        raise error
    record = request.state.record
    record.refuse(error)
    return to_starlette(error_response(error, record.request_id, request.url.path))


def _answer_http_exception(request: Request, error: Exception) -> Response:
    """Respond to an error of Starlette's router: unknown path or wrong method."""
    if not isinstance(error, HTTPException):
        raise error
    what = f"{request.method} {request.url.path}"
    detail = f"{what}: expected a path and method of the API (see /docs), got {error.detail}"
    document = problem_document(error.status_code, detail, request.state.record.request_id)
    given = error.headers or {}
    headers = [(name.lower().encode(), value.encode()) for name, value in given.items()]
    if error.status_code == 405:  # Starlette has the methods of only one of the path's routes
        allowed = request.app.state.allowed_methods(request.url.path)
        headers = [(b"allow", allowed.encode())] if allowed else headers
    return to_starlette(problem_response(document, request.url.path, headers))


def _answer_exception(request: Request, error: Exception) -> Response:
    """Respond to an unexpected exception; the gateway logs it."""
    return to_starlette(failure_response(error, request.state.record, request.url.path))


@cache
def _too_busy_template(detail: str) -> tuple[bytes, bytes]:
    """Return the bytes of a TooBusyError's document before and after the request id."""
    document = to_json(error_document(TooBusyError(detail), _PLACEHOLDER))
    before, _, after = document.partition(_PLACEHOLDER.encode())
    return before, after
