"""Saving and loading of weights files, with validation of everything in the file."""

import hashlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from model_core.architectures import build
from model_core.atomic_write import write_atomically
from model_core.classifier import Classifier
from model_core.errors import (
    MissingWeightsFileError,
    SelfTestError,
    TensorNamesError,
    TensorShapeError,
    TensorValueError,
    UnknownArchitectureError,
    WeightsArchitectureError,
    WeightsFileError,
    WeightsMetadataError,
)
from model_core.model_card import ModelCard
from model_core.parameter import Array
from model_core.safetensors_file import decode, encode

# Rounding differs between BLAS libraries by less than this; one wrong weight by far more.
SELF_TEST_TOLERANCE = 1e-3


class Pretrained(NamedTuple):
    """A classifier with its model card; ``sha256`` is the digest of the whole weights file."""

    classifier: Classifier
    card: ModelCard
    sha256: str
    self_test_probabilities: Array

    def self_test(self) -> None:
        """Compare the probabilities for fixed noise images with those stored in the file.

        Raises: SelfTestError if any probability differs by more than 1e-3.
        """
        got = _self_test_answers(self.classifier)
        expected = self.self_test_probabilities
        if got.shape != expected.shape or not np.allclose(
            got, expected, rtol=0, atol=SELF_TEST_TOLERANCE
        ):
            raise SelfTestError(f"self-test: expected {expected.tolist()}, got {got.tolist()}")


def pretrained_dir() -> Path:
    """Return the directory of the weights files shipped with the package."""
    return Path(__file__).parent / "pretrained"


def save_weights(path: Path, classifier: Classifier, card: ModelCard) -> str:
    """Write a weights file atomically and return its SHA-256 in hex.

    The same classifier and card give the same bytes.
    Raises: TensorValueError if a weight is not finite; OSError if the file cannot be written.
    """
    tensors = {name: p.value for name, p in classifier.network.named_parameters()}
    _check_values(tensors)
    answers = _self_test_answers(classifier).tolist()
    content = encode(tensors, {"card": card.to_dict(), "self_test": answers})
    write_atomically(path, content)
    return hashlib.sha256(content).hexdigest()


def load_weights(path: Path) -> Pretrained:
    """Load a weights file after validating digest, metadata and tensors.

    Raises: a WeightsFileError whose message begins with the path.
    """
    try:
        return _read(path)
    except WeightsFileError as error:
        raise type(error)(f"{path}: {error}") from error.__cause__


def _read(path: Path) -> Pretrained:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise MissingWeightsFileError(f"expected a weights file, got {error.strerror}") from error
    tensors, document = decode(content)
    card = ModelCard.from_dict(document.get("card", {}))
    classifier = _build(card)
    _fill(classifier, tensors)
    classifier.network.freeze()
    digest = hashlib.sha256(content).hexdigest()
    return Pretrained(classifier, card, digest, _stored_answers(document))


def _build(card: ModelCard) -> Classifier:
    try:
        classifier = build(
            card.architecture,
            labels=card.labels,
            rng=np.random.default_rng(0),
            abstention=card.abstention,
        )
    except UnknownArchitectureError as error:
        raise WeightsArchitectureError(str(error)) from None
    if classifier.input_shape != card.input_shape:
        raise WeightsMetadataError(
            f"input_shape: expected {classifier.input_shape}, got {card.input_shape}"
        )
    return classifier


def _fill(classifier: Classifier, tensors: dict[str, Array]) -> None:
    parameters = dict(classifier.network.named_parameters())
    if parameters.keys() != tensors.keys():
        missing = sorted(parameters.keys() - tensors.keys())
        extra = sorted(tensors.keys() - parameters.keys())
        raise TensorNamesError(
            f"tensors: expected those of the architecture, got missing {missing}, extra {extra}"
        )
    for name, parameter in parameters.items():
        if tensors[name].shape != parameter.value.shape:
            raise TensorShapeError(
                f"tensor {name}: expected shape {parameter.value.shape}, got {tensors[name].shape}"
            )
        parameter.value[...] = tensors[name]
    _check_values(tensors)


def _check_values(tensors: dict[str, Array]) -> None:
    for name, tensor in tensors.items():
        if not np.isfinite(tensor).all():
            bad = int(np.count_nonzero(~np.isfinite(tensor)))
            raise TensorValueError(f"tensor {name}: expected finite values, got {bad} that are not")


def _self_test_answers(classifier: Classifier) -> Array:
    noise = np.random.default_rng(0).random((4, *classifier.input_shape), np.float32)
    return classifier.probabilities(noise)


def _stored_answers(document: dict[str, Any]) -> Array:
    try:
        return np.asarray(document["self_test"], np.float64)
    except (KeyError, TypeError, ValueError):
        raise WeightsMetadataError("self_test: expected rows of probabilities, got none") from None
