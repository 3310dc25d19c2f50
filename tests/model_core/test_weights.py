"""Saving and loading weights files; each kind of invalid file has its own error."""

import dataclasses
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from model_core import errors
from model_core.abstention import ONLY_BLANK, Abstention
from model_core.architectures import ARCHITECTURES, build
from model_core.classifier import Classifier
from model_core.model_card import ModelCard
from model_core.safetensors_file import decode, encode
from model_core.weights import load_weights, pretrained_dir, save_weights
from tests.support.models import SHIPPED

CARD = ModelCard(
    architecture="notebook-dnn",
    version="1",
    labels=(0, 1, 2, 3, 4),
    input_shape=(14, 14),
    preprocessing="1",
    recipe={"name": "notebook", "epochs": 1},
    seed=3,
    metrics={"test_accuracy": 0.5},
    training_data_sha256="0" * 64,  # like the place of the digest before signing
    created="2026-01-01",
    libraries={"numpy": "2"},
    history=({"epoch": 1, "learning_rate": 0.1, "train_loss": 0.7, "train_accuracy": 0.5},),
)


@pytest.fixture
def classifier(rng: np.random.Generator) -> Classifier:
    """Return an untrained classifier."""
    return build(CARD.architecture, labels=CARD.labels, rng=rng)


@pytest.fixture
def path(tmp_path: Path, classifier: Classifier) -> Path:
    """Return a valid weights file."""
    save_weights(tmp_path / "model.safetensors", classifier, CARD)
    return tmp_path / "model.safetensors"


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_what_is_saved_is_loaded(
    tmp_path: Path, architecture: str, rng: np.random.Generator
) -> None:
    """Tensors and card are equal bit for bit, and the model gives the same answers."""
    classifier = build(architecture, labels=CARD.labels, rng=rng)
    card = dataclasses.replace(CARD, architecture=architecture)
    save_weights(tmp_path / "model.safetensors", classifier, card)

    loaded = load_weights(tmp_path / "model.safetensors")

    assert loaded.card == card
    for (name, ours), (other, theirs) in zip(
        classifier.network.named_parameters(),
        loaded.classifier.network.named_parameters(),
        strict=True,
    ):
        assert name == other
        assert_array_equal(ours.value, theirs.value)
    loaded.self_test()


def test_loaded_weights_are_read_only(path: Path) -> None:
    """Inference lays them out once."""
    assert not load_weights(path).classifier.network.values.flags.writeable


def test_the_digest_is_that_of_the_file(path: Path) -> None:
    """The digest is the SHA-256 of the file."""
    assert load_weights(path).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_same_model_gives_the_same_bytes(tmp_path: Path, classifier: Classifier) -> None:
    """The bytes depend on the model and its card only."""
    digests = {save_weights(tmp_path / f"{i}", classifier, CARD) for i in range(3)}

    assert len(digests) == 1


def test_any_safetensors_reader_opens_it(path: Path, classifier: Classifier) -> None:
    """The file is plain safetensors."""
    tensors = safetensors.numpy.load_file(path)

    assert tensors.keys() == dict(classifier.network.named_parameters()).keys()


Tamper = Callable[[dict[str, Any], dict[str, Any]], object]


def _card(**changes: Any) -> Tamper:
    return lambda _, document: document["card"].update(changes)


def _epoch(**changes: Any) -> Tamper:
    return lambda _, document: document["card"]["history"][0].update(changes)


def _rule(**changes: Any) -> Tamper:
    """Return a function that changes the thresholds of abstention."""
    return lambda _, document: document["card"]["abstention"].update(changes)


