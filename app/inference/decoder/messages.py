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
from app.inference.types import ROTATIONS, NormalisedUpload, Preparation
from model_core.preprocessing import NormalisedImage
from model_core.preprocessing.mnist_format import SIDE
from model_core.preprocessing.steps import Step

# Size in bytes of the message that follows; before an upload also whether it is a JSON body,
# whether it is normalised, and the place of its rotation in ROTATIONS.
HEAD = struct.Struct("<Q")
REQUEST_HEAD = struct.Struct("<Q??B")

# One for each rotation. A decoder that has been taken over must not make the batches too large.
_MAX_IMAGES = 4

# Size in bytes of a normalised image.
_IMAGE_BYTES = SIDE * SIDE

_UNEXPECTED = "unexpected"
_ERRORS = {error.__name__: error for error in STATUS}


class DecoderError(Exception):
    """An unexpected exception in the decoder process; the message is its traceback."""


@dataclass(slots=True)
class _Reply:
    """Reply of the decoder: a normalised upload without its pixels, or an error.

    ``steps`` and ``trust`` have an entry for each candidate.
    """

    steps: tuple[tuple[Step, ...], ...] = ()
    trust: tuple[float, ...] = ()
    source_pixels: int = 0
    began: float = 0.0
    decode_seconds: float = 0.0
    preprocess_seconds: float = 0.0
    warning: str = ""
    error: str = ""
    message: str = ""


_REPLY = TypeAdapter(_Reply)


def request_head(data: bytes, preparation: Preparation) -> bytes:
    """Return the head of a request; the upload follows it."""
    rotation = ROTATIONS.index(preparation.rotate)
    return REQUEST_HEAD.pack(len(data), isinstance(data, JsonBody), preparation.normalise, rotation)


def read_request_head(head: bytes) -> tuple[int, bool, Preparation]:
    """Return the size of the upload that follows, whether it is JSON, and its preparation."""
    size, is_json, normalise, rotation = REQUEST_HEAD.unpack(head)
    return size, is_json, Preparation(normalise, ROTATIONS[rotation])


def result_reply(upload: NormalisedUpload) -> bytes:
    """Encode a result: the number of images, their pixels, then everything else as JSON."""
    images = upload.candidates
    reply = _Reply(
        tuple(image.steps for image in images),
        tuple(image.trust for image in images),
        upload.source_pixels,
        upload.began,
        upload.decode_seconds,
        upload.preprocess_seconds,
        upload.warning,
    )
    pixels = b"".join(image.pixels.tobytes() for image in images)
    return _framed(bytes([len(images)]) + pixels + _REPLY.dump_json(reply))


def error_reply(error: Exception) -> bytes:
    """Encode an error, without images."""
    expected = isinstance(error, AppError | MemoryError)
    message = str(error) if expected else "".join(traceback.format_exception(error))
    reply = _Reply(error=type(error).__name__ if expected else _UNEXPECTED, message=message)
    return _framed(bytes(1) + _REPLY.dump_json(reply))


def read_reply(reply: bytes) -> NormalisedUpload:
    """Decode a reply.

    Raises: the AppError that it contains; MemoryError; DecoderError; ValueError for a reply of
    another form.
    """
    count = reply[0]
    if count > _MAX_IMAGES:
        raise ValueError(f"reply: expected at most {_MAX_IMAGES} images, got {count}")
    fields = _REPLY.validate_json(reply[1 + count * _IMAGE_BYTES :])
    if fields.error == MemoryError.__name__:
        raise MemoryError(fields.message)
    if fields.error == _UNEXPECTED:
        raise DecoderError(fields.message)
    if fields.error:
        raise _ERRORS[fields.error](fields.message)
    pixels = np.frombuffer(reply, np.uint8, count * _IMAGE_BYTES, 1).reshape(-1, SIDE, SIDE)
    first, *rotated = [
        NormalisedImage(*image) for image in zip(pixels, fields.steps, fields.trust, strict=True)
    ]
    return NormalisedUpload(
        first,
        fields.source_pixels,
        fields.began,
        fields.decode_seconds,
        fields.preprocess_seconds,
        fields.warning,
        tuple(rotated),
    )


def _framed(message: bytes) -> bytes:
    return HEAD.pack(len(message)) + message
