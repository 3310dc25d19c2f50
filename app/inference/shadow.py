"""Shadow deployment: another version predicts a sample of the requests, to compare the answers.

The images wait in a bounded queue and are predicted after the answers, a few at a time, so that a
pass blocks the event loop for less than a millisecond.
"""

import random
from asyncio import get_running_loop
from collections import deque
from collections.abc import Sequence
from time import thread_time
from typing import Literal, NamedTuple, Protocol, get_args

import numpy as np
import structlog

from app.inference.registry import LoadedModel, Registry
from app.inference.types import PredictionResult
from app.setting_types import VersionShare
from model_core.abstention import Reason
from model_core.classifier import BatchPrediction
from model_core.parameter import Array

logger = structlog.get_logger("digitserve")

# Images in one pass: 0.6 ms.
MAX_PASS = 16

# A pass that takes longer, because the network is uncertain about its images, halves the next one.
_MAX_SECONDS = 0.001

# Images that wait; further ones are not compared.
MAX_WAITING = 1024

# Time in which images are collected for a pass.
_WAIT_SECONDS = 0.25

SkipReason = Literal["queue-full", "not-loaded", "failed"]
SKIP_REASONS: tuple[SkipReason, ...] = get_args(SkipReason)


class ShadowObserver(Protocol):
    """Interface of the counters of comparisons."""

    def count_compared(self, digit: int, *, same_digit: bool, same_decision: bool) -> None:
        """Count a compared image; ``digit`` is that of the main answer."""

    def count_skipped(self, reason: SkipReason, images: int) -> None:
        """Count sampled images that were not compared."""


class Sample(NamedTuple):
    """An image with the answer that it got, by the model's own thresholds."""

    digit: int
    reason: Reason | None
    model_input: Array
    trust: float = 1.0


class Shadow:
    """Second version of a model, which predicts a sample of what the stable version answered.

    ``waiting`` are the images of the sample; it ``is_busy`` until all are compared.
    It compares the predictions for the same model input. The version is looked up for each pass;
    while it is not loaded, the images are skipped and the log says so once.
    """

    def __init__(self, registry: Registry, setting: VersionShare, observer: ShadowObserver) -> None:
        self._registry = registry
        self._setting = setting
        self._observer = observer
        self.waiting: deque[Sample] = deque()
        self.is_busy = self._has_warned = False
        self._size = MAX_PASS  # of the next pass

    def offer(self, model: LoadedModel, results: Sequence[PredictionResult]) -> None:
        """Take a request into the sample, or not; called before thresholds of the caller apply."""
        if self._samples(model):
            taken = results[: MAX_WAITING - len(self.waiting)]
            for one in taken:
                answer, image = one.prediction, one.model_input.copy()  # not a view of its pass
                self.waiting.append(
                    Sample(answer.digit, answer.reason, image, one.normalised.trust)
                )
            self._schedule(left_out=len(results) - len(taken))

    def offer_tensor(self, model: LoadedModel, images: Array, batch: BatchPrediction) -> None:
        """Take a request with a tensor of model inputs, (N, 14, 14), into the sample, or not."""
        if self._samples(model):
            taken = images[: MAX_WAITING - len(self.waiting)].copy()
            answers = zip(batch.digits, batch.reasons, taken, strict=False)
            self.waiting.extend(Sample(*answer) for answer in answers)
            self._schedule(left_out=len(images) - len(taken))

    def _samples(self, model: LoadedModel) -> bool:
        """Return whether to compare a request, by chance, if the stable version answered it."""
        if model.name != self._setting.model or random.random() >= self._setting.share:
            return False
        served = self._registry.models.get(model.name)
        return served is not None and model is served.stable

    def _schedule(self, *, left_out: int) -> None:
        """Schedule a pass; count the images for which the queue had no place."""
        if left_out:
            self._observer.count_skipped("queue-full", left_out)
        if self.waiting and not self.is_busy:
            self.is_busy = True
            get_running_loop().call_later(_WAIT_SECONDS, self._run)

    def _run(self) -> None:
        """Compare the next images, and further ones in the next iteration of the event loop."""
        began = thread_time()
        samples = [self.waiting.popleft() for _ in range(min(self._size, len(self.waiting)))]
        self._predict(samples)
        late = thread_time() - began > _MAX_SECONDS
        self._size = max(1, self._size // 2) if late else min(MAX_PASS, self._size + 1)
        self.is_busy = bool(self.waiting)
        if self.is_busy:
            get_running_loop().call_soon(self._run)

    def _predict(self, samples: list[Sample]) -> None:
        model = self._registry.models.get(self._setting.model)
        version = None if model is None else model.find(self._setting.version)
        if version is None:
            self._skip(samples, "not-loaded")
            return
        try:
            images = np.array([sample.model_input for sample in samples])
            trust = [sample.trust for sample in samples]
            predictions = version.classifier.predict(images, trust)
        except Exception as error:
            self._skip(samples, "failed", problem=repr(error))
            return
        self._has_warned = False
        for main, other in zip(samples, predictions, strict=True):
            self._observer.count_compared(
                main.digit,
                # The digit of a blank image means nothing, so it is not compared.
                same_digit=main.digit == other.digit or main.reason == "blank",
                same_decision=(main.reason is None) == (other.reason is None),
            )

    def _skip(self, samples: list[Sample], reason: SkipReason, **fields: str) -> None:
        self._observer.count_skipped(reason, len(samples))
        if not self._has_warned:
            logger.warning(
                "shadow cannot predict, its requests are not compared",
                model=self._setting.model,
                version=self._setting.version,
                reason=reason,
                **fields,
            )
        self._has_warned = True
