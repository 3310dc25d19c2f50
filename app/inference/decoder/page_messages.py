"""Messages of the decoder process about a page of a sheet; checked when read, like all of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import TypeAdapter

from app.inference.decoder.messages import HEAD, read_error
from app.inference.sheets.types import PageMap, PageReading, PageTask
from model_core.preprocessing import NormalisedImage
from model_core.preprocessing.mnist_format import SIDE
from model_core.preprocessing.steps import Step

_IMAGE_BYTES = SIDE * SIDE
_MAX_TURNS = 4

# First byte of the reply; that of an error is 0.
_PAGE = b"\1"

# A task as JSON.
TASK = TypeAdapter(PageTask)


@dataclass(slots=True)
class _Reply:
    """Reply of the decoder: a page without its pixels.

    ``steps`` and ``trust`` have an entry for each picture: those of the boxes, then the samples.
    """

    page: PageMap
    steps: tuple[tuple[Step, ...], ...]
    trust: tuple[float, ...]
    turns: tuple[int, ...]
    warning: str


_REPLY = TypeAdapter(_Reply)


def page_reply(reading: PageReading) -> bytes:
    """Encode a page: the number of pictures, their pixels, then everything else as JSON."""
    images = [*reading.images, *(image for row in reading.samples for image in row)]
    reply = _Reply(
        reading.page,
        tuple(image.steps for image in images),
        tuple(image.trust for image in images),
        reading.turns,
        reading.warning,
    )
    pixels = b"".join(image.pixels.tobytes() for image in images)
    message = _PAGE + HEAD.pack(len(images)) + pixels + _REPLY.dump_json(reply)
    return HEAD.pack(len(message)) + message


def read_page_reply(reply: bytes, *, max_boxes: int) -> PageReading:
    """Decode a reply.

    Raises: the AppError that it contains; MemoryError; DecoderError; ValueError for a reply of
    another form.
    """
    if reply[:1] != _PAGE:
        raise read_error(reply)
    count = HEAD.unpack_from(reply, 1)[0]
    if count > max_boxes * (1 + _MAX_TURNS):
        raise ValueError(f"reply: expected at most {max_boxes} boxes, got {count} pictures")
    start = 1 + HEAD.size
    end = start + count * _IMAGE_BYTES
    fields = _REPLY.validate_json(reply[end:])
    if len(fields.page.transform) != 9:
        raise ValueError(f"reply: expected a homography, got {len(fields.page.transform)} numbers")
    pixels = np.frombuffer(reply, np.uint8, count * _IMAGE_BYTES, start)
    images = [
        NormalisedImage(*image)
        for image in zip(pixels.reshape(-1, SIDE, SIDE), fields.steps, fields.trust, strict=True)
    ]
    return _reading(fields.page, images, fields.turns, fields.warning)


def _reading(
    page: PageMap, images: list[NormalisedImage], turns: Sequence[int], warning: str
) -> PageReading:
    """Divide the pictures of a reply into those of the boxes and the samples in each turn."""
    boxes = len(page.boxes)
    places = {place for one in page.fields for place in one.boxes}
    if (
        places - set(range(boxes))
        or len(images) < boxes
        or not set(turns) <= set(range(_MAX_TURNS))
    ):
        raise ValueError(f"reply: expected fields and turns of {boxes} boxes, got others")
    rest = images[boxes:]
    each = len(rest) // len(turns) if turns else 0
    if each * len(turns) != len(rest):
        raise ValueError(f"reply: expected samples for {len(turns)} turns, got {len(rest)}")
    samples = [rest[place * each : (place + 1) * each] for place in range(len(turns))]
    return PageReading(page, images[:boxes], tuple(turns), samples, warning)
