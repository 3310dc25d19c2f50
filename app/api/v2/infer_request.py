"""Inference request, independent of the transport: inputs as tensors, and requested outputs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from app.api.v2.tensors import Tensor
from app.errors import MalformedRequestError
from model_core.parameter import Array

IMAGE, IMAGE_BYTES = "image", "image_bytes"
PROBABILITIES, DIGIT, DECISION, REASON = OUTPUTS = ("probabilities", "digit", "decision", "reason")

# The bit pattern of 1 as float32: larger ones are of larger, negative, infinite and other numbers.
_ONE = np.float32(1).view(np.uint32)


class OutputRequest(NamedTuple):
    """Requested output: the ``classification`` best labels in place of values; binary or JSON."""

    name: str
    classification: int | None = None
    binary: bool = False


class InferLimits(NamedTuple):
    """Limits of a request: values outside binary data, elements in a tensor of BYTES."""

    max_json_values: int
    max_images: int


@dataclass(slots=True)
class InferRequest:
    """Inference request.

    ``outputs`` are checked by ``check_outputs``, inputs of BYTES by ``check_files_shape``.
    """

    id: str | None
    inputs: Sequence[Tensor]
    outputs: tuple[OutputRequest, ...]


def check_outputs(outputs: Sequence[OutputRequest], *, binary: bool) -> tuple[OutputRequest, ...]:
    """Return the requested outputs, or all of them if none is requested.

    Raises: MalformedRequestError for an unknown or repeated name, or a classification of an output
    without a value for each label.
    """
    if not outputs:
        return tuple(OutputRequest(name, binary=binary) for name in OUTPUTS)
    names = [output.name for output in outputs]
    for output in outputs:
        if output.name not in OUTPUTS:
            raise MalformedRequestError(
                f"outputs: expected some of {', '.join(OUTPUTS)}, got {output.name!r}"
            )
        if names.count(output.name) > 1:
            raise MalformedRequestError(f"outputs: expected {output.name} once, got it repeatedly")
        if output.classification is not None and output.name != PROBABILITIES:
            raise MalformedRequestError(
                f"{output.name}: expected classification only for {PROBABILITIES}, got it here"
            )
    return tuple(outputs)


def find_input(request: InferRequest) -> Tensor:
    """Return the input tensor of a request.

    Raises: MalformedRequestError if it is not exactly one of the model's inputs.
    """
    names = [tensor.name for tensor in request.inputs]
    if names not in ([IMAGE], [IMAGE_BYTES]):
        got = ", ".join(map(repr, names)) or "none"
        raise MalformedRequestError(
            f"inputs: expected exactly one of {IMAGE} and {IMAGE_BYTES}, got {got}"
        )
    return request.inputs[0]


def model_inputs(tensor: Tensor, side: tuple[int, ...]) -> Array:
    """Return the values of the tensor ``image``, (N, height, width) float32 in 0..1.

    ``side`` is (height, width).
    Raises: MalformedRequestError for another datatype or shape, or values out of 0..1.
    """
    images, shape = tensor.values, tensor.shape
    if tensor.datatype != "FP32" or isinstance(images, list):
        raise MalformedRequestError(f"{IMAGE}: expected datatype FP32, got {tensor.datatype}")
    if len(shape) != 3 or shape[1:] != side:
        expected = ", ".join(map(str, side))
        raise MalformedRequestError(f"{IMAGE}: expected shape [N, {expected}], got {list(shape)}")
    if len(images) and images.view(np.uint32).max() > _ONE:
        _check_range(images)
    return images


def image_files(tensor: Tensor) -> list[bytes]:
    """Return the elements of the tensor ``image_bytes``: encoded images.

    Raises: MalformedRequestError for another datatype.
    """
    if tensor.datatype != "BYTES" or not isinstance(tensor.values, list):
        raise MalformedRequestError(
            f"{IMAGE_BYTES}: expected datatype BYTES, got {tensor.datatype}"
        )
    return tensor.values


def check_files_shape(shape: tuple[int, ...], *, most: int) -> None:
    """Check the shape of a tensor of BYTES before its elements are read.

    Raises: MalformedRequestError for another shape, or too many elements.
    """
    if len(shape) != 1:
        raise MalformedRequestError(f"{IMAGE_BYTES}: expected shape [N], got {list(shape)}")
    if shape[0] > most:
        raise MalformedRequestError(
            f"{IMAGE_BYTES}: expected at most {most} elements, got {shape[0]}"
        )


def shared_memory_error(name: str) -> MalformedRequestError:
    """Create the error for a tensor in shared memory."""
    return MalformedRequestError(
        f"{name}: expected data in the request, got shared_memory_region, which is not supported"
    )


def _check_range(images: Array) -> None:
    valid = (images >= 0) & (images <= 1)  # -0 is valid, not-a-number is not
    if not valid.all():
        place = tuple(int(axis[0]) for axis in np.nonzero(~valid))
        where = "".join(f"[{index}]" for index in place)
        raise MalformedRequestError(
            f"{IMAGE}{where}: expected a number from 0 to 1, got {images[place]!s}"
        )
