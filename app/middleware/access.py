"""Access control: API keys and trusted host names."""

import hashlib
import hmac
import re
from collections.abc import Iterable

from app.api.messages import Headers
from app.api.paths import PROBES, is_for_admin, is_public
from app.errors import AppError, ForbiddenError, MalformedRequestError, UnauthorizedError

# A host name or an address in brackets, then a port. Source: RFC 3986, sections 3.2.2 and 3.2.3,
# with the narrower rule of RFC 1123 for names, and "_", which container networks have in names.
_HOST = re.compile(r"((?:[a-z0-9_-]+\.)*[a-z0-9_-]+|\[[0-9a-f:.]+\])\.?(?::[0-9]*)?")


class AccessControl:
    """Access control by path and headers, before the body is read: API keys and trusted hosts.

    Without ``keys`` only the paths of administrators need one: ``admin_key``, without which they
    are refused. Without ``hosts`` every Host header is accepted. The host ``*.name`` stands for all
    subdomains of ``name``. Each check compares the digests of all keys in constant time, so the
    response time reveals no key.
    Source: RFC 6750, "Bearer Token Usage".
    """

    def __init__(
        self, *, keys: Iterable[str] = (), hosts: Iterable[str] = (), admin_key: str | None = None
    ) -> None:
        self._digests = [_digest(key) for key in keys]
        self._admin_digests = [_digest(admin_key)] if admin_key else []
        lowered = [host.lower().removesuffix(".") for host in hosts]
        self._names = {host for host in lowered if not host.startswith("*.")}
        self._endings = tuple(host[1:] for host in lowered if host.startswith("*."))

    def check(self, path: str, headers: Headers, *, checks_host: bool = True) -> AppError | None:
        """Return the error of a request that is refused, or None."""
        # Probes use IP addresses.
        if checks_host and (self._names or self._endings) and path not in PROBES:
            given = _values(headers, b"host")
            if len(given) != 1 or not self._trusts(given[0].decode("latin-1")):
                got = b" and ".join(given).decode("latin-1") or "none"
                return MalformedRequestError(f"Host: expected a name of this service, got {got}")
        if is_for_admin(path):
            return self._check_admin(headers)
        if self._digests and not is_public(path) and (fault := _fault(headers, self._digests)):
            return UnauthorizedError(f"Authorization: expected Bearer and an API key, got {fault}")
        return None

    def _check_admin(self, headers: Headers) -> AppError | None:
        if not self._admin_digests:
            return ForbiddenError(
                "model repository: expected the setting DIGITS_ADMIN_KEY to be able to load and "
                "unload models, got none"
            )
        if fault := _fault(headers, self._admin_digests):
            return UnauthorizedError(
                f"Authorization: expected Bearer and the admin key, got {fault}"
            )
        return None

    def _trusts(self, host: str) -> bool:
        """Return whether a Host header names a trusted host, with any port."""
        valid = _HOST.fullmatch(host.lower())
        return bool(valid and (valid[1] in self._names or valid[1].endswith(self._endings)))


def _values(headers: Headers, wanted: bytes) -> list[bytes]:
    """Return all values of a header: of two, another server may use the other one."""
    return [value for name, value in headers if name == wanted]


def _fault(headers: Headers, digests: list[bytes]) -> str | None:
    """Return what is wrong with the key of a request, None if it is one of ``digests``."""
    values = _values(headers, b"authorization")
    if len(values) != 1:
        return "more than one" if values else "none"
    scheme, _, key = values[0].partition(b" ")
    if scheme.lower() != b"bearer":
        return "another scheme" if values[0] else "none"
    digest = hashlib.sha256(key.strip()).digest()
    same = [hmac.compare_digest(digest, known) for known in digests]
    return None if any(same) else "a key that is not known"


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
