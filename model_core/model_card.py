"""The model card: the metadata of a weights file."""

import dataclasses
import math
from dataclasses import dataclass, field
from typing import Any, get_origin

from model_core.abstention import ONLY_BLANK, Abstention
from model_core.errors import AbstentionError, WeightsMetadataError


@dataclass(frozen=True, slots=True)
class ModelCard:
    """Model card: provenance, hyper-parameters and metrics of a model.

    Units: ``metrics`` are shares in 0..1 unless their name says otherwise; ``created`` is a date in
    UTC (no time of day, so that the same training gives the same bytes). ``history`` has an entry
    per epoch, in order: ``epoch`` (from 1), ``learning_rate`` (at its end), ``train_loss``,
    ``train_accuracy`` and, if there was a validation set, ``validation_loss`` and
    ``validation_accuracy``; losses in nats, accuracies in 0..1. It is empty if none was recorded.
    ``reliability`` has an entry for every non-empty confidence bin of the test images: ``images``,
    mean ``confidence`` and ``accuracy``. ``started_from`` is the SHA-256 of the weights that
    training began with; empty: random ones. ``corrections`` has counts and a digest of labelled
    pictures that were trained on beside the training data, and the comparison with the old version;
    it is empty if there were none.
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
    abstention: Abstention = ONLY_BLANK
    reliability: tuple[dict[str, float], ...] = ()
    started_from: str = ""
    corrections: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the card as a JSON object."""
        card = dataclasses.asdict(self)
        unused = [name for name in _ONLY_IF_USED if not card[name]]
        card |= {name: list(card[name]) for name in _LISTS}
        return {name: value for name, value in card.items() if name not in unused}

    @classmethod
    def from_dict(cls, card: dict[str, Any]) -> "ModelCard":
        """Return the card of a JSON object made by ``to_dict``.

        Raises: WeightsMetadataError if a field is missing or has the wrong type.
        """
        card = _OLDER | card
        values = {field.name: _value(card, field) for field in dataclasses.fields(cls)}
        height, width = (*values["input_shape"], None, None)[:2]
        _expect("input_shape", [height, width], all(isinstance(n, int) for n in (height, width)))
        _expect("labels", values["labels"], all(isinstance(n, int) for n in values["labels"]))
        _check_numbers("history", values["history"], _EPOCH)
        for number, epoch in enumerate(values["history"], start=1):
            if (got := epoch["epoch"]) != number:
                raise WeightsMetadataError(f"history: expected epoch {number}, got {got}")
        _check_numbers("reliability", values["reliability"], _BIN)
        tuples = {name: tuple(values[name]) for name in _LISTS}
        return cls(**values | tuples | {"abstention": _abstention(values["abstention"])})


_LISTS = ("labels", "input_shape", "history", "reliability")
# Left out of a file where they are empty, so that other files are the same bytes as before.
_ONLY_IF_USED = ("started_from", "corrections")
# Defaults for fields that older files lack.
_OLDER: dict[str, Any] = {
    "history": [],
    "abstention": dataclasses.asdict(ONLY_BLANK),
    "reliability": [],
    "started_from": "",
    "corrections": {},
}
# Types of JSON for those of the fields that it does not have.
_JSON_TYPES: dict[Any, type] = {tuple: list, Abstention: dict}
_EPOCH = ("epoch", "learning_rate", "train_loss", "train_accuracy")
_BIN = ("images", "confidence", "accuracy")


def _value(card: dict[str, Any], field: dataclasses.Field[Any]) -> Any:
    name = field.name
    python: Any = get_origin(field.type) or field.type
    kind = _JSON_TYPES.get(python, python)
    if name not in card:
        raise WeightsMetadataError(f"{name}: expected in the metadata, got none")
    value = card[name]
    if not isinstance(value, kind):
        got = type(value).__name__
        raise WeightsMetadataError(f"{name}: expected {kind.__name__}, got {got}")
    return value


def _expect(name: str, value: object, fits: bool) -> None:
    if not fits:
        raise WeightsMetadataError(f"{name}: expected whole numbers, got {value}")


def _abstention(values: dict[str, Any]) -> Abstention:
    names = [field.name for field in dataclasses.fields(Abstention)]
    numbers = {name: value for name, value in values.items() if value is not None}
    _check_numbers("abstention", [numbers], ("temperature", "ambiguous"))
    try:
        return Abstention(**{name: values[name] for name in names})
    except (KeyError, AbstentionError) as error:
        raise WeightsMetadataError(f"abstention: {error}") from None


def _check_numbers(field: str, entries: list[Any], names: tuple[str, ...]) -> None:
    """Check that every entry has the required names, and finite numbers only."""
    for entry in entries:
        if not isinstance(entry, dict) or not entry.keys() >= set(names):
            raise WeightsMetadataError(
                f"{field}: expected {', '.join(names)} in every entry, got {entry}"
            )
        for name, value in entry.items():
            if type(value) not in (int, float) or not math.isfinite(value):
                raise WeightsMetadataError(
                    f"{field}: expected a finite number as {name}, got {value!r}"
                )
