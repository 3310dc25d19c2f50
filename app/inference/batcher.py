"""Micro-batching: images that are ready at the same time share a pass through the network."""

from asyncio import Future, get_running_loop
from collections.abc import Sequence
from time import perf_counter

import numpy as np

from app.inference.types import NormalisedUpload, PredictionResult
from model_core.classifier import BLOCK, Classifier
from model_core.preprocessing import downsample

Results = list[PredictionResult]
Waiting = list[tuple[Sequence[NormalisedUpload], Future[Results]]]

# Largest number of images in one pass; other work waits for a pass, 1.6 ms for this many.
MAX_BATCH = BLOCK

# Number of waiting images from which on a pass does not wait for the next iterations.
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
        self._images = 0

    def predict(self, uploads: Sequence[NormalisedUpload]) -> Future[Results]:
        """Add at most MAX_BATCH images to the batch; return a future of their results, in order."""
        loop = get_running_loop()
        if not self._waiting:
            loop.call_soon(loop.call_soon, self._run)
        future: Future[Results] = loop.create_future()
        self._waiting.append((uploads, future))
        self._images += len(uploads)
        if self._images >= _MAX_WAITING:
            self._run_pass()
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
            results = _predict([one for uploads, _ in batch for one in uploads], self._classifier)
        except Exception as error:
            _fail(batch, error)
            batch.clear()  # else the error's traceback keeps the images in a cycle
            return
        start = 0
        for uploads, future in batch:
            end = start + len(uploads)
            if not future.done():  # a cancelled request's future is done
                future.set_result(results[start:end])
            start = end

    def _take_batch(self) -> Waiting:
        """Take the first requests that have at most MAX_BATCH images together."""
        count = images = 0
        for uploads, _ in self._waiting:
            if images + len(uploads) > MAX_BATCH:
                break
            count, images = count + 1, images + len(uploads)
        batch, self._waiting = self._waiting[:count], self._waiting[count:]
        self._images -= images
        return batch


def _fail(waiting: Waiting, error: Exception) -> None:
    """Set the error of a pass as the result of its requests."""
    for _, future in waiting:
        if not future.done():
            future.set_exception(error)


def _predict(uploads: list[NormalisedUpload], classifier: Classifier) -> Results:
    """Predict a batch in one pass through the network."""
    began = perf_counter()
    images = downsample(np.array([upload.normalised.pixels for upload in uploads]))
    predictions = classifier.predict(images, [upload.normalised.trust for upload in uploads])
    ink_shares = images.mean(axis=(1, 2)).tolist()
    share = (perf_counter() - began) / len(uploads)
    return [
        PredictionResult(prediction, image, ink_share, upload, began, share)
        for prediction, image, ink_share, upload in zip(
            predictions, images, ink_shares, uploads, strict=True
        )
    ]
