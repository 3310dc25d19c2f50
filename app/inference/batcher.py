"""Micro-batching: images that are ready at the same time share a pass through the network."""

from asyncio import Future, get_running_loop
from collections.abc import Iterator, Sequence
from typing import Any

from app.inference.batch_pass import Item, run_pass
from app.inference.types import NormalisedUpload, PredictionResult, TensorResult
from model_core.classifier import Classifier
from model_core.network import BLOCK
from model_core.parameter import Array

# Items with the number of their images.
Waiting = list[tuple[Item, int, Future[Any]]]

# Largest number of images in one pass; other work waits for a pass, 0.8 ms for this many.
MAX_BATCH = BLOCK

# Number of waiting uploaded images from which on a pass does not wait for the next iterations.
# Tensors wait: many large ones would take a pass each before other work takes place.
_MAX_WAITING = 2 * BLOCK


class MicroBatcher:
    """Micro-batcher: collects images for two event loop iterations and predicts them together.

    It has no timer: without other requests the two iterations pass at once. The second one lets
    requests join that arrived while the first images were decoded; with 16 clients the batches have
    15 images instead of 7. In a batch of eight the network takes half the time per image. More
    images than MAX_BATCH take several passes, with other work between them.
    """

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier
        self._waiting: Waiting = []
        self._uploaded = 0

    def predict(self, uploads: list[NormalisedUpload]) -> Future[list[PredictionResult]]:
        """Add uploads of at most MAX_BATCH images; return a future of their results, in order."""
        images = count_images(uploads)
        future = self._add(uploads, images)
        self._uploaded += images
        if self._uploaded >= _MAX_WAITING:
            self._run_pass()
        return future

    async def predict_all(self, uploads: list[NormalisedUpload]) -> list[PredictionResult]:
        """Predict any number of uploads, a pass at a time, and return their results in order."""
        results: list[PredictionResult] = []
        for part in split(uploads):
            results += await self.predict(part)
        return results

    def predict_tensor(self, images: Array) -> Future[TensorResult]:
        """Add at most MAX_BATCH model inputs, (N, 14, 14) float32; return a future of the result.

        They share passes with uploads.
        """
        return self._add(images, len(images))

    def _add(self, item: Item, images: int) -> Future[Any]:
        loop = get_running_loop()
        if not self._waiting:
            loop.call_soon(loop.call_soon, self._run)
        future: Future[Any] = loop.create_future()
        self._waiting.append((item, images, future))
        return future

    def _run(self) -> None:
        """Run a pass, and the next one in the next iteration."""
        if self._waiting:  # else a pass that did not wait has predicted all
            self._run_pass()
        if self._waiting:
            get_running_loop().call_soon(self._run)

    def _run_pass(self) -> None:
        batch = self._take_batch()
        try:
            results = run_pass([item for item, _, _ in batch], self._classifier)
        except Exception as error:
            _fail(batch, error)
            batch.clear()  # else the error's traceback keeps the images in a cycle
            return
        for (_, _, future), result in zip(batch, results, strict=True):
            if not future.done():  # a cancelled request's future is done
                future.set_result(result)

    def _take_batch(self) -> Waiting:
        """Take the first requests that have at most MAX_BATCH images together."""
        count = images = 0
        for item, more, _ in self._waiting:
            if images + more > MAX_BATCH:
                break
            count, images = count + 1, images + more
            if isinstance(item, list):
                self._uploaded -= more
        batch, self._waiting = self._waiting[:count], self._waiting[count:]
        return batch


def count_images(uploads: Sequence[NormalisedUpload]) -> int:
    """Return the number of images that are predicted for uploads: all rotations of each."""
    return len(uploads) + sum([len(upload.rotated) for upload in uploads])


def split(uploads: list[NormalisedUpload]) -> Iterator[list[NormalisedUpload]]:
    """Yield uploads, in order, in parts of at most MAX_BATCH images."""
    part: list[NormalisedUpload] = []
    images = 0
    for upload in uploads:
        more = 1 + len(upload.rotated)
        if images + more > MAX_BATCH:
            yield part
            part, images = [], 0
        part.append(upload)
        images += more
    if part:
        yield part


def _fail(waiting: Waiting, error: Exception) -> None:
    """Set the error of a pass as the result of its requests."""
    for _, _, future in waiting:
        if not future.done():
            future.set_exception(error)
