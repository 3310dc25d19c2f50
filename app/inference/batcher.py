"""Micro-batching: images that are ready at the same time share a pass through the network."""

from asyncio import Future, get_running_loop
from collections.abc import Iterator, Sequence
from time import perf_counter

import numpy as np

from app.inference.types import NormalisedUpload, PredictionResult
from model_core.classifier import BLOCK, Classifier, Prediction
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
        """Add uploads of at most MAX_BATCH images; return a future of their results, in order."""
        loop = get_running_loop()
        if not self._waiting:
            loop.call_soon(loop.call_soon, self._run)
        future: Future[Results] = loop.create_future()
        self._waiting.append((uploads, future))
        self._images += count_images(uploads)
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
            if images + count_images(uploads) > MAX_BATCH:
                break
            count, images = count + 1, images + count_images(uploads)
        batch, self._waiting = self._waiting[:count], self._waiting[count:]
        self._images -= images
        return batch


def count_images(uploads: Sequence[NormalisedUpload]) -> int:
    """Return the number of images that are predicted for uploads: all rotations of each."""
    return len(uploads) + sum([len(upload.rotated) for upload in uploads])


def split(uploads: list[NormalisedUpload]) -> Iterator[list[NormalisedUpload]]:
    """Yield uploads, in order, in parts of at most MAX_BATCH images."""
    part: list[NormalisedUpload] = []
    for upload in uploads:
        if count_images([*part, upload]) > MAX_BATCH:
            yield part
            part = []
        part.append(upload)
    if part:
        yield part


def _fail(waiting: Waiting, error: Exception) -> None:
    """Set the error of a pass as the result of its requests."""
    for _, future in waiting:
        if not future.done():
            future.set_exception(error)


def _predict(uploads: list[NormalisedUpload], classifier: Classifier) -> Results:
    """Predict a batch in one pass through the network."""
    began = perf_counter()
    rotated = any(upload.rotated for upload in uploads)
    if rotated:
        candidates = [one for upload in uploads for one in upload.candidates]
    else:  # the usual case, 1 us of about 30 faster
        candidates = [upload.normalised for upload in uploads]
    images = downsample(np.array([one.pixels for one in candidates]))
    predictions = classifier.predict(images, [one.trust for one in candidates])
    places = _best_places(uploads, predictions) if rotated else range(len(uploads))
    ink_shares = images.mean(axis=(1, 2)).tolist()
    share = (perf_counter() - began) / len(uploads)
    return [
        PredictionResult(
            predictions[best],
            candidates[best],
            images[best],
            ink_shares[best],
            upload,
            began,
            share,
        )
        for upload, best in zip(uploads, places, strict=True)
    ]


def _best_places(uploads: list[NormalisedUpload], predictions: list[Prediction]) -> Iterator[int]:
    """Yield for each upload the place of its prediction with the best acceptance score.

    Of equal ones it is the first: the image as it was sent.
    """
    end = 0
    for upload in uploads:
        start, end = end, end + len(upload.candidates)
        places = range(start, end)
        yield start if len(places) == 1 else max(places, key=lambda at: predictions[at].acceptance)
