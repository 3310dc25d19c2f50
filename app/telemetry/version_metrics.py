"""Metrics of each model version, whose labels also have model and version."""

from collections.abc import Iterable
from itertools import product
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from app.telemetry.families import DIGIT_LABELS, Families, digit_label
from app.telemetry.request_record import RequestRecord
from app.telemetry.version_slots import VersionTotals
from model_core.abstention import Reason
from model_core.classifier import Decision

# Upper bounds of buckets. Seconds; a small picture takes a fraction of a millisecond.
STAGE_SECONDS = (0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1, 5)
CONFIDENCES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 1)

STAGES = ("decode", "preprocess", "inference")


class VersionMetrics:
    """Stages, predictions, abstentions and confidence of the version that is selected."""

    def __init__(self, families: Families) -> None:
        stages = families.histograms(
            "digitserve_stage_duration_seconds",
            "Time of one image in decode and preprocess; a request's share of a pass in inference.",
            STAGE_SECONDS,
            ("stage",),
            [(stage,) for stage in STAGES],
        )
        self._decode, self._preprocess, self._inference = (stages[stage,] for stage in STAGES)
        self._predictions = families.counters(
            "digitserve_predictions",
            "Images predicted.",
            ("digit", "decision"),
            product(DIGIT_LABELS, get_args(Decision)),
        )
        self._abstentions = families.counters(
            "digitserve_abstentions",
            "Images without an accepted digit, by reason.",
            ("reason",),
            [(reason,) for reason in get_args(Reason)],
        )
        self._confidence = families.histogram(
            "digitserve_confidence",
            "Probability of the likeliest digit, accepted or not.",
            CONFIDENCES,
        )

    def count(self, record: RequestRecord) -> None:
        """Count the results of a request."""
        self._inference.observe(record.inference_seconds)
        self._decode.observe_all(record.decode_seconds)
        self._preprocess.observe_all(record.preprocess_seconds)
        predictions = [result.prediction for result in record.results]
        self._count_decisions([(one.digit, one.decision, one.reason) for one in predictions])
        self._confidence.observe_all([one.confidence for one in predictions])
        if record.tensor:
            batch = record.tensor.batch
            self._count_decisions(zip(batch.digits, batch.decisions, batch.reasons, strict=True))
            self._confidence.observe_all(batch.confidences)

    def totals(self, sums: NDArray[np.float64]) -> VersionTotals:
        """Return the totals of a version from the sums of its columns."""
        images = sum(int(sums[child.column]) for child in self._predictions.values())
        decoded, decode_seconds = self._decode.totals(sums)
        _, preprocess_seconds = self._preprocess.totals(sums)
        requests, inference_seconds = self._inference.totals(sums)
        input_seconds = decode_seconds + preprocess_seconds
        return VersionTotals(images, decoded, input_seconds, requests, inference_seconds)

    def _count_decisions(self, decided: Iterable[tuple[int, Decision, Reason | None]]) -> None:
        for digit, decision, reason in decided:
            self._predictions[digit_label(digit), decision].add()
            if reason is not None:
                self._abstentions[reason,].add()
