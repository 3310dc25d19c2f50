"""Errors of the client.

DigitserveError
├── NoResponseError         no connection, or one that ended before the whole response
├── DeadlineExceededError   no response within the timeout of the call, retries included
├── InvalidAnswerError      a response that is not one of digitserve
└── ResponseError           an error of the service, with its problem document (problems.py)
"""


class DigitserveError(Exception):
    """Base class of the errors of the client."""


class NoResponseError(DigitserveError):
    """The connection failed, or ended before the whole response."""


class DeadlineExceededError(DigitserveError, TimeoutError):
    """The timeout of a call has passed; it includes the retries and the pauses between them."""


class InvalidAnswerError(DigitserveError):
    """The response is not one of digitserve: another service is at this URL."""
