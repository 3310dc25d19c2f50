"""The way of an upload: decode, normalise, downsample, predict."""

import math
from functools import partial
from time import perf_counter

from anyio import CapacityLimiter, sleep, to_thread
from PIL import Image

from app.errors import AppError
from app.images.decoder import leave_out_detail, open_image, size_to_decode
from app.images.greyscale import Grey, to_grey
from app.images.plain_png import read_plain_png
from app.inference.batcher import Turn, answer_all
from app.inference.registry import Model
from app.inference.types import Picture, Seen
from app.telemetry.request_record import Record
from model_core.classifier import Prediction
from model_core.explanation import explain
from model_core.parameter import Array
from model_core.preprocessing import NormalisedImage, letterbox, normalise
from model_core.preprocessing.steps import DecodedSmaller, Step

# Up to here an upload holds up the event loop for less time (about 1 ms, and a few for a file made
# to be slow) than another request would notice; above, a thread opens and decodes it. Handing over
# to a thread costs 0.1 ms by itself.
INLINE_BYTES = 8 * 1024
INLINE_PIXELS = 300 * 300

# Seconds that a batch works before others have their turn.
_AT_A_STRETCH = 0.001

# Large pictures decoded at the same time. A process has one core, mostly, so that a second thread
# would only keep small requests waiting, and its picture in memory.
THREADS = 1


class Pipeline:
    """Turns uploads into answers; small ones at once, large ones by turns in a thread."""

    def __init__(self, *, max_pixels: int, max_scans: int) -> None:
        self._inline_pixels = min(INLINE_PIXELS, max_pixels)
        self._open = partial(open_image, max_pixels=max_pixels, max_scans=max_scans)
        self._threads = CapacityLimiter(THREADS)
        self._turns: dict[str, Turn] = {}

    async def see(self, data: bytes, *, auto: bool) -> Picture:
        """Return an upload in MNIST's form; ``auto`` normalises, else it only resizes.

        Raises: an AppError if the bytes are no image within the limits.
        """
        picture = self.see_at_once(data, auto=auto)
        if picture:
            return picture
        return await to_thread.run_sync(self._open_and_see, data, auto, limiter=self._threads)

    def see_at_once(self, data: bytes, *, auto: bool) -> Picture | None:
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
        return _see(image, auto, began)

    def turn(self, model: Model) -> Turn:
        """Return what answers the pictures of a model that are ready together."""
        if model.name not in self._turns:
            self._turns[model.name] = Turn(model.classifier)
        return self._turns[model.name]

    async def predict(
        self, data: bytes, model: Model, *, auto: bool, record: Record
    ) -> tuple[Prediction, Seen]:
        """Return the answer for one upload, and what the model saw; ``record`` takes note of it.

        Raises: an AppError if the bytes are no image within the limits.
        """
        picture = await self.see(data, auto=auto)
        answer = await self.turn(model).predict(picture)
        prediction, seen, record.inference_seconds = answer
        record.model = model.name
        record.answers.append((prediction, seen))
        return prediction, seen

    async def explain(self, seen: Seen, model: Model) -> Array:
        """Return how much each pixel (14, 14) speaks for the digit; in a thread, it takes 10 ms."""
        return await to_thread.run_sync(
            explain, model.classifier, seen.image, limiter=self._threads
        )

    async def predict_batch(
        self, uploads: list[bytes], model: Model, *, auto: bool, record: Record
    ) -> list[tuple[Prediction, Seen] | AppError]:
        """Return for each upload its answer, or the error that takes its place."""
        outcomes: list[Picture | AppError] = []
        paused = perf_counter()
        for data in uploads:
            if perf_counter() - paused > _AT_A_STRETCH:
                await sleep(0)  # other requests have their turn
                paused = perf_counter()
            outcomes.append(await self._try_to_see(data, auto=auto))
        pictures = [outcome for outcome in outcomes if isinstance(outcome, Picture)]
        for outcome in outcomes:
            if isinstance(outcome, AppError):
                record.refuse(outcome)
        answers = answer_all(pictures, model.classifier) if pictures else []
        record.model = model.name if answers else None
        record.answers = [(prediction, seen) for prediction, seen, _ in answers]
        record.inference_seconds = sum(share for _, _, share in answers)
        waiting = iter(record.answers)
        return [next(waiting) if isinstance(outcome, Picture) else outcome for outcome in outcomes]

    def _open_and_see(self, data: bytes, auto: bool) -> Picture:
        began = perf_counter()
        return _see(self._open(data), auto, began)

    async def _try_to_see(self, data: bytes, *, auto: bool) -> Picture | AppError:
        try:
            return await self.see(data, auto=auto)
        except AppError as error:
            return error


def _see(image: Image.Image, auto: bool, began: float) -> Picture:
    """Return an opened image in MNIST's form; ``began`` is when its decoding did."""
    pixels = image.width * image.height
    divisor = leave_out_detail(image)
    steps = (DecodedSmaller(divisor),) if divisor > 1 else ()
    return _normalise(to_grey(image), auto, pixels, began, steps)


def _normalise(
    grey: Grey, auto: bool, pixels: int, began: float, steps: tuple[Step, ...] = ()
) -> Picture:
    """Return a decoded image in MNIST's form; ``steps`` were taken on the way."""
    decoded = perf_counter()
    normalised = normalise(grey) if auto else letterbox(grey)
    if steps:
        normalised = NormalisedImage(normalised.pixels, (*steps, *normalised.steps))
    return Picture(normalised, pixels, decoded - began, perf_counter() - decoded)
