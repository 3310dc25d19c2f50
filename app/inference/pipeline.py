"""From the bytes of an upload to MNIST's form: small images inline, large ones in a thread."""

import math
from functools import partial
from time import perf_counter

from anyio import CapacityLimiter, to_thread
from PIL import Image

from app.images.decoder import leave_out_detail, open_image, size_to_decode
from app.images.greyscale import Grey, to_grey
from app.images.plain_png import read_plain_png
from app.inference.types import NormalisedUpload
from model_core.preprocessing import NormalisedImage, letterbox, normalise
from model_core.preprocessing.steps import DecodedSmaller, Step

# Up to here an upload holds up the event loop for less time (about 1 ms, and a few for a file made
# to be slow) than another request would notice; above, a thread opens and decodes it. Handing over
# to a thread costs 0.1 ms by itself.
INLINE_BYTES = 8 * 1024
INLINE_PIXELS = 300 * 300

# Large pictures decoded at the same time. A process has one core, mostly, so that a second thread
# would only keep small requests waiting, and its picture in memory.
THREADS = 1


class Pipeline:
    """Decodes and normalises uploads.

    Units: ``max_pixels`` is width times height of an image, ``max_scans`` those of a JPEG.
    """

    def __init__(self, *, max_pixels: int, max_scans: int) -> None:
        self._inline_pixels = min(INLINE_PIXELS, max_pixels)
        self._open = partial(open_image, max_pixels=max_pixels, max_scans=max_scans)
        self.threads = CapacityLimiter(THREADS)

    async def normalise_in_thread(self, data: bytes, *, auto: bool) -> NormalisedUpload:
        """Return an upload in MNIST's form; ``auto`` normalises, else it is only resized.

        Raises: an AppError if the bytes are no image within the limits.
        """
        return await to_thread.run_sync(self._open_and_normalise, data, auto, limiter=self.threads)

    def normalise_inline(self, data: bytes, *, auto: bool) -> NormalisedUpload | None:
        """Return the same if it takes no longer than other requests can wait, else None."""
        if len(data) > INLINE_BYTES:
            return None
        began = perf_counter()
        grey = read_plain_png(data, max_pixels=self._inline_pixels)
        if grey is not None:
            return _normalise(grey, auto, grey.size, began)
        image = self._open(data)
        if math.prod(size_to_decode(image)) > INLINE_PIXELS:
            return None
        return _decode_and_normalise(image, auto, began)

    def _open_and_normalise(self, data: bytes, auto: bool) -> NormalisedUpload:
        began = perf_counter()
        return _decode_and_normalise(self._open(data), auto, began)


def _decode_and_normalise(image: Image.Image, auto: bool, began: float) -> NormalisedUpload:
    """Return an opened image in MNIST's form; ``began`` is when its decoding did."""
    pixels = image.width * image.height
    divisor = leave_out_detail(image)
    steps = (DecodedSmaller(divisor),) if divisor > 1 else ()
    return _normalise(to_grey(image), auto, pixels, began, steps)


def _normalise(
    grey: Grey, auto: bool, pixels: int, began: float, steps: tuple[Step, ...] = ()
) -> NormalisedUpload:
    """Return a decoded image in MNIST's form; ``steps`` were taken on the way."""
    decoded = perf_counter()
    normalised = normalise(grey) if auto else letterbox(grey)
    if steps:
        normalised = NormalisedImage(normalised.pixels, (*steps, *normalised.steps))
    return NormalisedUpload(normalised, pixels, began, decoded - began, perf_counter() - decoded)
