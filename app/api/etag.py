"""Conditional requests: strong ETags, If-None-Match and 304 Not Modified.

Source: RFC 9110, "HTTP Semantics", sections 8.8.3 and 13.1.2.
"""

import hashlib
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from pydantic_core import to_json
from starlette.responses import Response


async def get_if_none_match(
    request: Request,
    _documented: Annotated[
        str | None,
        Header(alias="If-None-Match", description="ETag of the response that the client has."),
    ] = None,
) -> list[str]:
    """Return the ETags in the request's If-None-Match header lines."""
    parts = ",".join(request.headers.getlist("if-none-match")).split(",")
    return [part.strip().removeprefix("W/") for part in parts]


IfNoneMatch = Annotated[list[str], Depends(get_if_none_match)]


def json_etag_response(content: Any, known: list[str]) -> Response:
    """Return a JSON document with a strong ETag; 304 without a body if it is in ``known``."""
    return etag_response(to_json(content), known, media_type="application/json")


def etag_response(
    body: bytes, known: list[str], *, media_type: str, headers: dict[str, str] | None = None
) -> Response:
    """Return a response with a strong ETag; 304 without a body if the ETag is in ``known``."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    all_headers = {"ETag": tag, **(headers or {})}
    if tag in known or "*" in known:
        return Response(status_code=304, headers=all_headers)
    return Response(body, headers=all_headers, media_type=media_type)
