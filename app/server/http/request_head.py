"""Checks of a request's header: version, target, host and framing.

Source: RFC 9110, "HTTP Semantics"; RFC 9112, "HTTP/1.1".
"""

import re
from functools import lru_cache
from typing import NamedTuple

from app.api.messages import Headers
from app.errors import MalformedRequestError, UnknownExpectationError

ASTERISK = b"*"
_SLASH, _HASH = b"/#"

# Headers that are checked, or that the fast path does not support.
_CHECKED = frozenset({b"host", b"content-length", b"transfer-encoding", b"expect", b"upgrade"})
_MAY_BE_REPEATED = frozenset({b"expect", b"upgrade"})

# RFC 3986, section 3.2: an IP address in brackets, or a name; then a port.
_AUTHORITY = re.compile(
    rb"(?:\[[0-9A-Fa-f:.]+\]|(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)(?::[0-9]*)?"
)
_ABSOLUTE_FORM = re.compile(rb"https?://([^/?#]+)(/[^?]*)?(\?.*)?", re.IGNORECASE)


class RequestHead(NamedTuple):
    """Checked header: the target in origin-form, headers, and the body's framing.

    ``special`` has the values of the headers that the fast path may not support. The header
    ``host`` is that of the target if this names one. Units: ``length`` is in bytes.
    """

    method: bytes
    target: bytes
    headers: Headers
    special: dict[bytes, bytes]
    length: int
    is_chunked: bool
    expects_continue: bool


def check_head(method: bytes, version: str, target: bytes, headers: Headers) -> RequestHead:
    """Check a parsed header; the parser has checked its characters.

    Raises: MalformedRequestError; UnknownExpectationError.
    """
    special = _special_headers(headers)
    if version != "1.1":
        _check_version(version, special)
    host = special.get(b"host")
    if host is None:
        if version != "1.0":
            raise MalformedRequestError("Host: expected one, got none")
    elif not _is_authority(host):
        raise MalformedRequestError(f"Host: expected a name or an IP address, got {_text(host)}")
    if target[0] != _SLASH or _HASH in target or method == b"CONNECT":
        target, authority = _split_target(method, target)
        if authority:
            headers = [(b"host", authority), *(one for one in headers if one[0] != b"host")]
    length = int(special.get(b"content-length", 0))  # the parser has checked that it is digits
    chunked = b"transfer-encoding" in special and _is_chunked(special[b"transfer-encoding"])
    expects = b"expect" in special and version != "1.0" and _expects_continue(special[b"expect"])
    return RequestHead(method, target, headers, special, length, chunked, expects)


def _special_headers(headers: Headers) -> dict[bytes, bytes]:
    special: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in _CHECKED:
            if name in special and name not in _MAY_BE_REPEATED:
                raise MalformedRequestError(f"{_text(name)}: expected one, got several")
            special[name] = value
    return special


def _check_version(version: str, special: dict[bytes, bytes]) -> None:
    """Accept HTTP/1.0 and later versions 1.x, which are compatible with HTTP/1.1."""
    if not version.startswith("1."):
        raise MalformedRequestError(f"request: expected HTTP/1.1 or HTTP/1.0, got HTTP/{version}")
    if version == "1.0" and b"transfer-encoding" in special:  # RFC 9112, section 6.1
        raise MalformedRequestError("Transfer-Encoding: expected none in HTTP/1.0, got one")


def _split_target(method: bytes, target: bytes) -> tuple[bytes, bytes]:
    """Return the origin-form of another form of a target, and the authority that it names."""
    if target == ASTERISK and method == b"OPTIONS":
        return target, b""
    found = _ABSOLUTE_FORM.fullmatch(target)
    if found is None or b"#" in target or method == b"CONNECT" or not _is_authority(found[1]):
        raise MalformedRequestError(
            f"target: expected a path or an http URL, got {_text(method)} {_text(target)}"
        )
    path = found[2] or (ASTERISK if method == b"OPTIONS" and not found[3] else b"/")
    return path + (found[3] or b""), found[1]


def _is_chunked(coding: bytes) -> bool:
    if coding.lower() != b"chunked":
        raise MalformedRequestError(f"Transfer-Encoding: expected chunked, got {_text(coding)}")
    return True


def _expects_continue(expectation: bytes) -> bool:
    if expectation.lower() != b"100-continue":
        raise UnknownExpectationError(f"Expect: expected 100-continue, got {_text(expectation)}")
    return True


@lru_cache(maxsize=256)
def _is_authority(value: bytes) -> bool:
    return _AUTHORITY.fullmatch(value) is not None


def _text(value: bytes) -> str:
    """Return at most 100 characters of a value for an error message."""
    return value[:100].decode("latin-1")
