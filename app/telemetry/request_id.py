"""Request id: the caller's ``X-Request-ID``, or a new random one."""

import random
import re
from collections.abc import Iterable

HEADER = b"x-request-id"
_VALID = re.compile(rb"[A-Za-z0-9._-]{1,128}")


def choose_request_id(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Return the caller's id if it is a valid one, else a new one."""
    for name, value in headers:
        if name == HEADER:
            return str(value.decode()) if _VALID.fullmatch(value) else _new_id()
    return _new_id()


def _new_id() -> str:
    """Return a random id of 128 bits; it is no secret, so it needs no call to the system.

    Python seeds the generator from the system's, and anew in each process.
    """
    return f"{random.getrandbits(128):032x}"
