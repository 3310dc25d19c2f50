"""Preprocessing pipeline: decodes and normalises uploads, inline or in a thread by size."""

import math
from functools import partial
from time import perf_counter

from anyio import CapacityLimiter, to_thread
from PIL import Image

from app.images.decoder import decoded_size, draft_jpeg, open_image
from app.images.grey_png import decode_grey_png
from app.images.greyscale import to_grey
from app.inference.types import NormalisedUpload
from model_core.preprocessing import NormalisedImage, letterbox, normalise
from model_core.preprocessing.image_ops.types import Grey8
from model_core.preprocessing.steps import DecodedSmaller, Step

# Largest uploads that are processed in the event loop. They block it for about 1 ms (a few ms for
# a file constructed to be slow). Larger ones go to a thread; the handover alone takes 0.1 ms.
INLINE_BYTES = 8 * 1024
INLINE_PIXELS = 300 * 300

# Threads that decode large images. A process usually has one core: a second thread would delay the
# small requests and need memory for a second image.
THREADS = 1


class Pipeline:
    """Preprocessing pipeline of uploads: open, decode to grey, normalise to MNIST's format.

    Units: ``max_pixels`` is width times height of an image, ``max_scans`` the number of scans in a
    JPEG.
    """

    def __init__(self, *, max_pixels: int, max_scans: int) -> None:
        self._inline_pixels = min(INLINE_PIXELS, max_pixels)
        self._open = partial(open_image, max_pixels=max_pixels, max_scans=max_scans)
        self.threads = CapacityLimiter(THREADS)

    async def normalise_in_thread(self, data: bytes, *, auto: bool) -> NormalisedUpload:
        """Process an upload in a thread; ``auto`` normalises it, else it is only resized.

        Raises: an AppError if the bytes are not an image within the limits.
        """
        outcome = await to_thread.run_sync(self._try_to_normalise, data, auto, limiter=self.threads)
        if isinstance(outcome, Exception):
            try:
                raise outcome
            finally:
                del outcome  # a cycle with its own traceback
        return outcome

    def normalise_inline(self, data: bytes, *, auto: bool) -> NormalisedUpload | None:
        """Process a small upload in the event loop; return None for a larger one.

        Raises: as ``normalise_in_thread``.
        """
        if len(data) > INLINE_BYTES:
            return None
        began = perf_counter()
        grey = decode_grey_png(data, max_pixels=self._inline_pixels)
        if grey is not None:
            return _normalise(grey, auto, grey.size, began)
        image = self._open(data)
        if math.prod(decoded_size(image)) > INLINE_PIXELS:
            return None
        return _decode_and_normalise(image, auto, began)

    def _try_to_normalise(self, data: bytes, auto: bool) -> NormalisedUpload | Exception:
        """Process an upload; return an exception, because anyio would keep a raised one.

        Its traceback holds the data until the garbage collector runs.
        """
        try:
            return self._open_and_normalise(data, auto)
        except Exception as error:
            return error

    def _open_and_normalise(self, data: bytes, auto: bool) -> NormalisedUpload:
        began = perf_counter()
        return _decode_and_normalise(self._open(data), auto, began)


def _decode_and_normalise(image: Image.Image, auto: bool, began: float) -> NormalisedUpload:
    """Decode and normalise an opened image; ``began`` is the start of its decoding."""
    pixels = image.width * image.height
    divisor = draft_jpeg(image)
    steps = (DecodedSmaller(divisor),) if divisor > 1 else ()
    return _normalise(to_grey(image), auto, pixels, began, steps)


def _normalise(
    grey: Grey8, auto: bool, pixels: int, began: float, steps: tuple[Step, ...] = ()
) -> NormalisedUpload:
    """Normalise a decoded image; ``steps`` are the preprocessing steps so far."""
    decoded = perf_counter()
    normalised = normalise(grey) if auto else letterbox(grey)
    if steps:
        normalised = NormalisedImage(normalised.pixels, (*steps, *normalised.steps))
    return NormalisedUpload(normalised, pixels, began, decoded - began, perf_counter() - decoded)
