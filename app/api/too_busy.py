"""The answer to a request that has waited for its turn in vain; many are sent when all is full."""

from functools import cache

from pydantic_core import to_json

from app.errors import PROBLEM_TYPE, TooBusyError, describe

BUSY_HEADERS = [(b"content-type", PROBLEM_TYPE.encode()), (b"retry-after", b"1")]

_MARK = "request-id"


def busy_answer(error: TooBusyError, request_id: str) -> bytes:
    """Return the problem document, for the price of putting it together."""
    before, after = _document(str(error))
    return b"%s%s%s" % (before, request_id.encode(), after)


@cache
def _document(detail: str) -> tuple[bytes, bytes]:
    """Return what stands before and after the request id."""
    before, _, after = to_json(describe(TooBusyError(detail), _MARK)).partition(_MARK.encode())
    return before, after
