"""Status codes of errors. Source: gRPC, ``doc/statuscodes.md``; google.rpc, ``code.proto``."""

import grpc

from app.errors import STATUS, AppError

# For each HTTP status of an error, the code that means the same.
_CODES = {
    400: grpc.StatusCode.INVALID_ARGUMENT,
    401: grpc.StatusCode.UNAUTHENTICATED,
    403: grpc.StatusCode.PERMISSION_DENIED,
    404: grpc.StatusCode.NOT_FOUND,
    408: grpc.StatusCode.DEADLINE_EXCEEDED,
    409: grpc.StatusCode.FAILED_PRECONDITION,
    413: grpc.StatusCode.RESOURCE_EXHAUSTED,
    415: grpc.StatusCode.INVALID_ARGUMENT,
    417: grpc.StatusCode.INVALID_ARGUMENT,
    422: grpc.StatusCode.INVALID_ARGUMENT,
    429: grpc.StatusCode.RESOURCE_EXHAUSTED,
    431: grpc.StatusCode.RESOURCE_EXHAUSTED,
    501: grpc.StatusCode.UNIMPLEMENTED,
    503: grpc.StatusCode.UNAVAILABLE,
}

# Details travel in a header, where each character can take twelve bytes, of 8 KiB at most.
_MAX_DETAILS = 500


def code_of(error: AppError) -> grpc.StatusCode:
    """Return the status code of an error."""
    return _CODES[STATUS[type(error)]]


def details_of(error: AppError) -> str:
    """Return the message of an error, shortened if it would not fit into a header."""
    return str(error)[:_MAX_DETAILS]
