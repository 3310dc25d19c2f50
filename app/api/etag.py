"""ETags: an answer that the caller already has is not sent again."""

import hashlib
from typing import Annotated

from fastapi import Depends, Header, Request
from starlette.responses import Response


async def get_if_none_match(
    request: Request,
    _documented: Annotated[
        str | None,
        Header(alias="If-None-Match", description="ETag of the answer that you have."),
    ] = None,
) -> list[str]:
    """Return the tags of the answers that the caller has; the header may come in several lines."""
    parts = ",".join(request.headers.getlist("if-none-match")).split(",")
    return [part.strip().removeprefix("W/") for part in parts]


IfNoneMatch = Annotated[list[str], Depends(get_if_none_match)]


def etag_response(
    body: bytes, known: list[str], *, media_type: str, headers: dict[str, str] | None = None
) -> Response:
    """Answer with a strong ETag, or 304 if the caller has just this answer."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    all_headers = {"ETag": tag, **(headers or {})}
    if tag in known or "*" in known:
        return Response(status_code=304, headers=all_headers)
    return Response(body, headers=all_headers, media_type=media_type)
