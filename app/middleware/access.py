"""Who may ask: API keys, and the host names that this service goes by."""

import hashlib
import hmac
from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.paths import is_api
from app.errors import MalformedRequestError, UnauthorizedError, refuse
from app.middleware.telemetry import PROBES


class ApiKeys:
    """ASGI middleware: let API requests pass that bear one of ``keys``, and read no others.

    Only digests are kept and compared, each in constant time and all of them every time, so that
    neither the memory nor the time of an answer tells of a key.
    Source: RFC 6750, "Bearer Token Usage".
    """

    def __init__(self, app: ASGIApp, *, keys: Iterable[str]) -> None:
        self._app = app
        self._digests = [hashlib.sha256(key.encode()).digest() for key in keys]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on if it has a key or needs none."""
        if is_api(scope) and (fault := self._fault(scope)):
            error = UnauthorizedError(f"Authorization: expected Bearer and an API key, got {fault}")
            await refuse(error, scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _fault(self, scope: Scope) -> str | None:
        given = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        scheme, _, key = given.partition(b" ")
        if scheme.lower() != b"bearer":
            return "another scheme" if given else "none"
        digest = hashlib.sha256(key.strip()).digest()
        same = [hmac.compare_digest(digest, known) for known in self._digests]
        return None if any(same) else "a key that is not known"


class TrustedHosts:
    """ASGI middleware: answer only requests for one of ``hosts``; ``*.name`` is all below a name.

    Probes pass by: who asks them goes by address.
    """

    def __init__(self, app: ASGIApp, *, hosts: Iterable[str]) -> None:
        self._app = app
        lowered = [host.lower() for host in hosts]
        self._names = {host for host in lowered if not host.startswith("*.")}
        self._endings = tuple(host[1:] for host in lowered if host.startswith("*."))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on if it is for us."""
        if scope["type"] == "http" and scope["path"] not in PROBES:
            host = Headers(scope=scope).get("host", "")
            if not self._trusts(host):
                error = MalformedRequestError(
                    f"Host: expected a name of this service, got {host or 'none'}"
                )
                await refuse(error, scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _trusts(self, host: str) -> bool:
        """Return whether a Host header has one of the names, whatever its port."""
        name, colon, port = host.lower().rpartition(":")
        if not colon or not port.isdecimal():
            name = host.lower()
        return name in self._names or name.endswith(self._endings)
