"""Errors of the service as exceptions, each with its problem document.

ResponseError
├── MalformedRequestError   400  no image, broken form, unknown query value
├── UnauthorizedError       401  missing or unknown API key
├── ForbiddenError          403  models cannot be changed
├── NotFoundError           404  UnknownModelError, UnknownFeedbackError, FeedbackOffError
├── SlowRequestError        408  request not received in time
├── ModelConflictError      409  the files of a model do not allow a change
├── TooLargeError           413  BodyTooLargeError, TooManyPixelsError, SheetTooLargeError
├── UnsupportedImageError   415  not an image of a supported format
├── UnreadableImageError    422  image that cannot be decoded
├── LayoutMismatchError     422  sheet that does not fit its layout
├── TooBusyError            429  too many requests at once; retried
├── NotSupportedError       501  sheets on a service without OpenCV
└── UnavailableError        503  NotReadyError, OutOfMemoryError, DatabaseError; retried

Source: RFC 9457, "Problem Details for HTTP APIs".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from digitserve_client.errors import DigitserveError

_PREFIX = "urn:digitserve:problem:"


@dataclass(frozen=True, slots=True)
class Problem:
    """Problem document of an error; of a proxy's error page, with empty fields."""

    type: str
    title: str
    status: int
    detail: str
    request_id: str


class ResponseError(DigitserveError):
    """The service has answered with an error.

    Units: ``retry_after`` in seconds, None without the header Retry-After.
    """

    def __init__(self, problem: Problem, retry_after: float | None = None) -> None:
        super().__init__(f"{problem.status} {problem.title}: {problem.detail}")
        self.problem = problem
        self.retry_after = retry_after

    @property
    def status(self) -> int:
        """HTTP status."""
        return self.problem.status

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.problem, self.retry_after)


class MalformedRequestError(ResponseError):
    """The request has no image, a broken body or an invalid parameter."""


class UnauthorizedError(ResponseError):
    """The API key is missing or unknown."""


class ForbiddenError(ResponseError):
    """The path is for administrators, and no admin key is set."""


class NotFoundError(ResponseError):
    """The path does not exist, or what it names does not."""


class UnknownModelError(NotFoundError):
    """No model or version has this name."""


class UnknownFeedbackError(NotFoundError):
    """No feedback has this id, or no recent request has this request id."""


class FeedbackOffError(NotFoundError):
    """The service stores no feedback: no database is set."""


class SlowRequestError(ResponseError):
    """The header or body was not received in time."""


class ModelConflictError(ResponseError):
    """The models cannot be changed in this way."""


class TooLargeError(ResponseError):
    """The body, the image or the sheet is over a limit."""


class BodyTooLargeError(TooLargeError):
    """The body is larger than the byte limit."""


class TooManyPixelsError(TooLargeError):
    """The image is larger than the pixel limit."""


class SheetTooLargeError(TooLargeError):
    """The sheet has more pages or boxes than the limit."""


class UnsupportedImageError(ResponseError):
    """The bytes are not an image of a supported format."""


class UnreadableImageError(ResponseError):
    """The image has a supported format, but cannot be decoded within the limits."""


class LayoutMismatchError(ResponseError):
    """The boxes of the sheet are not where its layout has them."""


class TooBusyError(ResponseError):
    """The limit of concurrent requests, or of request bodies, is reached."""


class NotSupportedError(ResponseError):
    """The service does not have this function."""


class UnavailableError(ResponseError):
    """The service, or a part of it, cannot answer now."""


class NotReadyError(UnavailableError):
    """The service is starting or shutting down."""


class OutOfMemoryError(UnavailableError):
    """The service has no memory for the request."""


class DatabaseError(UnavailableError):
    """The database of feedback cannot be used now."""


def _subclasses(parent: type[ResponseError]) -> list[type[ResponseError]]:
    children = parent.__subclasses__()
    return [*children, *(one for child in children for one in _subclasses(child))]


def _kind(error: type[ResponseError]) -> str:
    name = error.__name__.removesuffix("Error")
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


_BY_KIND = {_kind(one): one for one in _subclasses(ResponseError)}

# For types that this version of the client does not know, and for errors of proxies.
_BY_STATUS: dict[int, type[ResponseError]] = {
    400: MalformedRequestError,
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    408: SlowRequestError,
    409: ModelConflictError,
    413: TooLargeError,
    415: UnsupportedImageError,
    422: UnreadableImageError,
    429: TooBusyError,
    501: NotSupportedError,
    503: UnavailableError,
}


def problem_error(document: Mapping[str, Any], retry_after: float | None = None) -> ResponseError:
    """Create the exception of a problem document, by its ``type``, else by its ``status``."""
    problem = Problem(
        str(document.get("type", "about:blank")),
        str(document.get("title", "")),
        int(document.get("status", 0)),
        str(document.get("detail", "")),
        str(document.get("request_id", "")),
    )
    by_status = _BY_STATUS.get(problem.status, ResponseError)
    error = _BY_KIND.get(problem.type.removeprefix(_PREFIX), by_status)
    return error(problem, retry_after)
