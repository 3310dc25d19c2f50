"""Routes of the page's document and static files."""

import gzip
import re
from collections.abc import Awaitable, Callable
from pathlib import PurePosixPath

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.api.etag import etag_response, get_if_none_match
from app.api.paths import GET_AND_HEAD
from app.page.assets import Page

_MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}

_GZIP = re.compile(r"(?:^|[,\s])gzip\s*(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))", re.IGNORECASE)

# No other origins and no inline scripts. Chosen images are blob: URLs, the model's input is a data:
# URL. The hash of the inline style sheet is its source.
_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src {style}",
        "img-src 'self' blob: data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)
_DOCUMENT_HEADERS = {
    "Cache-Control": "no-cache",
    "Permissions-Policy": "geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
}
_ASSET_HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def make_router(page: Page) -> APIRouter:
    """Create a router with a route for the document and one for each static file.

    They are routes of Starlette: FastAPI would take 0.6 ms of the start to analyse each.
    """
    router = APIRouter(include_in_schema=False)
    policy = {"Content-Security-Policy": _POLICY.format(style=page.style)}
    document = _answer(page.document, "text/html", _DOCUMENT_HEADERS | policy)
    router.add_route("/", document, methods=GET_AND_HEAD)
    for path, content in page.assets.items():
        asset = _answer(content, _MEDIA_TYPES[PurePosixPath(path).suffix], _ASSET_HEADERS)
        router.add_route(path, asset, methods=GET_AND_HEAD)
    return router


def _answer(
    body: bytes, media_type: str, headers: dict[str, str]
) -> Callable[[Request], Awaitable[Response]]:
    packed = gzip.compress(body, mtime=0)  # the same bytes for the same content
    headers = headers | {"Vary": "Accept-Encoding"}

    async def answer(request: Request) -> Response:
        known = await get_if_none_match(request)
        if not _GZIP.search(request.headers.get("Accept-Encoding", "")):
            return etag_response(body, known, media_type=media_type, headers=headers)
        encoded = headers | {"Content-Encoding": "gzip"}
        return etag_response(packed, known, media_type=media_type, headers=encoded)

    return answer
