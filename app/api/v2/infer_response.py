"""Inference response, independent of the transport: the receipt, and outputs as tensors."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.api.v2.classification import classify
from app.api.v2.infer_request import DECISION, DIGIT, PROBABILITIES, REASON, OutputRequest
from app.api.v2.tensors import BYTES, Tensor
from app.inference.registry import LoadedModel
from model_core.classifier import BatchPrediction

# Datatype and shape of each output; -1 is the number of images, None the number of labels.
OUTPUT_TYPES: dict[str, tuple[str, tuple[int | None, ...]]] = {
    PROBABILITIES: ("FP32", (-1, None)),
    DIGIT: ("INT64", (-1,)),
    DECISION: (BYTES, (-1,)),
    REASON: (BYTES, (-1,)),
}


@dataclass(slots=True)
class InferResponse:
    """Inference response; ``outputs`` are in the order of the request's."""

    model: LoadedModel
    id: str | None
    request_id: str
    outputs: list[Tensor]


def output_tensors(
    outputs: Sequence[OutputRequest], batch: BatchPrediction, labels: Sequence[int]
) -> list[Tensor]:
    """Return the requested outputs for a batch; a reason is empty if the model accepts."""
    return [_output_tensor(output, batch, labels) for output in outputs]


def _output_tensor(output: OutputRequest, batch: BatchPrediction, labels: Sequence[int]) -> Tensor:
    name, count = output.name, len(batch.digits)
    if name == PROBABILITIES:
        if output.classification is not None:
            return classify(name, batch.probabilities, labels, output.classification)
        return Tensor(name, "FP32", (count, len(labels)), batch.probabilities)
    if name == DIGIT:
        return Tensor(name, "INT64", (count,), np.array(batch.digits, np.int64))
    texts = batch.decisions if name == DECISION else [reason or "" for reason in batch.reasons]
    return Tensor(name, BYTES, (count,), [text.encode() for text in texts])
