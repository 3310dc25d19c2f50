"""Preprocessing pipeline: decodes and normalises uploads, inline or in the decoder process."""

import dataclasses
import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from PIL import Image

from app.images.decoder import decoded_size, draft_jpeg, open_image
from app.images.grey_png import decode_grey_png
from app.images.greyscale import to_grey_with_steps
from app.images.json_image import JsonBody, decode_json_image
from app.inference.decoder.child import Work
from app.inference.decoder.fair_queue import FairQueue
from app.inference.decoder.process import DecoderProcess
from app.inference.rotation import rotate, rotation_angles
from app.inference.sheets.page_reader import PageReader, SheetLimits
from app.inference.sheets.types import PageReading, PageTask
from app.inference.types import Client, NormalisedUpload, Preparation
from app.sheets.documents.page import DocumentLimits
from model_core.preprocessing import NormalisedImage, letterbox, normalise
from model_core.preprocessing.image_ops.edge_density import edge_density
from model_core.preprocessing.image_ops.types import Grey8
from model_core.preprocessing.steps import DecodedSmaller, Step

# Largest uploads that are processed in the event loop, which they block for at most 2 ms, whatever
# they show: measured by `python -m benchmarks.inline`. A larger image must have few edges, too.
ALWAYS_INLINE_PIXELS = 28 * 28
INLINE_PIXELS = 64 * 64
INLINE_EDGE_DENSITY = 4.0

# In bytes. The work for a file grows with the number of its parts. A simple PNG has few kinds.
INLINE_BYTES = 2 * 1024
INLINE_GREY_PNG_BYTES = 8 * 1024

# Formats that are always decoded in the process: libtiff writes its own lines to the log.
_PROCESS_ONLY = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")

# Chunks of a PNG that Pillow decompresses, each to 1 MB.
_COMPRESSED_CHUNKS = (b"zTXt", b"iTXt", b"iCCP")

Steps = tuple[Step, ...]
_NO_STEPS: Steps = ()


class DecodeLimits(NamedTuple):
    """Limits of the decoding.

    Units: ``max_pixels`` is width times height of an image as it is decoded, ``max_scans`` the
    number of scans in a JPEG; ``max_seconds`` and ``max_bytes`` of memory bound the decoder
    process; ``max_waiting`` is the number of uploads that wait for it, ``max_json_values`` that of
    the values in a JSON body. ``max_pages``, ``max_boxes`` and ``layouts_dir`` are for sheets.
    """

    max_pixels: int
    max_scans: int
    max_seconds: float
    max_bytes: int
    max_waiting: int
    max_wait_seconds: float
    max_json_values: int
    max_pages: int = 1
    max_boxes: int = 1
    layouts_dir: Path | None = None

    def for_sheets(self) -> SheetLimits:
        """Return the limits of a sheet."""
        document = DocumentLimits(self.max_pages, self.max_pixels, self.max_scans)
        return SheetLimits(document, self.max_boxes, self.max_json_values, self.layouts_dir)


