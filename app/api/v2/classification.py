"""Classification extension: the best labels of each row as texts.

Source: triton-inference-server/server, ``docs/protocol/extension_classification.md``.
"""

from collections.abc import Sequence

import numpy as np

from app.api.v2.tensors import BYTES, Tensor
from model_core.parameter import Array


def classify(name: str, scores: Array, labels: Sequence[int], count: int) -> Tensor:
    """Return the ``count`` best labels of each row as ``value:index:label``, best first.

    ``count`` is clamped to the number of labels.
    Shapes: ``scores`` (N, len(labels)) -> BYTES [N, count].
    """
    count = min(count, len(labels))
    best = np.argsort(-scores, axis=1, kind="stable")[:, :count]
    values = np.take_along_axis(scores, best, axis=1)
    elements = [
        f"{value:f}:{index}:{labels[index]}".encode()
        for value, index in zip(values.ravel().tolist(), best.ravel().tolist(), strict=True)
    ]
    return Tensor(name, BYTES, (len(scores), count), elements)
