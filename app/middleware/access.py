"""Access control: API keys and trusted host names."""

import hashlib
import hmac
from collections.abc import Iterable

from app.api.paths import PROBES, is_public
from app.errors import AppError, MalformedRequestError, UnauthorizedError

Headers = Iterable[tuple[bytes, bytes]]


class AccessControl:
    """Access control by path and headers, before the body is read: API keys and trusted hosts.

    Without ``keys`` no path needs a key; without ``hosts`` every Host header is accepted. The host
    ``*.name`` stands for all subdomains of ``name``. Each check compares the
    digests of all keys in constant time, so the response time reveals no key.
    Source: RFC 6750, "Bearer Token Usage".
    """

    def __init__(self, *, keys: Iterable[str] = (), hosts: Iterable[str] = ()) -> None:
        self._digests = [hashlib.sha256(key.encode()).digest() for key in keys]
        lowered = [host.lower() for host in hosts]
        self._names = {host for host in lowered if not host.startswith("*.")}
        self._endings = tuple(host[1:] for host in lowered if host.startswith("*."))

    def check(self, path: str, headers: Headers) -> AppError | None:
        """Return the error of a request that is refused, or None."""
        if (self._names or self._endings) and path not in PROBES:  # probes use IP addresses
            host = _header(headers, b"host").decode("latin-1")
            if not self._trusts(host):
                return MalformedRequestError(
                    f"Host: expected a name of this service, got {host or 'none'}"
                )
        if self._digests and not is_public(path) and (fault := self._fault(headers)):
            return UnauthorizedError(f"Authorization: expected Bearer and an API key, got {fault}")
        return None

    def _fault(self, headers: Headers) -> str | None:
        given = _header(headers, b"authorization")
        scheme, _, key = given.partition(b" ")
        if scheme.lower() != b"bearer":
            return "another scheme" if given else "none"
        digest = hashlib.sha256(key.strip()).digest()
        same = [hmac.compare_digest(digest, known) for known in self._digests]
        return None if any(same) else "a key that is not known"

    def _trusts(self, host: str) -> bool:
        """Return whether a Host header names a trusted host, with any port."""
        name, colon, port = host.lower().rpartition(":")
        if not colon or not port.isdecimal():
            name = host.lower()
        return name in self._names or name.endswith(self._endings)


def _header(headers: Headers, wanted: bytes) -> bytes:
    return next((value for name, value in headers if name == wanted), b"")
