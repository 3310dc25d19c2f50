"""Messages between the server and its decoder process.

The reply is data that is checked when it is read, not a pickle: a decoder that a broken file has
taken over must not be able to run code in the server.
"""

import struct
import traceback
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from pydantic import TypeAdapter

from app.errors import STATUS, AppError
from app.images.json_image import JsonBody
from app.inference.types import ROTATIONS, NormalisedUpload, Preparation
from model_core.preprocessing import NormalisedImage
from model_core.preprocessing.mnist_format import SIDE
from model_core.preprocessing.steps import Step

# Size in bytes of the message that follows; before an upload also whether it is a JSON body,
# whether it is normalised, the place of its rotation in ROTATIONS, and the size of the task that
# comes before the upload if it is a sheet.
HEAD = struct.Struct("<Q")
REQUEST_HEAD = struct.Struct("<Q??BQ")

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


class RequestHead(NamedTuple):
    """Head of a request: sizes in bytes of the upload and of the task, which is 0 for a picture."""

    size: int
    is_json: bool
    preparation: Preparation
    task_size: int


def request_head(data: bytes, preparation: Preparation, *, task: bytes = b"") -> bytes:
    """Return the head of a request; the task, if there is one, and the upload follow it."""
    rotation = ROTATIONS.index(preparation.rotate)
    is_json = isinstance(data, JsonBody)
    return REQUEST_HEAD.pack(len(data), is_json, preparation.normalise, rotation, len(task)) + task


def read_request_head(head: bytes) -> RequestHead:
    """Return the fields of a head."""
    size, is_json, normalise, rotation, task_size = REQUEST_HEAD.unpack(head)
    return RequestHead(size, is_json, Preparation(normalise, ROTATIONS[rotation]), task_size)


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
    if fields.error:
        raise _error(fields)
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


def read_error(reply: bytes) -> Exception:
    """Return the error of a reply that has no images."""
    return _error(_REPLY.validate_json(reply[1:]))


def _error(fields: _Reply) -> Exception:
    if fields.error == MemoryError.__name__:
        return MemoryError(fields.message)
    if fields.error == _UNEXPECTED:
        return DecoderError(fields.message)
    return _ERRORS[fields.error](fields.message)


def _framed(message: bytes) -> bytes:
    return HEAD.pack(len(message)) + message
