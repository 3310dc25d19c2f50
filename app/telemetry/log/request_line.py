"""Line of the access log as JSON, formatted by the thread that writes it.

Between the steps of requests, formatting took four times as long as in a row with other lines.
"""

from functools import lru_cache
from typing import get_args

from pydantic_core import to_json

from app.telemetry.log.timestamp import whole_second
from model_core.classifier import Decision

# The id, the head, and milliseconds; last, further fields with a comma before them, and the time.
_BEGIN = b'{"request_id":"%b",%b,"total_ms":%.3f'
_PREPARED = b',"decode_ms":%.3f,"preprocess_ms":%.3f'
_PREDICTED = b',"inference_ms":%.3f%b%b'
_END = b'%b,"event":"request","level":"info","timestamp":"%b.%06dZ"}\n'

# Lines of images, of tensors, which are not prepared, and of requests without a result.
_IMAGES, _TENSOR, _NOTHING = (
    _BEGIN + _PREPARED + _PREDICTED + _END,
    _BEGIN + _PREDICTED + _END,
    _BEGIN + _END,
)

_DECISION = {one: b',"decision":"%b"' % one.encode() for one in get_args(Decision)}


def format_request(
    request_id: str,
    method: str,
    route: str,
    status: int,
    seconds: float,
    decode_seconds: list[float],
    preprocess_seconds: list[float],
    inference_seconds: float,
    decisions: list[Decision],
    model: str,
    version: str,
    more: bytes,
    nanoseconds: int,
) -> bytes:
    """Return the line of a request, with a newline at its end.

    ``more`` is what few requests have, as JSON with a comma before each field. ``model`` is empty
    if there is none. Units: seconds of each upload, and of the request's share of passes through
    the network; ``nanoseconds`` since 1970.
    """
    text = _NOTHING
    values: tuple[float | bytes, ...] = ()
    if decisions:
        text = _TENSOR
        values = inference_seconds * 1000, _model(model, version), _count(decisions)
    if decode_seconds:
        text = _IMAGES
        values = sum(decode_seconds) * 1000, sum(preprocess_seconds) * 1000, *values
    second, rest = divmod(nanoseconds, 1_000_000_000)
    return text % (
        request_id.encode(),  # it has no character that JSON escapes
        _head(method, route, status),
        seconds * 1000,
        *values,
        more,
        whole_second(second).encode(),
        rest // 1000,
    )


def _count(decisions: list[Decision]) -> bytes:
    if len(decisions) == 1:
        return _DECISION[decisions[0]]
    return b',"images":%d,"accepted":%d' % (len(decisions), decisions.count("accept"))


@lru_cache(256)
def _head(method: str, route: str, status: int) -> bytes:
    return to_json({"method": method, "route": route, "status": status})[1:-1]


@lru_cache(64)
def _model(name: str, version: str) -> bytes:
    return b"," + to_json({"model": name, "version": version})[1:-1] if name else b""
