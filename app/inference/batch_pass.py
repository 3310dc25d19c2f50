"""One pass through the network: uploads and tensors of several requests, predicted together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from app.inference.types import NormalisedUpload, PredictionResult, TensorResult
from model_core.classifier import BatchPrediction, Classifier, Prediction
from model_core.parameter import Array
from model_core.preprocessing import NormalisedImage, downsample

# What a request adds to a pass: uploads, or model inputs, (N, 14, 14) float32.
Item = list[NormalisedUpload] | Array


def run_pass(
    items: Sequence[Item], classifier: Classifier
) -> list[list[PredictionResult] | TensorResult]:
    """Predict all images of some requests in one pass; return the result of each request."""
    began = perf_counter()
    uploads = [one for item in items if isinstance(item, list) for one in item]
    tensors = [item for item in items if not isinstance(item, list)]
    if any(upload.rotated for upload in uploads):
        candidates = [one for upload in uploads for one in upload.candidates]
    else:  # the usual case, in a fraction of the time
        candidates = [upload.normalised for upload in uploads]
    images = _stack(candidates, tensors)
    rows = len(images) - len(candidates)
    batch = classifier.predict_batch(images, [one.trust for one in candidates] + [1.0] * rows)
    ink_shares = images.mean(axis=(1, 2)).tolist()
    share = (perf_counter() - began) / (len(uploads) + rows)
    done = _Pass(images, batch, ink_shares, began, share)
    results = done.upload_results(uploads, candidates) if uploads else []
    return done.parts(items, results, len(candidates))


@dataclass(slots=True)
class _Pass:
    """A pass that is over; ``share`` is its duration divided by the number of its images."""

    images: Array
    batch: BatchPrediction
    ink_shares: list[float]
    began: float
    share: float

    def upload_results(
        self, uploads: list[NormalisedUpload], candidates: list[NormalisedImage]
    ) -> list[PredictionResult]:
        """Return the results of the uploads, whose candidates are the first images of the pass."""
        images, count = self.images, len(candidates)
        predictions = (self.batch if count == len(images) else self.batch.part(0, count)).rows()
        rotated = count > len(uploads)
        places = _best_places(uploads, predictions) if rotated else range(count)
        return [
            PredictionResult(
                predictions[best],
                candidates[best],
                images[best],
                self.ink_shares[best],
                upload,
                self.began,
                self.share,
            )
            for upload, best in zip(uploads, places, strict=True)
        ]

    def parts(
        self, items: Sequence[Item], results: list[PredictionResult], start: int
    ) -> list[list[PredictionResult] | TensorResult]:
        """Return the result of each request; the first tensor begins at image ``start``."""
        parts: list[list[PredictionResult] | TensorResult] = []
        first = 0
        for item in items:
            if isinstance(item, list):
                parts.append(results[first : first + len(item)])
                first += len(item)
            else:
                parts.append(self._tensor_result(start, start + len(item)))
                start += len(item)
        return parts

    def _tensor_result(self, start: int, end: int) -> TensorResult:
        batch, ink_shares = self.batch.part(start, end), self.ink_shares[start:end]
        return TensorResult(batch, ink_shares, self.began, self.share * (end - start))


def _stack(candidates: list[NormalisedImage], tensors: list[Array]) -> Array:
    """Return all model inputs of a pass, (N, 14, 14) float32: those of uploads first."""
    if not candidates and len(tensors) == 1:
        return tensors[0]
    if not candidates:
        return np.concatenate(tensors)
    seen = downsample(np.array([one.pixels for one in candidates]))
    return np.concatenate([seen, *tensors]) if tensors else seen


def _best_places(uploads: list[NormalisedUpload], predictions: list[Prediction]) -> Iterator[int]:
    """Yield for each upload the place of its prediction with the best acceptance score.

    Of equal ones it is the first: the image as it was sent.
    """
    end = 0
    for upload in uploads:
        start, end = end, end + len(upload.candidates)
        places = range(start, end)
        yield start if len(places) == 1 else max(places, key=lambda at: predictions[at].acceptance)
