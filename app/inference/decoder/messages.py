"""Messages between the server and its decoder process.

The reply is data that is checked when it is read, not a pickle: a decoder that a broken file has
taken over must not be able to run code in the server.
"""

import struct
import traceback
from dataclasses import dataclass

import numpy as np
from pydantic import TypeAdapter

from app.errors import STATUS, AppError
from app.images.json_image import JsonBody
from app.inference.types import NormalisedUpload
from model_core.preprocessing import NormalisedImage
from model_core.preprocessing.mnist_format import SIDE
from model_core.preprocessing.steps import Step

# Size in bytes of the message that follows; before an upload also whether it is normalised, and
# whether it is a JSON body.
HEAD = struct.Struct("<Q")
REQUEST_HEAD = struct.Struct("<Q??")

_UNEXPECTED = "unexpected"
_ERRORS = {error.__name__: error for error in STATUS}


class DecoderError(Exception):
    """An unexpected exception in the decoder process; the message is its traceback."""


@dataclass(slots=True)
class _Reply:
    """Reply of the decoder: a normalised upload without its pixels, or an error."""

    steps: tuple[Step, ...] = ()
    trust: float = 1.0
    source_pixels: int = 0
    began: float = 0.0
    decode_seconds: float = 0.0
    preprocess_seconds: float = 0.0
    warning: str = ""
    error: str = ""
    message: str = ""


_REPLY = TypeAdapter(_Reply)


def request_head(data: bytes, *, auto: bool) -> bytes:
    """Return the head of a request; the upload follows it."""
    return REQUEST_HEAD.pack(len(data), auto, isinstance(data, JsonBody))


def result_reply(upload: NormalisedUpload) -> bytes:
    """Encode a result: the pixels, then everything else as JSON."""
    reply = _Reply(
        upload.normalised.steps,
        upload.normalised.trust,
        upload.source_pixels,
        upload.began,
        upload.decode_seconds,
        upload.preprocess_seconds,
        upload.warning,
    )
    return _framed(upload.normalised.pixels.tobytes() + _REPLY.dump_json(reply))


def error_reply(error: Exception) -> bytes:
    """Encode an error, with a black image."""
    expected = isinstance(error, AppError | MemoryError)
    message = str(error) if expected else "".join(traceback.format_exception(error))
    reply = _Reply(error=type(error).__name__ if expected else _UNEXPECTED, message=message)
    return _framed(bytes(SIDE * SIDE) + _REPLY.dump_json(reply))


def read_reply(reply: bytes) -> NormalisedUpload:
    """Decode a reply.

    Raises: the AppError that it contains; MemoryError; DecoderError; ValueError for a reply of
    another form.
    """
    fields = _REPLY.validate_json(reply[SIDE * SIDE :])
    if fields.error == MemoryError.__name__:
        raise MemoryError(fields.message)
    if fields.error == _UNEXPECTED:
        raise DecoderError(fields.message)
    if fields.error:
        raise _ERRORS[fields.error](fields.message)
    pixels = np.frombuffer(reply, np.uint8, SIDE * SIDE).reshape(SIDE, SIDE)
    return NormalisedUpload(
        NormalisedImage(pixels, fields.steps, fields.trust),
        fields.source_pixels,
        fields.began,
        fields.decode_seconds,
        fields.preprocess_seconds,
        fields.warning,
    )


def _framed(message: bytes) -> bytes:
    return HEAD.pack(len(message)) + message
