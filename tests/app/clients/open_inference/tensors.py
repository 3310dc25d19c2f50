"""Inputs and requested outputs of tritonclient; its asyncio client takes the same ones."""

from typing import Any

import numpy as np
from tritonclient.http import InferInput, InferRequestedOutput

from model_core.parameter import Array
from tests.app.clients.open_inference.answers import OUTPUTS


def image(images: Array, *, binary: bool = True) -> Any:
    """Return the input ``image``."""
    tensor = InferInput("image", list(images.shape), "FP32")
    return tensor.set_data_from_numpy(images, binary_data=binary)


def image_bytes(files: list[bytes]) -> Any:
    """Return the input ``image_bytes``; tritonclient sends bytes that are not UTF-8 as binary."""
    tensor = InferInput("image_bytes", [len(files)], "BYTES")
    return tensor.set_data_from_numpy(np.array(files, np.object_))


def outputs(*names: str, binary: bool = True) -> list[Any]:
    """Return the requested outputs with these names, or all."""
    return [InferRequestedOutput(name, binary_data=binary) for name in names or OUTPUTS]


def classes(count: int, *, binary: bool = True) -> list[Any]:
    """Return the request of the ``count`` most probable labels."""
    return [InferRequestedOutput("probabilities", binary_data=binary, class_count=count)]
