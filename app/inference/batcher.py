"""Micro-batching: images that are ready in the same turn of the event loop share a pass."""

from asyncio import Future, get_running_loop
from collections.abc import Sequence
from time import perf_counter

import numpy as np

from app.inference.types import NormalisedUpload, PredictionResult
from model_core.classifier import BLOCK, Classifier
from model_core.preprocessing import downsample

Results = list[PredictionResult]


class MicroBatcher:
    """Collects images until the event loop has run what is ready, then predicts all of them.

    An image that is alone in its turn is not kept waiting for others. For each of eight images the
    network takes half of the time that it takes for one.
    """

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier
        self._waiting: list[tuple[Sequence[NormalisedUpload], Future[Results]]] = []
        self._images = 0

    def predict(self, uploads: Sequence[NormalisedUpload]) -> Future[Results]:
        """Return the results for one or more images, in their order, at the end of the turn."""
        loop = get_running_loop()
        if not self._waiting:
            loop.call_soon(self._run)
        future: Future[Results] = loop.create_future()
        self._waiting.append((uploads, future))
        self._images += len(uploads)
        if self._images >= BLOCK:  # a larger batch would take no less time for each image
            self._run()
        return future

    def _run(self) -> None:
        waiting, self._waiting, self._images = self._waiting, [], 0
        if not waiting:  # the batch was full before the end of the turn
            return
        try:
            results = _predict([one for uploads, _ in waiting for one in uploads], self._classifier)
        except Exception as error:
            for _, future in waiting:
                if not future.done():
                    future.set_exception(error)
            return
        start = 0
        for uploads, future in waiting:
            end = start + len(uploads)
            if not future.done():  # it is done if the request was cancelled
                future.set_result(results[start:end])
            start = end


def _predict(uploads: list[NormalisedUpload], classifier: Classifier) -> Results:
    """Return the results of one pass through the network."""
    began = perf_counter()
    images = downsample(np.array([upload.normalised.pixels for upload in uploads]))
    predictions = classifier.predict(images)
    ink_shares = images.mean(axis=(1, 2)).tolist()
    share = (perf_counter() - began) / len(uploads)
    return [
        PredictionResult(prediction, image, ink_share, upload, began, share)
        for prediction, image, ink_share, upload in zip(
            predictions, images, ink_shares, uploads, strict=True
        )
    ]