@pytest.mark.parametrize(
    ("tamper", "error", "message"),
    [
        (lambda t, _: t.pop("layers.1.bias"), errors.TensorNamesError, "missing .*layers.1.bias"),
        (lambda t, _: t.update(x=np.zeros(2, "f4")), errors.TensorNamesError, r"extra \['x'\]"),
        (
            lambda t, _: t.update({"layers.1.bias": np.zeros(17, "f4")}),
            errors.TensorShapeError,
            r"layers.1.bias: expected shape \(16,\), got \(17,\)",
        ),
        (
            lambda t, _: t.update({"layers.1.bias": np.zeros(16, "f8")}),
            errors.TensorDtypeError,
            "layers.1.bias: expected dtype F32, got F64",
        ),
        (
            lambda t, _: t.update({"layers.1.bias": np.full(16, np.nan, "f4")}),
            errors.TensorValueError,
            "layers.1.bias: expected finite values, got 16 that are not",
        ),
        (
            lambda t, _: t.update({"layers.1.bias": np.full(16, np.inf, "f4")}),
            errors.TensorValueError,
            "expected finite values",
        ),
        (
            lambda _, d: d.update(format_version=2),
            errors.FormatVersionError,
            "format version: expected 1, got 2",
        ),
        (
            _card(architecture="rnn"),
            errors.WeightsArchitectureError,
            "architecture: expected one of .* got 'rnn'",
        ),
        (_card(seed="three"), errors.WeightsMetadataError, "seed: expected int, got str"),
        (_card(labels=["a"]), errors.WeightsMetadataError, "labels: expected whole numbers"),
        (_card(input_shape=[28]), errors.WeightsMetadataError, "input_shape: expected whole"),
        (_card(input_shape=[28, 28]), errors.WeightsMetadataError, r"expected \(14, 14\)"),
        (
            lambda _, d: d["card"].pop("version"),
            errors.WeightsMetadataError,
            "version: expected in the metadata, got none",
        ),
        (_card(history={}), errors.WeightsMetadataError, "history: expected list, got dict"),
        (_card(history=[3]), errors.WeightsMetadataError, "history: expected epoch, .*, got 3"),
        (_card(history=[{"epoch": 1}]), errors.WeightsMetadataError, "expected epoch, learning"),
        (
            _card(abstention=None),
            errors.WeightsMetadataError,
            "abstention: expected dict, got N",
        ),
        (_card(abstention={}), errors.WeightsMetadataError, "abstention: expected temperature, am"),
        (
            _rule(temperature=0),
            errors.WeightsMetadataError,
            "abstention: temperature: expected a",
        ),
        (
            _rule(ambiguous="x"),
            errors.WeightsMetadataError,
            "finite number as ambiguous, got 'x'",
        ),
        (_rule(not_a_digit=2), errors.WeightsMetadataError, "not_a_digit: expected 0 to 1, or nul"),
        (_rule(not_a_digit=0.5), errors.TensorShapeError, r"expected shape .16, 6., got .16, 5."),
        (
            _card(reliability=[{"images": 1}]),
            errors.WeightsMetadataError,
            "reliability: expected",
        ),
        (_epoch(epoch=2), errors.WeightsMetadataError, "history: expected epoch 1, got 2"),
        (_epoch(train_loss="low"), errors.WeightsMetadataError, "as train_loss, got 'low'"),
        (_epoch(train_loss=True), errors.WeightsMetadataError, "as train_loss, got True"),
        (_epoch(validation_loss=[0]), errors.WeightsMetadataError, "as validation_loss, got"),
        (lambda _, d: d.pop("self_test"), errors.WeightsMetadataError, "self_test: expected"),
        (lambda _, d: d.pop("card"), errors.WeightsMetadataError, "architecture: expected"),
    ],
)
def test_a_file_with_wrong_content_is_refused(
    path: Path, tamper: Tamper, error: type[Exception], message: str
) -> None:
    """A file with a valid digest and invalid content has its own error, which names the file."""
    tensors, document = decode(path.read_bytes())
    tamper(tensors, document)
    path.write_bytes(encode(tensors, document))

    with pytest.raises(error, match=message) as caught:
        load_weights(path)

    assert type(caught.value) is error
    assert str(caught.value).startswith(f"{path}: ")


def test_an_older_file_without_abstention_has_the_defaults(path: Path) -> None:
    """An older file has the default thresholds and no reliability."""
    tensors, document = decode(path.read_bytes())
    del document["card"]["abstention"], document["card"]["reliability"]
    path.write_bytes(encode(tensors, document))

    pretrained = load_weights(path)

    assert pretrained.card.abstention == pretrained.classifier.abstention == ONLY_BLANK
    assert pretrained.card.reliability == ()


def test_thresholds_come_back_as_they_were(path: Path, rng: np.random.Generator) -> None:
    """Saved and loaded thresholds are equal, and the network has its reject class."""
    rule = Abstention(temperature=1.3, not_a_digit=0.7, ambiguous=0.6)
    classifier = build(CARD.architecture, labels=CARD.labels, rng=rng, abstention=rule)

    save_weights(path, classifier, dataclasses.replace(CARD, abstention=rule))

    loaded = load_weights(path)
    assert loaded.classifier.abstention == loaded.card.abstention == rule
    assert loaded.classifier.class_count == 6


