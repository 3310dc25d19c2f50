"""Every error that a request can cause, and the HTTP status of each.

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
"""

import re


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


def kind(error: AppError | type[AppError]) -> str:
    """Return the name of an error in responses, logs and metrics, like ``unsupported-image``."""
    name = (error if isinstance(error, type) else type(error)).__name__.removesuffix("Error")
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
