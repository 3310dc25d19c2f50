"""HTTP response with its complete body, and its JSON document."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, TypeVar

from digitserve_client.errors import InvalidAnswerError
from digitserve_client.problems import problem_error

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reply:
    """Response of any HTTP library; names of headers in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def parse_reply(reply: Reply, parse: Callable[[Any], T]) -> T:
    """Return what ``parse`` makes of the document of a successful response.

    Raises: ResponseError for an error; InvalidAnswerError for a response of another service.
    """
    if reply.status >= 400:
        raise problem_error(_problem(reply), _retry_after(reply.headers))
    try:
        return parse(json.loads(reply.body) if reply.body else None)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise InvalidAnswerError(
            f"response: expected a document of digitserve, got status {reply.status} with "
            f"{reply.body[:60]!r}"
        ) from error


def _problem(reply: Reply) -> dict[str, Any]:
    """Return the problem document; an error page of a proxy has none."""
    title = HTTPStatus(reply.status).phrase if reply.status in set(HTTPStatus) else "Error"
    plain = {"title": title, "detail": "no problem document", "status": reply.status}
    try:
        document = json.loads(reply.body)
    except ValueError:
        return plain
    return plain | document | {"status": reply.status} if isinstance(document, dict) else plain


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the value of Retry-After in seconds.

    Source: RFC 9110, section 10.2.3: seconds, or a date.
    """
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())