def test_an_older_file_has_an_empty_history(path: Path) -> None:
    """An older card without the field has an empty history."""
    tensors, document = decode(path.read_bytes())
    del document["card"]["history"]
    path.write_bytes(encode(tensors, document))

    assert load_weights(path).card.history == ()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The error names the expected file."""
    with pytest.raises(errors.MissingWeightsFileError, match=r"gone.safetensors: .* No such file"):
        load_weights(tmp_path / "gone.safetensors")


@pytest.mark.parametrize("length", [0, 5, 8, 100, 2000, -1])
def test_a_truncated_file_is_refused(path: Path, length: int) -> None:
    """A file truncated at any point is corrupt."""
    path.write_bytes(path.read_bytes()[:length])

    with pytest.raises(errors.CorruptWeightsFileError, match="expected a complete safetensors"):
        load_weights(path)


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        (None, "got one without"),
        ({"format": "pt"}, "got one without"),
        ({"digitserve": "{"}, "expected JSON"),
        ({"digitserve": "[]"}, "expected a JSON object"),
    ],
)
def test_a_file_of_another_kind_is_refused(
    path: Path, metadata: dict[str, str] | None, message: str
) -> None:
    """A safetensors file without our metadata is corrupt."""
    tensors = {"x": np.zeros(3, np.float32)}
    path.write_bytes(safetensors.numpy.save(tensors, metadata=metadata))

    with pytest.raises(errors.CorruptWeightsFileError, match=message):
        load_weights(path)


def test_a_flipped_byte_in_the_weights_is_found(path: Path) -> None:
    """A changed weight does not match the digest."""
    content = bytearray(path.read_bytes())
    content[-100] ^= 1
    path.write_bytes(content)

    with pytest.raises(errors.WeightsDigestError, match="expected SHA-256"):
        load_weights(path)


_SOUND = encode({"w": np.arange(40, dtype=np.float32)}, {"card": {}, "self_test": []})


@settings(max_examples=300)
@given(position=st.integers(0, len(_SOUND) - 1), bit=st.integers(0, 7))
def test_no_flipped_bit_goes_unnoticed(position: int, bit: int) -> None:
    """Any flipped bit, in the header or in the weights, is one of our errors."""
    content = bytearray(_SOUND)
    content[position] ^= 1 << bit

    with pytest.raises(errors.WeightsFileError):
        decode(bytes(content))


def test_nan_is_not_saved(tmp_path: Path, classifier: Classifier) -> None:
    """A diverged model is not saved, and the old file is unchanged."""
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"old")
    next(classifier.network.named_parameters())[1].value[0, 0] = np.nan

    with pytest.raises(errors.TensorValueError, match="got 1 that are not"):
        save_weights(path, classifier, CARD)

    assert path.read_bytes() == b"old"


def test_the_self_test_finds_a_model_that_answers_otherwise(path: Path) -> None:
    """The self-test detects a changed weight."""
    loaded = load_weights(path)
    _, parameter = list(loaded.classifier.network.named_parameters())[-1]
    parameter.value = parameter.value + np.arange(5, dtype=np.float32)

    with pytest.raises(errors.SelfTestError, match="self-test: expected"):
        loaded.self_test()


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_weights_are_sound(name: str) -> None:
    """Both models load, pass their self-test and have their metrics."""
    pretrained = load_weights(pretrained_dir() / f"{name}.safetensors")

    pretrained.self_test()

    assert pretrained.card.labels == tuple(range(10 if name == "cnn10" else 5))
    assert (
        pretrained.card.metrics["test_accuracy"] > {"cnn": 0.99, "cnn10": 0.99, "dnn": 0.98}[name]
    )
    assert json.loads(json.dumps(pretrained.card.to_dict())) == pretrained.card.to_dict()


def test_every_error_is_in_the_tree() -> None:
    """The tree at the top of errors.py has every class."""
    drawing = str(errors.__doc__)

    for name, value in vars(errors).items():
        if isinstance(value, type):
            assert name in drawing


def test_the_shipped_models_are_those_that_the_tests_know() -> None:
    """A model that is missing, or one that no test knows, is seen here."""
    assert sorted(path.stem for path in pretrained_dir().glob("*.safetensors")) == SHIPPED
