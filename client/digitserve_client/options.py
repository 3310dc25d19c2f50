"""Options of calls: the query parameters of the service."""

from collections.abc import Sequence
from typing import Literal, TypedDict


class ModelOptions(TypedDict, total=False):
    """Options of all predictions.

    ``model`` and ``version`` name what answers; ``threshold`` (0..1) is the smallest acceptance
    score that is accepted.
    """

    model: str
    version: str
    threshold: float


class PredictionOptions(ModelOptions, total=False):
    """Options of single images and batches.

    ``include`` adds the model's input or the explanation; ``normalise="off"`` is for images in
    MNIST's format; ``rotate`` turns clockwise by degrees, or finds out.
    """

    include: Sequence[Literal["input", "explanation"]]
    normalise: Literal["auto", "off"]
    rotate: Literal["0", "90", "180", "270", "auto"]


class SheetOptions(ModelOptions, total=False):
    """Options of sheets: ``include`` adds each box's input, or each page's picture."""

    include: Sequence[Literal["input", "picture"]]


class FeedbackOptions(TypedDict, total=False):
    """Options of feedback with an image: the model whose answer is stored, and how it sees."""

    model: str
    version: str
    normalise: Literal["auto", "off"]
    rotate: Literal["0", "90", "180", "270", "auto"]


Options = PredictionOptions | SheetOptions | FeedbackOptions
Parameters = list[tuple[str, str]]


def query_parameters(options: Options) -> Parameters:
    """Return the query parameters of options; ``include`` is repeated."""
    parameters: Parameters = []
    for name, value in options.items():
        many = value if name == "include" and not isinstance(value, str) else [value]
        parameters += [(name, str(one)) for one in many]  # type: ignore[attr-defined]
    return parameters
