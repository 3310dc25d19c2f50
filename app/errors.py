"""Errors of requests, and the HTTP status of each.

AppError
├── MalformedRequestError   400  no image, broken multipart, invalid base64, unknown query value
├── UnauthorizedError       401  missing or unknown API key
├── ForbiddenError          403  an administrator's path, and no admin key is set
├── UnknownModelError       404  no model or version with this name
├── UnknownFeedbackError    404  no feedback with this id, or no picture of this request
├── FeedbackOffError        404  feedback, and no database is set
├── SlowRequestError        408  header or body not received in time
├── ModelConflictError      409  a change of the models that their files do not allow
├── BodyTooLargeError       413  body over the byte limit
├── TooManyPixelsError      413  image over the pixel limit
├── SheetTooLargeError      413  sheet of too many pages or boxes
├── UnsupportedImageError   415  not an image of a supported format
├── UnsupportedEncodingError 415 Content-Encoding other than gzip and deflate
├── UnknownExpectationError 417  an Expect header other than 100-continue
├── UnreadableImageError    422  image of a supported format, but broken or over a decoding limit
├── LayoutMismatchError     422  sheet that does not fit its layout
├── TooBusyError            429  over the limit of concurrent requests, or of request bodies
├── HeaderTooLargeError     431  header over the byte limit
├── NotSupportedError       501  part of a protocol that the service does not have
├── NotReadyError           503  starting or shutting down
├── DatabaseError           503  the database of feedback is gone, full, locked or slow
└── OutOfMemoryError        503  no memory for this request
"""

import re


class AppError(Exception):
    """Base class of the errors of requests; the message is for the client."""


class MalformedRequestError(AppError):
    """The request has no image, a broken body or an invalid parameter."""


class UnauthorizedError(AppError):
    """The API key is missing or unknown."""


class ForbiddenError(AppError):
    """The path is for administrators, and no admin key is set."""


class UnknownModelError(AppError):
    """No model or version has this name."""


class UnknownFeedbackError(AppError):
    """No feedback has this id, or the picture of this request is not remembered."""


class FeedbackOffError(AppError):
    """The service has no database for feedback."""


class SlowRequestError(AppError):
    """The header or body was not received in time."""


class ModelConflictError(AppError):
    """The models cannot be changed in this way: a file is invalid, or a version is needed."""


class BodyTooLargeError(AppError):
    """The body is larger than the byte limit."""


class TooManyPixelsError(AppError):
    """The image is larger than the pixel limit."""


class SheetTooLargeError(AppError):
    """The sheet has more pages or boxes than the limit."""


class UnsupportedImageError(AppError):
    """The bytes are not an image of a supported format."""


class UnsupportedEncodingError(AppError):
    """The body has a content coding that is not supported."""


class UnknownExpectationError(AppError):
    """The header Expect has another value than 100-continue."""


class UnreadableImageError(AppError):
    """The image has a supported format, but cannot be decoded within the limits."""


class LayoutMismatchError(AppError):
    """The boxes of the sheet are not where its layout has them."""


class TooBusyError(AppError):
    """The limit of concurrent requests, or of request bodies, is reached."""


class HeaderTooLargeError(AppError):
    """The header is larger than the byte limit."""


class NotSupportedError(AppError):
    """The service does not have this part of a protocol."""


class NotReadyError(AppError):
    """The service is starting or shutting down."""


class DatabaseError(AppError):
    """The database of feedback cannot be used now."""


class OutOfMemoryError(AppError):
    """The process has no memory for the request."""


STATUS: dict[type[AppError], int] = {
    MalformedRequestError: 400,
    UnauthorizedError: 401,
    ForbiddenError: 403,
    UnknownModelError: 404,
    UnknownFeedbackError: 404,
    FeedbackOffError: 404,
    SlowRequestError: 408,
    ModelConflictError: 409,
    BodyTooLargeError: 413,
    TooManyPixelsError: 413,
    SheetTooLargeError: 413,
    UnsupportedImageError: 415,
    UnsupportedEncodingError: 415,
    UnknownExpectationError: 417,
    UnreadableImageError: 422,
    LayoutMismatchError: 422,
    TooBusyError: 429,
    HeaderTooLargeError: 431,
    NotSupportedError: 501,
    NotReadyError: 503,
    DatabaseError: 503,
    OutOfMemoryError: 503,
}


def kind(error: AppError | type[AppError]) -> str:
    """Return the name of an error in responses, logs and metrics, like ``unsupported-image``."""
    name = (error if isinstance(error, type) else type(error)).__name__.removesuffix("Error")
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
