"""The model card: what a weights file says about itself."""

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

from model_core.errors import WeightsMetadataError


@dataclass(frozen=True, slots=True)
class ModelCard:
    """Where a model comes from and how good it is.

    Units: ``metrics`` are shares in 0..1 unless their name says otherwise; ``created`` is a date in
    UTC (no time of day, so that the same training gives the same bytes). ``history`` has an entry
    per epoch, in order: ``epoch`` (from 1), ``learning_rate`` (at its end), ``train_loss``,
    ``train_accuracy`` and, if there was a validation set, ``validation_loss`` and
    ``validation_accuracy``; losses in nats, accuracies in 0..1. It is empty if nobody took notes.
    """

    architecture: str
    version: str
    labels: tuple[int, ...]
    input_shape: tuple[int, int]
    preprocessing: str
    recipe: dict[str, Any]
    seed: int
    metrics: dict[str, float]
    training_data_sha256: str
    created: str
    libraries: dict[str, str]
    history: tuple[dict[str, float], ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the card as JSON has it."""
        card = dataclasses.asdict(self)
        return card | {name: list(card[name]) for name in ("labels", "input_shape", "history")}

    @classmethod
    def from_dict(cls, card: dict[str, Any]) -> "ModelCard":
        """Return the card that ``to_dict`` made.

        Raises: WeightsMetadataError if a field is missing or has another type.
        """
        card = {"history": []} | card  # files from before there was one
        values = {field.name: _field(card, field.name) for field in dataclasses.fields(cls)}
        height, width = (*values["input_shape"], None, None)[:2]
        _expect("input_shape", [height, width], all(isinstance(n, int) for n in (height, width)))
        _expect("labels", values["labels"], all(isinstance(n, int) for n in values["labels"]))
        _check_history(values["history"])
        tuples = {name: tuple(values[name]) for name in ("labels", "input_shape", "history")}
        return cls(**values | tuples)


_TYPES: dict[str, type] = {
    "architecture": str,
    "version": str,
    "labels": list,
    "input_shape": list,
    "preprocessing": str,
    "recipe": dict,
    "seed": int,
    "metrics": dict,
    "training_data_sha256": str,
    "created": str,
    "libraries": dict,
    "history": list,
}
_EPOCH = ("epoch", "learning_rate", "train_loss", "train_accuracy")


def _field(card: dict[str, Any], name: str) -> Any:
    if name not in card:
        raise WeightsMetadataError(f"{name}: expected in the metadata, got none")
    value, kind = card[name], _TYPES[name]
    if not isinstance(value, kind):
        got = type(value).__name__
        raise WeightsMetadataError(f"{name}: expected {kind.__name__}, got {got}")
    return value


def _expect(name: str, value: object, fits: bool) -> None:
    if not fits:
        raise WeightsMetadataError(f"{name}: expected whole numbers, got {value}")


def _check_history(history: list[Any]) -> None:
    for number, epoch in enumerate(history, start=1):
        if not isinstance(epoch, dict) or not epoch.keys() >= set(_EPOCH):
            raise WeightsMetadataError(
                f"history: expected {', '.join(_EPOCH)} in every entry, got {epoch}"
            )
        for name, value in epoch.items():
            if type(value) not in (int, float) or not math.isfinite(value):
                raise WeightsMetadataError(
                    f"history: expected a finite number as {name}, got {value!r}"
                )
        if epoch["epoch"] != number:
            raise WeightsMetadataError(f"history: expected epoch {number}, got {epoch['epoch']}")