class Pipeline:
    """Preprocessing pipeline of uploads: open, decode to grey, normalise to MNIST's format.

    ``observe_wait`` is called with the seconds that each large upload waited for the decoder,
    ``on_kill`` when the decoder process was ended by an upload.
    """

    def __init__(
        self,
        limits: DecodeLimits,
        *,
        observe_wait: Callable[[float], None] = lambda _: None,
        on_kill: Callable[[], None] = lambda: None,
    ) -> None:
        self.inline_pixels = min(INLINE_PIXELS, limits.max_pixels)
        self._open = partial(
            open_image,
            max_pixels=limits.max_pixels,
            max_scans=limits.max_scans,
        )
        self._max_json_values = limits.max_json_values
        self._queue = FairQueue(
            limits.max_waiting, limits.max_wait_seconds, observe_wait=observe_wait
        )
        self.max_boxes = limits.max_boxes
        self._decoder = DecoderProcess(
            Work(self._open_and_normalise, PageReader(limits.for_sheets()).read),
            max_seconds=limits.max_seconds,
            max_bytes=limits.max_bytes,
            on_kill=on_kill,
        )

    async def normalise_in_process(
        self,
        data: bytes,
        preparation: Preparation,
        *,
        client: Client,
        limited: bool = True,
        check: Callable[[], None] = lambda: None,
    ) -> NormalisedUpload:
        """Process an upload in the decoder process.

        ``check`` is called at its turn, and can raise an exception if it is no longer needed. The
        number of uploads that wait refuses only a ``limited`` one.
        Raises: an AppError if the bytes are not an image within the limits, or if too many wait;
        MemoryError if the system has no memory for it.
        """
        async with self._queue.turn(client, limited=limited):
            check()
            return await self._decoder.normalise(data, preparation)

    async def read_page(
        self,
        data: bytes,
        task: PageTask,
        *,
        client: Client,
        limited: bool,
        check: Callable[[], None],
    ) -> PageReading:
        """Read a page of a sheet in the decoder process, at its turn, as a large upload."""
        async with self._queue.turn(client, limited=limited):
            check()
            return await self._decoder.read_page(data, task, max_boxes=self.max_boxes)

    def normalise_inline(self, data: bytes, preparation: Preparation) -> NormalisedUpload | None:
        """Process a small upload in the event loop; return None for a larger one.

        Raises: an AppError if the bytes are not an image within the limits.
        """
        if len(data) > INLINE_GREY_PNG_BYTES or preparation.rotate == "auto":
            return None  # all four rotations of the smallest image may take 5 ms
        began = perf_counter()
        grey, steps = decode_grey_png(data, max_pixels=self.inline_pixels), _NO_STEPS
        if grey is None:
            grey, steps = self._decode_inline(data)
        if grey is None or (preparation.normalise and _is_complex(grey)):
            return None
        return _prepare(grey, preparation, grey.size, began, steps)

    def normalise(self, data: bytes, preparation: Preparation) -> NormalisedUpload:
        """Process an upload of any size in this thread, for callers without an event loop.

        The limits of time and memory do not hold: they need the decoder process.
        Raises: an AppError if the bytes are not an image within the other limits.
        """
        upload = self.normalise_inline(data, preparation)
        return self._open_and_normalise(data, preparation) if upload is None else upload

    def stop(self) -> None:
        """End the decoder process."""
        self._decoder.stop()

    def _decode_inline(self, data: bytes) -> tuple[Grey8 | None, Steps]:
        """Decode a small file; None stands for a larger one, or one that may need much work."""
        if len(data) > INLINE_BYTES or _needs_process(data):
            return None, _NO_STEPS
        image = self._open(data)
        if math.prod(decoded_size(image)) > INLINE_PIXELS:
            return None, _NO_STEPS
        return to_grey_with_steps(image)

    def _open_and_normalise(self, data: bytes, preparation: Preparation) -> NormalisedUpload:
        """Process an upload of any size, or the upload in a JSON body."""
        began = perf_counter()
        if isinstance(data, JsonBody):
            data = decode_json_image(data, max_values=self._max_json_values)
        image = self._open(data)
        pixels = image.width * image.height
        coloured = image.mode == "RGB"
        divisor = draft_jpeg(image)
        reopen = partial(self._reopen, data) if coloured and image.mode == "L" else None
        grey, steps = to_grey_with_steps(image, reopen)
        if divisor > 1:
            steps = (DecodedSmaller(divisor), *steps)
        return _prepare(grey, preparation, pixels, began, steps)

    def _reopen(self, data: bytes) -> Image.Image:
        """Open a large JPEG again, in colour."""
        image = self._open(data)
        draft_jpeg(image, in_colour=True)
        return image


def _needs_process(data: bytes) -> bool:
    """Return whether a small file can need much work, or its decoder writes to the log."""
    return data.startswith(_PROCESS_ONLY) or any(kind in data for kind in _COMPRESSED_CHUNKS)


def _is_complex(grey: Grey8) -> bool:
    """Return whether an image may take more than 2 ms to normalise."""
    return grey.size > ALWAYS_INLINE_PIXELS and edge_density(grey) > INLINE_EDGE_DENSITY


def _prepare(
    grey: Grey8, preparation: Preparation, pixels: int, began: float, steps: Steps
) -> NormalisedUpload:
    """Rotate and normalise a decoded image; ``steps`` are the preprocessing steps so far."""
    decoded = perf_counter()
    if preparation.rotate == "0":  # the usual case, 2 us of about 30 faster
        normalised = _normalise_upright(grey, preparation, steps)
        return NormalisedUpload(
            normalised, pixels, began, decoded - began, perf_counter() - decoded
        )
    angles = rotation_angles(preparation.rotate)
    first, *rotated = [_normalise(grey, preparation, angle, steps) for angle in angles]
    ended = perf_counter()
    return NormalisedUpload(
        first, pixels, began, decoded - began, ended - decoded, rotated=tuple(rotated)
    )


def _normalise(grey: Grey8, preparation: Preparation, angle: int, steps: Steps) -> NormalisedImage:
    turned, turns = rotate(grey, angle, preparation.rotate)
    return _normalise_upright(turned, preparation, (*steps, *turns))


def _normalise_upright(grey: Grey8, preparation: Preparation, steps: Steps) -> NormalisedImage:
    normalised = normalise(grey) if preparation.normalise else letterbox(grey)
    if not steps:
        return normalised
    return dataclasses.replace(normalised, steps=(*steps, *normalised.steps))
