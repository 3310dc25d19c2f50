"""Normalisation of the small uploads of a batch: those in MNIST's format together, others alone."""

from asyncio import sleep
from collections.abc import Sequence
from time import perf_counter

from app.errors import AppError
from app.images.grey_png import decode_mnist_pngs
from app.inference.pipeline import Pipeline
from app.inference.types import NormalisedUpload, Preparation
from model_core.preprocessing import normalise_together
from model_core.preprocessing.mnist_format import SIDE

# Outcome for one upload of a batch; None until the decoder process has decoded it.
Outcome = NormalisedUpload | AppError | None

# Longest time that a batch request blocks the event loop before it yields to other requests.
_MAX_BLOCKING_SECONDS = 0.001

# Images of a batch that are processed together, in half of that time.
_TOGETHER = 64

_USUAL = Preparation()


async def normalise_small(
    pipeline: Pipeline, uploads: Sequence[bytes], preparation: Preparation
) -> list[Outcome]:
    """Process the small uploads of a batch in the event loop; None stands for a large one."""
    outcomes: list[Outcome] = []
    last_yield = perf_counter()
    for start in range(0, len(uploads), _TOGETHER):
        part = uploads[start : start + _TOGETHER]
        outcomes += process_together(pipeline, part, preparation)
        for place, data in enumerate(part, start):
            if perf_counter() - last_yield > _MAX_BLOCKING_SECONDS:
                await sleep(0)
                last_yield = perf_counter()
            if outcomes[place] is None:
                outcomes[place] = _normalise_alone(pipeline, data, preparation)
    return outcomes


def process_together(
    pipeline: Pipeline, uploads: Sequence[bytes], preparation: Preparation
) -> list[NormalisedUpload | None]:
    """Process the simple PNGs in MNIST's format or its negative; None stands for other uploads.

    The results are those of ``normalise_inline``, which takes twice as long. The durations are
    divided by the number of images.
    """
    results: list[NormalisedUpload | None] = [None] * len(uploads)
    if preparation != _USUAL or pipeline.inline_pixels < SIDE * SIDE:
        return results
    began = perf_counter()
    places, pictures = decode_mnist_pngs(uploads)
    if not places:
        return results
    decoded = perf_counter()
    images = normalise_together(pictures)
    ended, count = perf_counter(), len(places)
    stages = (began, (decoded - began) / count, (ended - decoded) / count)
    for place, image in zip(places, images, strict=True):
        if image is not None:
            results[place] = NormalisedUpload(image, SIDE * SIDE, *stages)
    return results


def _normalise_alone(pipeline: Pipeline, data: bytes, preparation: Preparation) -> Outcome:
    try:
        return pipeline.normalise_inline(data, preparation)
    except AppError as error:
        return error
