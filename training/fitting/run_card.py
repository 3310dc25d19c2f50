"""The model card of a finished training run."""

import dataclasses
import os
import platform
from datetime import UTC, datetime

import numpy as np
import safetensors

from model_core.classifier import Classifier
from model_core.metrics import reliability
from model_core.model_card import ModelCard
from model_core.preprocessing import PREPROCESSING_VERSION
from training.data.dataset import Dataset
from training.data.mnist import Mnist, data_digest
from training.fitting.evaluation import held_out, held_out_metrics
from training.fitting.loop import TrainingRun


def describe_run(run: TrainingRun, mnist: Mnist) -> ModelCard:
    """Evaluate a finished run on the test images and return its model card."""
    classifier, per_digit = run.classifier, run.recipe.test_per_digit
    return ModelCard(
        architecture=run.recipe.architecture,
        version=run.version,
        labels=classifier.labels,
        input_shape=classifier.input_shape,
        preprocessing=PREPROCESSING_VERSION,
        recipe=dataclasses.asdict(run.recipe),
        seed=run.seed,
        metrics=held_out_metrics(classifier, mnist, per_digit),
        history=tuple(run.state.history),
        abstention=classifier.abstention,
        reliability=_reliability(classifier, held_out(mnist, classifier.labels, per_digit)),
        training_data_sha256=data_digest(),
        started_from=run.origin.get("started_from", ""),
        created=_today(),
        libraries={
            "python": platform.python_version(),
            "numpy": np.__version__,
            "safetensors": safetensors.__version__,
        },
    )


def _reliability(classifier: Classifier, dataset: Dataset) -> tuple[dict[str, float], ...]:
    bins = reliability(classifier.probabilities(dataset.images), dataset.classes)
    rows = zip(bins.counts.tolist(), bins.confidence, bins.accuracy, strict=True)
    return tuple(
        {"images": images, "confidence": float(confidence), "accuracy": float(right)}
        for images, confidence, right in rows
        if images
    )


def _today() -> str:
    """Return the date in UTC, or that of SOURCE_DATE_EPOCH (reproducible-builds.org)."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    moment = datetime.now(UTC) if epoch is None else datetime.fromtimestamp(int(epoch), UTC)
    return moment.date().isoformat()
